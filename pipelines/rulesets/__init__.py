"""Rule sets as data: which segment each cell of scores belongs to, one YAML file a set.

How a set is read stands in `pipelines.scoring`.
"""
