"""One asset for each model and fitted table of the catalogue, derived from its header.

How a table is made stands in `pipelines.runs`; what it means in `sql/`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from assets.metadata import describe_columns, describe_model, find_key, list_check_names
from pipelines.catalogue import Catalogue, Model
from pipelines.quality import CheckResult
from pipelines.runs import Run, refuse_failed_checks


def make_step(name: str, models: Sequence[Model]) -> dg.AssetsDefinition:
    """Return one step that makes the assets of some models, in order, and runs their checks."""

    @dg.multi_asset(
        name=name,
        specs=[describe_asset(model) for model in models],
        check_specs=[spec for model in models for spec in describe_checks(model)],
    )
    def build(
        run_parameters: dg.ResourceParam[Run],
    ) -> Iterator[dg.MaterializeResult[None]]:
        for model in models:
            rows = run_parameters.build(model.name)
            results = run_parameters.inspect(model.name)
            yield dg.MaterializeResult(
                asset_key=find_key(model.name),
                metadata=describe_result(model, rows, run_parameters),
                check_results=[report_check(model, result) for result in results],
            )
            refuse_failed_checks({model.name: results})

    return build


def describe_asset(model: Model) -> dg.AssetSpec:
    """Return the asset of one model."""
    return dg.AssetSpec(
        key=find_key(model.name),
        deps=[find_key(source) for source in sorted(model.depends_on)],
        group_name=model.layer,
        description=describe_model(model),
        metadata={"dagster/column_schema": describe_columns(model.header.columns)},
        kinds={"sql"},
    )


def describe_checks(model: Model) -> list[dg.AssetCheckSpec]:
    """Return a check for each check of a model's header."""
    return [
        dg.AssetCheckSpec(short, asset=find_key(model.name), description=full, blocking=True)
        for full, short in list_check_names(model).items()
    ]


def report_check(model: Model, result: CheckResult) -> dg.AssetCheckResult:
    """Return a check's result as Dagster shows it; counts and a sentence, never values."""
    return dg.AssetCheckResult(
        asset_key=find_key(model.name),
        check_name=list_check_names(model)[result.name],
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
    """Return an asset for everything that the catalogue makes.

    The metrics are made in one step: each is small, and there are many of them.
    """
    metrics = {model.name for model in catalogue.kpis}
    return [
        make_step(
            "metrics", [catalogue.models[name] for name in catalogue.order if name in metrics]
        ),
        *(
            make_step(name.replace(".", "__"), [catalogue.models[name]])
            if name in catalogue.models
            else make_fitted_asset(catalogue, name)
            for name in catalogue.order
            if name not in metrics
        ),
    ]
