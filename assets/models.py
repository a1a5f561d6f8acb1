"""One asset for each model and fitted table of the catalogue, made layer by layer.

How a table is made stands in `pipelines.runs`; what it means in `sql/`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from assets.metadata import describe_columns, describe_model, find_key, list_check_names
from pipelines.catalogue import Catalogue, Model
from pipelines.quality import CheckResult
from pipelines.runs import Run, refuse_failed_checks

# A step costs Dagster more than most tables cost the engine, so a layer is one.
STEPS = {"staging": "staging", "intermediate": "intermediate", "kpis": "metrics", "marts": "marts"}


def make_model_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Return the steps that make all assets of the catalogue.

    A fitted table is made in the layer of the models that it is fitted from.
    """
    layers: dict[str, list[str]] = {layer: [] for layer in STEPS}
    for name in catalogue.order:
        made_from = name if name in catalogue.models else min(catalogue.raw[name].depends_on)
        layers[made_from.split(".")[0]].append(name)
    return [make_step(catalogue, STEPS[layer], names) for layer, names in layers.items() if names]


def make_step(catalogue: Catalogue, step: str, names: Sequence[str]) -> dg.AssetsDefinition:
    """Return one step that makes some assets, in order, and runs their checks."""
    models = [catalogue.models[name] for name in names if name in catalogue.models]

    @dg.multi_asset(
        name=step,
        specs=[describe_asset(catalogue, name) for name in names],
        check_specs=[spec for model in models for spec in describe_checks(model)],
    )
    def build(
        run_parameters: dg.ResourceParam[Run],
    ) -> Iterator[dg.MaterializeResult[None]]:
        for name in names:
            rows = run_parameters.build(name)
            if name not in catalogue.models:
                yield dg.MaterializeResult(
                    asset_key=find_key(name), metadata={"dagster/row_count": rows}
                )
                continue
            model = catalogue.models[name]
            results = run_parameters.inspect(name)
            yield dg.MaterializeResult(
                asset_key=find_key(name),
                metadata=describe_result(model, rows, run_parameters),
                check_results=[report_check(model, result) for result in results],
            )
            refuse_failed_checks({name: results})

    return build


def describe_asset(catalogue: Catalogue, name: str) -> dg.AssetSpec:
    """Return the asset of one model or fitted table."""
    deps = [find_key(source) for source in sorted(catalogue.find_sources(name))]
    if name not in catalogue.models:
        table = catalogue.raw[name]
        return dg.AssetSpec(
            key=find_key(name),
            deps=deps,
            group_name="fitted",
            description=table.description,
            metadata={"dagster/column_schema": describe_columns(table.meanings)},
            kinds={"python"},
        )
    model = catalogue.models[name]
    return dg.AssetSpec(
        key=find_key(name),
        deps=deps,
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
