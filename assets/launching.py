"""The job launched from the command line: the same job that the UI and the schedule launch.

What is printed about it stands in `assets.cli`.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assets.definitions import build_defs
from assets.home import open_instance
from assets.jobs import JOB_NAME, configure_run
from assets.outputs import SNAPSHOT
from pipelines.errors import RegularsError
from pipelines.machine import explain_limit
from pipelines.runs import RunRequest


@dataclass(frozen=True)
class Launched:
    """How a launched job ended: the snapshot of its inputs, and whether it is a new one."""

    folder: Path
    is_published: bool


# A backfill's runs are not recorded: the newest in the UI would be of old months.
UNRECORDED = {"telemetry": {"enabled": False}}


def launch_job(request: RunRequest) -> Launched:
    """Run the nightly job in this process and record it in Dagster's home.

    Raises the RegularsError that stopped it, if one did.
    """
    with open_instance() as instance:
        (launched,) = execute_jobs(instance, [request])
    return launched


def launch_jobs(requests: Sequence[RunRequest]) -> Iterator[Launched]:
    """Run the nightly job for each request on one data set, one after the other, unrecorded.

    What is slow to start is started once. Yields how each ended; raises the RegularsError that
    stopped one, and the rest are not run.
    """
    with dg.DagsterInstance.ephemeral(settings=UNRECORDED) as instance:
        yield from execute_jobs(instance, requests)


def execute_jobs(
    instance: dg.DagsterInstance, requests: Sequence[RunRequest]
) -> Iterator[Launched]:
    """Run the job for each request on an instance and yield how each ended."""
    warnings.simplefilter("ignore", dg.BetaWarning)
    # Not "dagster": the job sets that one's level itself.
    logging.getLogger("dagster._core").setLevel(logging.ERROR)
    job = build_defs([requests[0].dataset]).resolve_job_def(JOB_NAME)
    for request in requests:
        output = str(request.output.resolve()) if request.output else ""
        folder = request.dataset.resolve()
        config = configure_run(folder, request.as_of, output, request.engine)
        config["loggers"] = {"console": {"config": {"log_level": "CRITICAL"}}}
        try:
            result = job.execute_in_process(instance=instance, run_config=config)
        except Exception as error:
            raise find_cause(error) from error
        yield find_snapshot(result)


def find_cause(error: BaseException) -> BaseException:
    """Return the error that a user can act on, however deep Dagster has wrapped it."""
    cause: BaseException | None = error
    seen: set[int] = set()  # chains of errors that were raised while handling can be circles
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, RegularsError):
            return cause
        if (limit := explain_limit(cause)) is not None:
            return limit
        cause = cause.__cause__ or cause.__context__
    return error


def find_snapshot(result: dg.ExecuteInProcessResult) -> Launched:
    """Return what a successful run says of its snapshot."""
    for event in reversed(result.all_events):
        if event.asset_key == SNAPSHOT and event.is_step_materialization:
            return Launched(read_folder(event.step_materialization_data.materialization), True)
        if event.asset_key == SNAPSHOT and event.is_asset_observation:
            return Launched(read_folder(event.asset_observation_data.asset_observation), False)
    raise RuntimeError("The job succeeded without a word on its snapshot.")


def read_folder(event: dg.AssetMaterialization | dg.AssetObservation) -> Path:
    """Return the snapshot's folder from an event's metadata."""
    return Path(str(event.metadata["folder"].value))
