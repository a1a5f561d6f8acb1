"""The sensors that start the nightly job when new files are complete, one for each data set.

When files are complete stands in `pipelines.arrival`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assets.jobs import configure_run
from pipelines.arrival import look
from pipelines.dataset import load_dataset

INTERVAL_SECONDS = 60


def make_sensors(job: Any, datasets: Sequence[Path]) -> list[dg.SensorDefinition]:
    """Return a sensor for each data set, switched off at first."""
    return [make_sensor(job, folder) for folder in datasets]


def make_sensor(job: Any, folder: Path) -> dg.SensorDefinition:
    """Return the sensor of a data set; its cursor is what one look leaves to the next."""

    @dg.sensor(
        name=f"arrival_{load_dataset(folder).name.replace('-', '_')}",
        job=job,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts when new files are complete and nothing changes any more."
        " 新文件到齐且不再变化时运行。",
    )
    def watch_files(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        found = look(folder, context.cursor)
        if found.run_key is None:
            return dg.SensorResult(skip_reason=found.sentence, cursor=found.memory)
        request = dg.RunRequest(run_key=found.run_key, run_config=configure_run(folder))
        return dg.SensorResult(run_requests=[request], cursor=found.memory)

    return watch_files
