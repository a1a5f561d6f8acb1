"""What several tests share because it is slow to make: the sample, and one whole run of it."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from pipelines.snapshots import POINTER, Snapshot, open_snapshot

SAMPLE = Path(__file__).parents[1] / "data_samples" / "complete_journey"
EXIT_STATUS = pytest.StashKey[int]()
# Warnings are errors, but for those of libraries about what they do themselves.
FOREIGN_WARNINGS = ("ignore:module 'sre_\\w+' is deprecated:DeprecationWarning",)


def pytest_configure(config: pytest.Config) -> None:
    for warning in FOREIGN_WARNINGS:
        config.addinivalue_line("filterwarnings", warning)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End without tearing down DuckDB's binding, whose warnings would bury the results."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(config.stash.get(EXIT_STATUS, 0))


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    """Return the folder of the bundled sample."""
    return SAMPLE


@pytest.fixture(scope="session")
def sample_snapshot(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Return what the job publishes from the sample, made once for all processes of the session."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        output = shared / "sample" / "output"
        if not (output / POINTER).exists():
            publish_sample(sample_folder, output, tmp_path_factory.mktemp("dagster_home"))
    return open_snapshot(output)


def publish_sample(sample_folder: Path, output: Path, home: Path) -> None:
    """Run the job on the sample, with a home of Dagster of its own."""
    from assets.home import HOME_VARIABLE
    from assets.launching import launch_job
    from pipelines.runs import RunRequest

    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(home)
    try:
        assert launch_job(RunRequest(sample_folder, output=output)).is_published
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before
