"""Export profiles as data: what each export of each system looks like, one YAML file an export.

How a profile is read stands in `pipelines.exports`; how it meets a file in
`pipelines.ingest.profiles`.
"""
