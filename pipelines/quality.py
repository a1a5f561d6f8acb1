"""The checks of the model headers, run by Great Expectations inside the run's own database.

What must hold stands in the headers; nothing here knows of orders or members. Values of failing
rows never leave the database: a result is a count, and the keys of some rows where keys are dates,
codes or scopes, which name nobody.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb

from pipelines.catalogue import Accepted, Between, Check, Holds, Model, NotNull, Unique
from pipelines.engines.duckdb import DATA_ERRORS, quote_text

MAX_KEYS = 5
# Columns of a grain that may be shown: none of them tells of a person or an order. Dates may too.
OPEN_KEYS = frozenset(
    {
        *("metric", "scope_type", "scope", "window_type", "comparison", "position"),
        *("segment", "box", "gate", "cluster", "measure", "score", "subject", "reason"),
        *("r_score", "f_score", "m_score", "fm_score", "rule_set", "source_table", "is_guest"),
        *("cause", "identity", "cohort_type", "age", "tier", "family", "step", "scope_key"),
    }
)
# The key of a scope lives inside one run only, so its name is shown.
SCOPE_NAME = (
    "(select scopes.scope_type || ' ' || scopes.scope from intermediate.scopes as scopes"
    " where scopes.scope_key = {table}.scope_key)"
)


class Inspector(Protocol):
    """Checks tables that are already made."""

    def inspect(self, models: Sequence[Model]) -> dict[str, list["CheckResult"]]:
        """Return the result of each check of the headers of some models of one layer."""
        ...


@dataclass(frozen=True)
class CheckResult:
    """How one check of a header came out; `failing_count` is a number of rows."""

    name: str
    passed: bool
    failing_count: int
    sentence: str


def name_check(check: Check) -> str:
    """Return what a check asserts, as a short text that is unique within a header."""
    match check:
        case NotNull():
            return f"not_null {', '.join(check.not_null)}"
        case Unique():
            return f"unique {', '.join(check.unique)}"
        case Between():
            ranges = (f"{name} {low:g} to {high:g}" for name, (low, high) in check.between.items())
            return f"between {', '.join(ranges)}"
        case Accepted():
            return f"accepted {', '.join(check.accepted)}"
        case Holds():
            return f"holds {check.holds}"


class DuckDBInspector:
    """Runs the checks on a DuckDB connection, which must be the run's own.

    Great Expectations closes its connection before it fetches, at which DuckDB drops the result;
    so its connection here is a cursor that fetches all rows as soon as it executes.
    """

    def __init__(self, connection: Any) -> None:
        from importlib import import_module

        # Its annotations do not cover what is used here, so it is taken as untyped.
        great_expectations: Any = import_module("great_expectations")
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        self.expectations = great_expectations.expectations
        self.suite_class = great_expectations.ExpectationSuite
        self.connection = connection
        self.context = great_expectations.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False}
        self.sources: dict[str, Any] = {}

    def find_source(self, schema: str) -> Any:
        """Return the data source of a schema; a table's own schema cannot be given to GX."""
        if schema not in self.sources:

            def connect() -> Any:
                from pipelines.fetching import FetchingConnection

                return FetchingConnection(self.connection, schema)

            self.sources[schema] = self.context.data_sources.add_sql(
                schema,
                connection_string="duckdb:///:memory:",
                kwargs={"creator": connect},
                create_temp_table=False,
            )
        return self.sources[schema]

    def inspect(self, models: Sequence[Model]) -> dict[str, list[CheckResult]]:
        """Return the result of each check of some models of one layer, all in one validation."""
        queries = [query for model in models for query in list_queries(model)]
        if queries and not self.find_nothing(models[0], queries):
            return {m.name: [self.examine(m, check) for check in m.header.checks] for m in models}
        return {
            model.name: [
                describe_result(model.name, check, 0, [], None) for check in model.header.checks
            ]
            for model in models
        }

    def find_nothing(self, model: Model, queries: Sequence[str]) -> bool:
        """Whether no query finds a row, asked in the batch of one of the models."""
        source = self.find_source(model.layer)
        source.assets.clear()  # each new one has all of them written down again
        asset = source.add_table_asset(model.table, table_name=model.table)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        # Great Expectations asks for its own name of the table; the queries name theirs.
        parts = ["select 1 as failing from {batch} where 1 = 0"]
        parts += [f"select 1 as failing from ({query} limit 1) as found" for query in queries]
        expectation = self.expectations.UnexpectedRowsExpectation(
            unexpected_rows_query=" union all ".join(parts)
        )
        suite = self.suite_class(name=model.name, expectations=[expectation])
        return bool(batch.validate(suite, result_format="BOOLEAN_ONLY").success)

    def examine(self, model: Model, check: Check) -> CheckResult:
        """Return the result of one check, with the number of failing rows and keys of some."""
        keys = self.list_open_keys(model)
        try:
            count = self.fetch(count_failing(model.name, check))[0][0]
            rows = self.fetch(find_failing(model.name, check, keys)) if count and keys else []
        except DATA_ERRORS as error:  # their messages quote cells
            return describe_result(model.name, check, 0, [], type(error).__name__)
        except duckdb.Error as error:
            return describe_result(model.name, check, 0, [], str(error).splitlines()[0])
        return describe_result(model.name, check, count, name_rows(keys, rows), None)

    def list_open_keys(self, model: Model) -> list[str]:
        """Return the columns of a table's grain, or none where one of them may not be shown."""
        described = self.fetch(f"describe {model.name}")
        dates = {row[0] for row in described if row[1] == "DATE"}
        known = OPEN_KEYS | dates
        return model.header.grain if known.issuperset(model.header.grain) else []

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        rows: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        return rows


def list_queries(model: Model) -> list[str]:
    """Return the queries that find the rows which fail a model's checks.

    What is asked of single rows is asked in one scan, however many checks ask it.
    """
    checks = model.header.checks
    conditions = [c for check in checks for c in list_conditions(check)]
    queries = [f"select 1 from {model.name} where {' or '.join(conditions)}"] if conditions else []
    return queries + [
        find_twins(model.name, check.unique) for check in checks if isinstance(check, Unique)
    ]


def list_conditions(check: Check) -> list[str]:
    """Return the conditions under which a row fails a check; none for a check of many rows."""
    match check:
        case NotNull():
            return [f"{column} is null" for column in check.not_null]
        case Between():
            return [
                f"not ({column} between {low!r} and {high!r})"
                for column, (low, high) in check.between.items()
            ]
        case Accepted():
            return [
                f"{column} not in ({', '.join(quote_text(value) for value in values)})"
                for column, values in check.accepted.items()
            ]
        case Holds():
            return [f"not ({check.holds})"]
        case Unique():
            return []


def find_twins(table: str, columns: Sequence[str]) -> str:
    """Return the query of the keys that more than one row has.

    Rows are grouped by hash first, for millions of long keys cost more than their hashes, and
    compared exactly where hashes agree.
    """
    keys = ", ".join(columns)
    suspects = f"select hash({keys}) from {table} group by hash({keys}) having count(*) > 1"
    return (
        f"select {keys} from {table} where hash({keys}) in ({suspects})"
        f" group by {keys} having count(*) > 1"
    )


def count_failing(table: str, check: Check) -> str:
    """Return the query that counts the rows that fail a check, or the keys that stand twice."""
    if isinstance(check, Unique):
        return f"select count(*) from ({find_twins(table, check.unique)})"
    return f"select count(*) from {table} where {' or '.join(list_conditions(check))}"


def find_failing(table: str, check: Check, keys: Sequence[str]) -> str:
    """Return the query that finds the keys of the first rows that fail a check."""
    names = ", ".join(SCOPE_NAME.format(table=table) if k == "scope_key" else k for k in keys)
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    if isinstance(check, Unique):
        suspects = find_twins(table, check.unique)
        same = " and ".join(f"{table}.{c} is not distinct from twins.{c}" for c in check.unique)
        failing = f"exists (select 1 from ({suspects}) as twins where {same})"
    else:
        failing = " or ".join(list_conditions(check))
    selected = f"select distinct {names} from {table} where {failing}"
    return f"{selected} order by {places} limit {MAX_KEYS}"


def name_rows(keys: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the keys of rows as texts, like `metric orders, window_start 2024-01-01`."""
    return [
        ", ".join(f"{key} {value}" for key, value in zip(keys, row, strict=True)) for row in rows
    ]


def describe_result(
    table: str, check: Check, failing: int, keys: Sequence[str], error: str | None
) -> CheckResult:
    """Return a result with its sentence."""
    name = name_check(check)
    if error is not None:
        sentence = f"{table}: {name} could not be evaluated: {error}."
    elif failing:
        listed = "; ".join(keys) + ("; …" if len(keys) < failing else "")
        where = f", at {listed}" if keys else ""
        sentence = f"{table}: {name} fails on {failing} rows{where}."
    else:
        sentence = f"{table}: {name} holds on all rows."
    return CheckResult(name, not failing and error is None, failing, sentence)
