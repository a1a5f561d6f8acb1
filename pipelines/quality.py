"""The checks of the model headers, run by Great Expectations inside the run's own database.

What must hold stands in the headers; nothing here knows of orders or members. Values of failing
rows never leave the database: a result is a count.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pipelines.catalogue import Accepted, Between, Check, Holds, Model, NotNull, Unique

MAX_COUNTED = 1_000


class Inspector(Protocol):
    """Checks one table that is already made."""

    def inspect(self, model: Model) -> list["CheckResult"]:
        """Return the result of each check of the model's header."""
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

    def inspect(self, model: Model) -> list[CheckResult]:
        """Return the result of each check of the model's header, all in one validation."""
        checks = model.header.checks
        if not checks:
            return []
        expectations = [
            (place, expectation)
            for place, check in enumerate(checks)
            for expectation in self.translate(check)
        ]
        asset = self.find_source(model.layer).add_table_asset(model.table, table_name=model.table)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = self.suite_class(name=model.name, expectations=[e for _, e in expectations])
        outcome = batch.validate(suite, result_format="BASIC")
        failing = dict.fromkeys(range(len(checks)), 0)
        errors: dict[int, str] = {}
        places = {expectation.meta["key"]: place for place, expectation in expectations}
        for result in outcome.results:
            place = places[result.expectation_config.meta["key"]]
            if result.success:
                continue
            message = find_exception(result.exception_info)
            if message is not None:
                errors[place] = message
            failing[place] += int(result.result.get("unexpected_count") or 1)
        return [
            describe_result(model.name, check, failing[place], errors.get(place))
            for place, check in enumerate(checks)
        ]

    def translate(self, check: Check) -> Sequence[Any]:
        """Return the expectations that together assert a check."""
        gx, name = self.expectations, name_check(check)
        match check:
            case NotNull():
                return [
                    gx.ExpectColumnValuesToNotBeNull(column=column, meta=identify(name, column))
                    for column in check.not_null
                ]
            case Unique():
                return [self.expect_unique(check.unique, identify(name, "rows"))]
            case Between():
                return [
                    gx.ExpectColumnValuesToBeBetween(
                        column=column, min_value=low, max_value=high, meta=identify(name, column)
                    )
                    for column, (low, high) in check.between.items()
                ]
            case Accepted():
                return [
                    gx.ExpectColumnValuesToBeInSet(
                        column=column, value_set=values, meta=identify(name, column)
                    )
                    for column, values in check.accepted.items()
                ]
            case Holds():
                query = f"select 1 as failing from {{batch}} where not ({check.holds})"
                return [self.expect_no_rows(query, identify(name, "rows"))]

    def expect_unique(self, columns: list[str], meta: dict[str, str]) -> Any:
        """Return the expectation that no two rows agree in all columns.

        Rows are grouped by hash first, for millions of long keys cost more than their hashes, and
        compared exactly where hashes agree.
        """
        keys = ", ".join(columns)
        suspects = f"select hash({keys}) from {{batch}} group by hash({keys}) having count(*) > 1"
        return self.expect_no_rows(
            f"select 1 as failing from {{batch}} where hash({keys}) in ({suspects})"
            f" group by {keys} having count(*) > 1",
            meta,
        )

    def expect_no_rows(self, query: str, meta: dict[str, str]) -> Any:
        """Return the expectation that a query finds nothing; counting stops at a limit."""
        return self.expectations.UnexpectedRowsExpectation(
            unexpected_rows_query=f"{query} limit {MAX_COUNTED}", meta=meta
        )


def identify(name: str, part: str) -> dict[str, str]:
    """Return the mark by which an expectation's result is found again."""
    return {"key": f"{name} / {part}"}


def find_exception(info: dict[str, Any] | None) -> str | None:
    """Return the message of an expectation that could not be evaluated."""
    for entry in [info or {}, *(part for part in (info or {}).values() if isinstance(part, dict))]:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message", "")).splitlines()[0]
    return None


def describe_result(table: str, check: Check, failing: int, error: str | None) -> CheckResult:
    """Return a result with its sentence."""
    name = name_check(check)
    if error is not None:
        sentence = f"{table}: {name} could not be evaluated: {error}"
    elif failing:
        limit = "at least " if failing >= MAX_COUNTED else ""
        sentence = f"{table}: {name} fails on {limit}{failing} rows."
    else:
        sentence = f"{table}: {name} holds on all rows."
    return CheckResult(name, not failing and error is None, failing, sentence)
