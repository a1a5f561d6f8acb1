"""The lock of the definitions: what may change silently, what needs a version, what is told."""

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner

from assets.cli import cli
from pipelines import definitions
from pipelines.catalogue import Catalogue, Model, load_catalogue
from pipelines.definitions import check_definitions, fingerprint, read_lock, renew_lock


@pytest.fixture(scope="module")
def model() -> Model:
    return load_catalogue().models["kpis.orders"]


@pytest.fixture
def lock(model: Model, tmp_path: Path) -> Path:
    """Return a lock that holds the one metric as it is."""
    path = tmp_path / "definitions.lock"
    assert renew_lock(gather(model), (), path) == []
    return path


def gather(*models: Model) -> Catalogue:
    """Return a catalogue of some metrics."""
    return Catalogue({model.name: model for model in models}, {})


def redefine(model: Model, version: int | None = None) -> Model:
    """Return a metric with another query and, where one is given, another version."""
    changed = dataclasses.replace(model, query=model.query.replace("facts", "other_facts"))
    return changed if version is None else set_version(changed, version)


def set_version(model: Model, version: int) -> Model:
    """Return a metric with another version."""
    assert model.header.kpi is not None
    kpi = model.header.kpi.model_copy(update={"version": version})
    return dataclasses.replace(model, header=model.header.model_copy(update={"kpi": kpi}))


def get_version(model: Model) -> int:
    """Return the version of a metric."""
    assert model.header.kpi is not None
    return model.header.kpi.version


def test_the_definitions_of_the_project_are_locked() -> None:
    assert check_definitions(load_catalogue()) == []


def test_layout_and_comments_are_no_definition(model: Model, lock: Path) -> None:
    laid_out = dataclasses.replace(model, query="-- faster\n" + model.query.replace("\n", "\n\n"))
    assert check_definitions(gather(laid_out), lock) == []


def test_a_changed_query_or_text_needs_a_higher_version(model: Model, lock: Path) -> None:
    header = model.header.model_copy(update={"description": "Something else."})
    for changed in (redefine(model), dataclasses.replace(model, header=header)):
        (problem,) = check_definitions(gather(changed), lock)
        assert problem.startswith("kpis.orders: its definition changed and its version is still")
        assert "regulars check --lock" in problem
        assert renew_lock(gather(changed), (), lock) == [problem]
    assert check_definitions(gather(model), lock) == []


def test_a_raised_version_is_locked_by_the_command(model: Model, lock: Path) -> None:
    raised = redefine(model, get_version(model) + 1)
    (problem,) = check_definitions(gather(raised), lock)
    assert problem.endswith("is not in definitions.lock; run `regulars check --lock`.")
    assert renew_lock(gather(raised), (), lock) == []
    assert check_definitions(gather(raised), lock) == []
    assert read_lock(lock)["orders"].fingerprint == fingerprint(raised)


def test_a_version_never_falls(model: Model, lock: Path) -> None:
    (problem,) = check_definitions(gather(set_version(model, 0)), lock)
    assert "is lower than" in problem


def test_a_person_may_say_that_every_number_stays(model: Model, lock: Path) -> None:
    assert renew_lock(gather(redefine(model)), ("orders",), lock) == []
    assert read_lock(lock)["orders"].version == get_version(model)


def test_new_and_removed_metrics_are_told(model: Model, lock: Path) -> None:
    other = dataclasses.replace(model, name="kpis.visits")
    new, gone = check_definitions(gather(other), lock)
    assert new.startswith("kpis.visits: version")
    assert gone.startswith("kpis.orders: it is in definitions.lock and has no file")


def test_the_command_locks_and_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "definitions.lock"
    monkeypatch.setattr(definitions, "LOCK", path)
    result = CliRunner().invoke(cli, ["check", "--lock"])
    assert result.exit_code == 0, result.output
    assert "orders" in read_lock(path)
    path.write_text(path.read_text("utf-8").replace("\norders ", "\norders 9"), encoding="utf-8")
    result = CliRunner().invoke(cli, ["check", "--lock", "--same", "net_sales"])
    assert "is lower than" in result.output
