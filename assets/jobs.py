"""The one job and its nightly schedules.

What the job runs are all assets; there is no other way to make a snapshot.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.dataset import load_dataset
from pipelines.errors import RegularsError

JOB_NAME = "nightly"
DATASETS_VARIABLE = "REGULARS_DATASETS"
SAMPLE = Path(__file__).resolve().parent.parent / "data_samples" / "complete_journey"
# After midnight, when the shops have closed and exported; every data set by its own clock.
NIGHTLY = "30 2 * * *"


def find_datasets() -> list[Path]:
    """Return the folders of the data sets to serve: those of the environment, or the sample."""
    named = os.environ.get(DATASETS_VARIABLE, "")
    return [Path(name).resolve() for name in named.split(os.pathsep) if name] or [SAMPLE]


def configure_run(
    dataset: Path, as_of: str = "latest", output: str = "", engine: str = "duckdb"
) -> dict[str, Any]:
    """Return the run configuration of the job."""
    values = {"dataset": str(dataset), "as_of": as_of, "output": output, "engine": engine}
    return {"resources": {"run_parameters": {"config": values}}}


@dg.failure_hook
def explain_failure(context: dg.HookContext) -> None:
    """Say in one line of the log what a user can act on; the traceback below it is for others."""
    if isinstance(context.op_exception, RegularsError):
        context.log.error(str(context.op_exception))


def make_job(datasets: Sequence[Path]) -> Any:
    """Return the job, with the first data set prefilled in the Launchpad."""
    return dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.all(),
        config=configure_run(datasets[0]),
        hooks={explain_failure},
        description="Exports in, a published snapshot out. 从导出文件到发布快照。",
    )


def make_schedules(job: Any, datasets: Sequence[Path]) -> list[dg.ScheduleDefinition]:
    """Return a nightly schedule for each data set, in its own time zone, switched off at first."""
    schedules = []
    for folder in datasets:
        dataset = load_dataset(folder)
        schedules.append(
            dg.ScheduleDefinition(
                name=f"nightly_{dataset.name.replace('-', '_')}",
                job=job,
                cron_schedule=NIGHTLY,
                execution_timezone=dataset.timezone,
                run_config=configure_run(folder),
                description=f"Every night at 02:30, {dataset.timezone}. 每晚 02:30 运行。",
            )
        )
    return schedules
