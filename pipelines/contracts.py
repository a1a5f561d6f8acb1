"""The contract that every model keeps, judged without running anything on real data.

`regulars check` prints what is found; reading the files stands in `pipelines.catalogue`.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp

from pipelines.catalogue import (
    ALL_VALUES,
    CASES_ROOT,
    KPI_COLUMNS,
    LAYERS_READ,
    Bilingual,
    Catalogue,
    Model,
    iterate_columns,
    parse_query,
)
from pipelines.engines.protocol import Engine

PORTABLE_FUNCTIONS = frozenset(
    {
        *("and", "or", "xor", "not", "case", "if", "cast", "coalesce", "nullif"),
        *("count", "sum", "min", "max", "avg", "exists"),
        *("row_number", "rank", "dense_rank", "lag", "lead", "first_value"),
        *("abs", "floor", "ceil", "round", "sqrt", "ln", "exp", "pow", "greatest", "least"),
        *("concat", "lower", "upper", "trim", "substring", "length", "replace"),
        *("extract", "datediff", "date_trunc", "timestamp_trunc"),
        *("md5", "hash"),
    }
)
WHY_NOT_PORTABLE = {
    "current_date": "a clock makes two runs differ; the as-of date is in raw.parameters",
    "current_timestamp": "a clock makes two runs differ; the as-of date is in raw.parameters",
    "now": "a clock makes two runs differ; the as-of date is in raw.parameters",
    "today": "a clock makes two runs differ; the as-of date is in raw.parameters",
    "random": "chance makes two runs differ; order by md5 of an id instead",
    "rand": "chance makes two runs differ; order by md5 of an id instead",
    "uuid": "chance makes two runs differ",
    "ntile": "it splits equal members by the order of the rows; score by cut points",
    "list": "an ordered list loses its order on Spark",
    "array_agg": "an ordered list loses its order on Spark",
}
DATE_UNITS = {"DAY"}


def check_catalogue(
    catalogue: Catalogue, engine: Engine, cases_root: Path = CASES_ROOT
) -> list[str]:
    """Return one sentence for each way in which a model breaks the contract.

    The engine makes every table once, without rows, so that names and types are its own verdict.
    """
    problems = [
        problem
        for model in catalogue.models.values()
        if model.name != ALL_VALUES
        for problem in check_model(model, catalogue, cases_root)
    ]
    if problems:
        return problems
    return list(check_types(catalogue, engine))


def check_model(model: Model, catalogue: Catalogue, cases_root: Path) -> Iterator[str]:
    """Yield what is wrong with one model by itself."""
    where = model.path.relative_to(model.path.parents[2])
    tree = parse_query(model.path, model.query, 1)
    names = [column.alias_or_name for column in tree.selects]
    if any(isinstance(column, exp.Star) or column.is_star for column in tree.selects):
        yield f"{where}: the final select names its columns; it does not end in *."
    elif names != list(model.header.columns):
        header = list(model.header.columns)
        yield f"{where}: the header's columns {header} are not the query's {names}."
    yield from check_layers(model, catalogue, str(where))
    yield from check_functions(tree, str(where))
    yield from check_header(model, str(where))
    if model.layer in ("kpis", "marts"):
        case = cases_root / model.layer / f"{model.table}.yaml"
        if not case.is_file() or not case.read_text(encoding="utf-8").strip():
            yield f"{where}: it has no test case; add tests/sql/{model.layer}/{case.name}."


def check_layers(model: Model, catalogue: Catalogue, where: str) -> Iterator[str]:
    """Yield what the model reads and should not, or what does not exist."""
    for name in sorted(model.depends_on):
        if name not in catalogue.models and name not in catalogue.raw:
            yield f"{where}: it reads {name}, which no model makes and nothing provides."
        elif name.split(".")[0] not in LAYERS_READ[model.layer]:
            allowed = ", ".join(sorted(LAYERS_READ[model.layer]))
            yield f"{where}: {model.layer} reads only {allowed}, not {name}."


def check_functions(tree: exp.Query, where: str) -> Iterator[str]:
    """Yield the functions of a query that are not the same on every engine."""
    for node in tree.find_all(exp.Func):
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()
        if name not in PORTABLE_FUNCTIONS:
            reason = WHY_NOT_PORTABLE.get(name, "it is not on the list of portable functions")
            yield f"{where}: {name}() is not allowed: {reason}."
        unit = node.args.get("unit")
        if name == "datediff" and (unit is None or unit.name.upper() not in DATE_UNITS):
            yield f"{where}: date_diff counts days only; other units differ between engines."


def check_header(model: Model, where: str) -> Iterator[str]:
    """Yield what the header names that does not exist, and what a KPI's header lacks."""
    columns = model.header.columns
    for check in model.header.checks:
        for column in iterate_columns(check):
            if column not in columns:
                yield f"{where}: a check names {column}, which is not a column."
    if model.layer != "kpis":
        if model.header.kpi is not None:
            yield f"{where}: only a file of sql/kpis is a KPI."
        return
    if model.header.kpi is None:
        yield f"{where}: a KPI's header has a kpi block."
    if not isinstance(model.header.description, Bilingual):
        yield f"{where}: a KPI's description is given in English and Chinese."
    for part in ("numerator", "denominator"):
        if not isinstance(columns.get(part), Bilingual):
            yield f"{where}: a KPI's {part} is told in English and Chinese."
    optional = ["null_reason"] if "null_reason" in columns else []
    if list(columns) != KPI_COLUMNS + optional:
        yield f"{where}: a KPI's columns are {', '.join(KPI_COLUMNS)} and, if need be, null_reason."


def check_types(catalogue: Catalogue, engine: Engine) -> Iterator[str]:
    """Make every table without rows and yield where names or types break a convention."""
    for name, table in catalogue.raw.items():
        engine.write(name, table.schema.empty_table())
    for name in catalogue.order:
        model = catalogue.models.get(name)
        if model is None:
            continue
        try:
            engine.create(name, model.query)
        except Exception as error:
            yield f"{model.path.name}: the engine refuses it: {str(error).splitlines()[0]}"
            return
        for column, kind in engine.column_types(name).items():
            yield from check_type(f"sql/{model.layer}/{model.table}.sql", column, kind)


def check_type(where: str, column: str, kind: str) -> Iterator[str]:
    """Yield where a column's name promises another type than it has."""
    is_mean = column.startswith(("mean_", "change_")) or column.endswith("_per_member")
    promises = {
        "_amount": ("DECIMAL", not is_mean),
        "_on": ("DATE", True),
        "_at": ("TIMESTAMP", True),
        "_days": ("INTEGER", not is_mean),
        "_count": ("BIGINT|INTEGER", not is_mean),
    }
    for suffix, (expected, applies) in promises.items():
        if column.endswith(suffix) and applies and not kind.startswith(tuple(expected.split("|"))):
            yield f"{where}: {column} is {kind}; a column that ends in {suffix} is {expected}."
    if column.startswith(("is_", "has_")) and kind != "BOOLEAN":
        yield f"{where}: {column} is {kind}; a column that starts with is_ or has_ is BOOLEAN."
