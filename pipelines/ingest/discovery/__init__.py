"""A first dataset.yaml from looking at a folder: files recognised, explained, written for a person.

A guess to correct; how files are read once it is settled stands in `pipelines.ingest.tables`.
"""
