"""Dagster's home: where it keeps its runs, made once, whoever comes first.

What a run publishes lives elsewhere; losing this folder loses history of runs, no result.
"""

import fcntl
import os
from pathlib import Path

import dagster as dg

from pipelines import publishing

HOME_VARIABLE = "DAGSTER_HOME"
SETTINGS = Path(__file__).resolve().parent.parent / "dagster.yaml"


def open_instance() -> dg.DagsterInstance:
    """Return the instance of the home, made under a lock where it is new.

    Concurrent first starts would otherwise break the fresh databases.
    """
    home = Path(os.environ.setdefault(HOME_VARIABLE, str(publishing.OUTPUT_ROOT / ".dagster")))
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        settings = home / "dagster.yaml"
        if not settings.exists():
            settings.write_bytes(SETTINGS.read_bytes())
        instance = dg.DagsterInstance.get()
        instance.get_run_records(limit=1)
        instance.all_asset_keys()
    return instance
