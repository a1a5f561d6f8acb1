"""Generated data sets of any size, for benchmarks and demonstrations.

Reading, scoring and publishing data sets does not belong here.
"""
