"""What exists, as Dagster sees it: assets, checks, job, schedules, and the `regulars` command.

How a table is made stands in `pipelines`; nothing here computes a number.
"""
