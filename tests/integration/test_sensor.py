"""That Dagster starts the nightly job when files have come, and what it says until then.

When files are complete is tested in test_arrival.py.
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import build_defs
from assets.jobs import JOB_NAME
from pipelines import publishing
from pipelines.snapshots import open_snapshot
from tests.integration.small_shop import SETTINGS, find_state, open_shop

SENSOR = "arrival_small_shop"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return open_shop().write(tmp_path / "shop")


@pytest.fixture
def repository(folder: Path) -> dg.RepositoryDefinition:
    return build_defs([folder]).get_repository_def()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


class Daemon:
    """Evaluates the sensor again and again and keeps its cursor, as Dagster's daemon does."""

    def __init__(self, repository: dg.RepositoryDefinition, instance: dg.DagsterInstance) -> None:
        self.sensor = repository.get_sensor_def(SENSOR)
        self.instance = instance
        self.cursor: str | None = None

    def evaluate(self) -> tuple[str | None, list[dg.RunRequest]]:
        """Return why nothing is to start, and the requests for runs."""
        with dg.build_sensor_context(self.instance, self.cursor) as context:
            tick = self.sensor.evaluate_tick(context)
        self.cursor = tick.cursor
        return tick.skip_message, list(tick.run_requests or [])


@pytest.fixture
def daemon(repository: dg.RepositoryDefinition, instance: dg.DagsterInstance) -> Daemon:
    return Daemon(repository, instance)


def test_each_data_set_has_a_sensor_that_is_off_at_first(folder: Path, tmp_path: Path) -> None:
    other = open_shop().write(tmp_path / "other")
    text = SETTINGS.replace("name: small_shop", "name: corner-shop")
    (other / "dataset.yaml").write_text(text, encoding="utf-8")
    sensors = build_defs([folder, other]).get_repository_def().sensor_defs
    assert {sensor.name for sensor in sensors} == {SENSOR, "arrival_corner_shop"}
    for sensor in sensors:
        assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
        assert sensor.minimum_interval_seconds == 60
        assert [target.job_name for target in sensor.targets] == [JOB_NAME]


def test_files_that_have_settled_are_run_and_published(
    folder: Path,
    repository: dg.RepositoryDefinition,
    instance: dg.DagsterInstance,
    daemon: Daemon,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(publishing, "OUTPUT_ROOT", tmp_path / "output")
    assert daemon.evaluate() == (
        "5 files are seen for the first time; waiting until nothing changes in 2 evaluations.",
        [],
    )
    assert daemon.evaluate()[1] == []
    skipped, [request] = daemon.evaluate()
    assert skipped is None
    assert request.run_key is not None
    result = repository.get_job(JOB_NAME).execute_in_process(
        run_config=request.run_config, instance=instance, tags=request.tags
    )
    assert result.success
    output = tmp_path / "output" / "small_shop"
    find_state(output)
    landed = {file["name"] for file in open_snapshot(output).manifest["inputs"]}
    assert landed == {"orders.csv", "refunds.csv", "members.csv", "merges.csv"}
    assert daemon.evaluate() == ("Nothing new: a run was started for these files.", [])


def test_later_files_start_another_run(folder: Path, daemon: Daemon) -> None:
    first = [daemon.evaluate()[1] for _ in range(3)][-1]
    orders = (folder / "orders.csv").read_bytes()
    (folder / "orders_2.csv").write_bytes(orders[:-40])
    skipped, requests = daemon.evaluate()
    assert (skipped, requests) == (
        "orders_2.csv is new; waiting until nothing changes in 2 evaluations.",
        [],
    )
    (folder / "orders_2.csv").write_bytes(orders)
    second = [daemon.evaluate()[1] for _ in range(3)]
    assert [len(requests) for requests in second] == [0, 0, 1]
    assert second[-1][0].run_key != first[0].run_key


def test_broken_settings_are_a_sentence_and_no_failure(folder: Path, daemon: Daemon) -> None:
    (folder / "dataset.yaml").write_text("name: small_shop\nname: twice\n", encoding="utf-8")
    skipped, requests = daemon.evaluate()
    assert requests == []
    assert skipped is not None
    assert skipped.endswith("dataset.yaml, line 2: name stands twice; remove one.")
