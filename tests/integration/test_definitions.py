"""The code location as a whole: what is in it, so that a change of the graph shows in review.

What the assets do when they run is tested by the runs.
"""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import build_defs
from assets.jobs import JOB_NAME
from assets.metadata import find_key
from pipelines.catalogue import Catalogue, load_catalogue

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = CHECKOUT / "data_samples" / "complete_journey"
GRAPH = Path(__file__).with_suffix(".json")
RENEW = (
    f"The asset graph is another than {GRAPH.name} says. Where that is meant, renew it with "
    "`.venv/bin/python -m tests.integration.test_definitions` and let the difference be reviewed."
)
MODULES = ("definitions", "files", "jobs", "models", "outputs", "sensors")


def make_dataset(folder: Path, name: str, timezone: str) -> Path:
    """Write a data set of which only the name and the time zone matter."""
    folder.mkdir()
    text = (SAMPLE / "dataset.yaml").read_text(encoding="utf-8")
    text = text.replace("name: complete_journey", f"name: {name}")
    text = text.replace("timezone: America/New_York", f"timezone: {timezone}")
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")
    return folder


def describe_graph(definitions: dg.Definitions) -> dict[str, object]:
    """Return asset: what it depends on, and how many checks there are."""
    graph = definitions.resolve_asset_graph()
    return {
        "assets": {
            key.to_user_string(): sorted(
                parent.to_user_string() for parent in graph.get(key).parent_keys
            )
            for key in sorted(graph.get_all_asset_keys())
        },
        "check_count": len(graph.asset_check_keys),
    }


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_defs([SAMPLE])


def list_specs(definitions: dg.Definitions) -> Sequence[dg.AssetSpec]:
    return definitions.resolve_all_asset_specs()


def test_graph_is_as_reviewed(definitions: dg.Definitions) -> None:
    assert describe_graph(definitions) == json.loads(GRAPH.read_text(encoding="utf-8")), RENEW


def test_every_asset_is_described_and_grouped(definitions: dg.Definitions) -> None:
    bare = [
        spec.key.to_user_string()
        for spec in list_specs(definitions)
        if not spec.description or spec.group_name in {None, "default"}
    ]
    assert bare == []


def test_models_depend_on_what_their_queries_read(
    definitions: dg.Definitions, catalogue: Catalogue
) -> None:
    specs = {spec.key: spec for spec in list_specs(definitions)}
    for name, model in catalogue.models.items():
        given = {dependency.asset_key for dependency in specs[find_key(name)].deps}
        assert given == {find_key(source) for source in model.depends_on}, name


def test_models_have_a_check_of_all_that_their_headers_assert(
    definitions: dg.Definitions, catalogue: Catalogue
) -> None:
    graph = definitions.resolve_asset_graph()
    checked = {find_key(n) for n, model in catalogue.models.items() if model.header.checks}
    assert {key.asset_key for key in graph.asset_check_keys} == checked
    assert len(graph.asset_check_keys) == len(checked)


def test_column_schemas_are_those_of_the_headers(
    definitions: dg.Definitions, catalogue: Catalogue
) -> None:
    specs = {spec.key: spec for spec in list_specs(definitions)}
    for name, model in catalogue.models.items():
        schema = specs[find_key(name)].metadata["dagster/column_schema"]
        meanings = model.header.explain_columns()
        assert {c.name: c.description for c in schema.columns} == meanings, name


@pytest.mark.parametrize("module", MODULES)
def test_no_asset_is_left_loose_in_a_module(definitions: dg.Definitions, module: str) -> None:
    names = vars(importlib.import_module(f"assets.{module}")).values()
    loose = {key for value in names if isinstance(value, dg.AssetsDefinition) for key in value.keys}
    assert loose <= {spec.key for spec in list_specs(definitions)}


def test_one_job_runs_everything_in_one_process(definitions: dg.Definitions) -> None:
    names = [job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("_")]
    assert names == [JOB_NAME]
    job = definitions.resolve_job_def(JOB_NAME)
    assert job.asset_layer.executable_asset_keys == {spec.key for spec in list_specs(definitions)}
    assert job.executor_def is dg.in_process_executor


def test_launchpad_is_prefilled(definitions: dg.Definitions) -> None:
    config = definitions.resolve_job_def(JOB_NAME).run_config
    assert config is not None
    assert config["resources"]["run_parameters"]["config"] == {
        "dataset": str(SAMPLE),
        "as_of": "latest",
        "output": "",
        "engine": "duckdb",
    }


def test_schedules_follow_the_clock_of_their_data_sets(tmp_path: Path) -> None:
    tea_house = make_dataset(tmp_path / "a", "tea_house", "Asia/Shanghai")
    corner_shop = make_dataset(tmp_path / "b", "corner-shop", "Europe/Berlin")
    repository = build_defs([tea_house, corner_shop]).get_repository_def()
    found = {schedule.name: schedule for schedule in repository.schedule_defs}
    zones = {name: found[name].execution_timezone for name in sorted(found)}
    assert zones == {"nightly_corner_shop": "Europe/Berlin", "nightly_tea_house": "Asia/Shanghai"}
    for name, folder in {
        "nightly_tea_house": tea_house,
        "nightly_corner_shop": corner_shop,
    }.items():
        assert found[name].default_status is dg.DefaultScheduleStatus.STOPPED
        requests = found[name].evaluate_tick(dg.build_schedule_context()).run_requests
        assert requests is not None
        config = requests[0].run_config["resources"]["run_parameters"]["config"]
        assert (config["dataset"], config["as_of"]) == (str(folder), "latest")


def test_environment_names_the_data_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_dataset(tmp_path / "a", "tea_house", "Asia/Shanghai")
    monkeypatch.setenv("REGULARS_DATASETS", str(folder))
    repository = build_defs().get_repository_def()
    assert [schedule.name for schedule in repository.schedule_defs] == ["nightly_tea_house"]


if __name__ == "__main__":
    described = describe_graph(build_defs([SAMPLE]))
    GRAPH.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
