"""One asset for each model and fitted table of the catalogue, derived from its header.

How a table is made stands in `pipelines.runs`; what it means in `sql/`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.metadata import describe_columns, describe_model, find_key, list_check_names
from pipelines.catalogue import Catalogue, Model
from pipelines.quality import CheckResult
from pipelines.runs import Run, refuse_failed_checks


def make_model_asset(model: Model) -> dg.AssetsDefinition:
    """Return the asset of one model, with a check for each check of its header."""
    names = list_check_names(model)
    key = find_key(model.name)

    @dg.asset(
        key=key,
        deps=[find_key(name) for name in sorted(model.depends_on)],
        group_name=model.layer,
        description=describe_model(model),
        metadata={"dagster/column_schema": describe_columns(model.header.columns)},
        kinds={"sql"},
        check_specs=[
            dg.AssetCheckSpec(short, asset=key, description=full, blocking=True)
            for full, short in names.items()
        ],
    )
    def build(
        run_parameters: dg.ResourceParam[Run],
    ) -> Iterator[dg.MaterializeResult[None]]:
        rows = run_parameters.build(model.name)
        results = run_parameters.inspect(model.name)
        yield dg.MaterializeResult(
            metadata=describe_result(model, rows, run_parameters),
            check_results=[report_check(result, names[result.name]) for result in results],
        )
        refuse_failed_checks({model.name: results})

    return build


def report_check(result: CheckResult, name: str) -> dg.AssetCheckResult:
    """Return a check's result as Dagster shows it; counts and a sentence, never values."""
    return dg.AssetCheckResult(
        check_name=name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=result.sentence,
        metadata={"failing_rows": result.failing_count},
    )


def describe_result(model: Model, rows: int, run: Run) -> dict[str, Any]:
    """Return rows, column types and, to be plotted over the runs, a KPI's latest complete month."""
    types = run.engine.column_types(model.name)
    described: dict[str, Any] = {
        "dagster/row_count": rows,
        "dagster/column_schema": describe_columns(model.header.columns, types),
    }
    value = run.read_headline(model.name) if model.header.kpi else None
    return described if value is None else described | {"latest_complete_month": value}


def make_fitted_asset(catalogue: Catalogue, name: str) -> dg.AssetsDefinition:
    """Return the asset of a raw table that is made from models."""
    table = catalogue.raw[name]

    @dg.asset(
        key=find_key(name),
        deps=[find_key(source) for source in sorted(table.depends_on)],
        group_name="fitted",
        description=table.description,
        metadata={"dagster/column_schema": describe_columns(table.meanings)},
        kinds={"python"},
    )
    def fit(run_parameters: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"dagster/row_count": run_parameters.build(name)})

    return fit


def make_model_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Return an asset for everything that the catalogue makes."""
    return [
        make_model_asset(catalogue.models[name])
        if name in catalogue.models
        else make_fitted_asset(catalogue, name)
        for name in catalogue.order
    ]
