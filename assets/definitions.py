"""The code location: all assets, the job, what starts it and the one resource, put together.

Nothing is defined here; tests get the same location with other data sets or resources.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assets.files import landed, make_raw_asset
from assets.jobs import find_datasets, make_job, make_schedules
from assets.models import make_model_assets
from assets.outputs import make_output_assets
from assets.resources import RunParameters
from assets.sensors import make_sensors
from pipelines.catalogue import load_catalogue


def build_defs(
    datasets: Sequence[Path] | None = None, resource_overrides: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """Return the code location for some data sets, those of the environment by default."""
    folders = list(datasets) if datasets is not None else find_datasets()
    catalogue = load_catalogue()
    job = make_job(folders)
    return dg.Definitions(
        assets=[
            landed,
            make_raw_asset(catalogue),
            *make_model_assets(catalogue),
            *make_output_assets(catalogue),
        ],
        jobs=[job],
        schedules=make_schedules(job, folders),
        sensors=make_sensors(job, folders),
        resources={
            "run_parameters": RunParameters(dataset=str(folders[0])),
            **(resource_overrides or {}),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def regulars() -> dg.Definitions:
    """Return the code location that the UI and the daemon load."""
    return build_defs()
