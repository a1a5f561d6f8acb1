"""One asset for each model and fitted table of the catalogue, made layer by layer.

How a table is made stands in `pipelines.runs`; what it means in `sql/`.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from assets.metadata import describe_columns, describe_model, find_key, list_checks
from pipelines.catalogue import Catalogue, Model
from pipelines.quality import CheckResult
from pipelines.runs import Run, refuse_failed_checks

# The check of a table: all that its header asserts.
CHECK = "header"
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
    metrics = {model.name for model in models if model.header.kpi is not None}

    @dg.multi_asset(
        name=step,
        specs=[describe_asset(catalogue, name) for name in names],
        check_specs=[spec for model in models for spec in describe_checks(model)],
    )
    def build(
        run_parameters: dg.ResourceParam[Run],
    ) -> Iterator[dg.MaterializeResult[None]]:
        # Metrics are many and small, and looked at together.
        for together, group in itertools.groupby(names, key=lambda name: name in metrics):
            for part in [list(group)] if together else ([name] for name in group):
                yield from make_tables(catalogue, part, run_parameters)

    return build


def make_tables(
    catalogue: Catalogue, names: Sequence[str], run: Run
) -> Iterator[dg.MaterializeResult[None]]:
    """Make some tables, run the checks of their headers together, and report each of them."""
    rows = {name: run.build(name) for name in names}
    results = run.inspect(*(name for name in names if name in catalogue.models))
    for name in names:
        model = catalogue.models.get(name)
        yield dg.MaterializeResult(
            asset_key=find_key(name),
            metadata=describe_result(model, rows[name], run)
            if model is not None
            else {"dagster/row_count": rows[name]},
            check_results=[report_checks(name, results[name])] if results.get(name) else [],
        )
    refuse_failed_checks(results)


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
        metadata={"dagster/column_schema": describe_columns(model.header.explain_columns())},
        kinds={"sql"},
    )


def describe_checks(model: Model) -> list[dg.AssetCheckSpec]:
    """Return one check for all checks of a model's header; each of its own costs three events."""
    if not model.header.checks:
        return []
    listed = list_checks(model)
    return [dg.AssetCheckSpec(CHECK, asset=find_key(model.name), description=listed, blocking=True)]


def report_checks(name: str, results: Sequence[CheckResult]) -> dg.AssetCheckResult:
    """Return what a table's checks found as Dagster shows it; counts and sentences, no values."""
    failed = [result for result in results if not result.passed]
    shown = failed or results
    return dg.AssetCheckResult(
        asset_key=find_key(name),
        check_name=CHECK,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(result.sentence for result in shown),
        metadata={"failing_rows": sum(result.failing_count for result in results)},
    )


def describe_result(model: Model, rows: int, run: Run) -> dict[str, Any]:
    """Return rows, column types and, to be plotted over the runs, a KPI's latest complete month."""
    types = run.engine.column_types(model.name)
    described: dict[str, Any] = {
        "dagster/row_count": rows,
        "dagster/column_schema": describe_columns(model.header.explain_columns(), types),
    }
    value = run.read_headline(model.name) if model.header.kpi else None
    return described if value is None else described | {"latest_complete_month": value}
