"""How each table is made: engines, models, ingest, scoring, clustering, checks, snapshots, report.

Plain Python; nothing here knows of Dagster.
"""
