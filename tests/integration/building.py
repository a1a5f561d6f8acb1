"""Builds the tables that a test asks about, as a run does, from the files to the models.

Dagster, reports and publishing are left out; what the tables must hold stands in the tests.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from pipelines.catalogue import Catalogue
from pipelines.runs import RunRequest, start_run

Rows = list[dict[str, Any]]


class Figure(NamedTuple):
    """One published number of the whole data set or of a scope."""

    numerator: Decimal | None
    denominator: Decimal | None
    value: float | None
    null_reason: str | None

    @property
    def parts(self) -> tuple[Any, Any]:
        """Numerator and denominator; a count has no denominator."""
        return self.numerator, self.denominator


@dataclass(frozen=True)
class Figures:
    """The published numbers of a run by metric, scope, type and first date of the window."""

    by_key: dict[tuple[str, str, str, datetime.date], Figure]

    def find(self, metric: str, window_type: str, window_start: str, scope: str = "all") -> Figure:
        """Return the number of a metric in a window; a number that is not there is an error."""
        return self.by_key[metric, scope, window_type, datetime.date.fromisoformat(window_start)]

    def count(self, metric: str, window_type: str, window_start: str, scope: str = "all") -> int:
        """Return a numerator that is a count."""
        numerator = self.find(metric, window_type, window_start, scope).numerator
        assert numerator is not None and numerator == int(numerator)
        return int(numerator)


def ask_tables(request: RunRequest, questions: Mapping[str, str]) -> dict[str, Rows]:
    """Return what the query of each table answers as soon as that table is made.

    Only the tables that are asked about are made, and those that they are made from. Raises
    AssertionError where a row of the files is rejected.
    """
    answers: dict[str, Rows] = {}
    with start_run(request) as run:
        run.land()
        rejected = run.fill()
        assert not any(rejected.values()), rejected
        needed = find_needed(run.catalogue, questions)
        for name in run.catalogue.order:
            if name in needed:
                run.build(name)
            if name in questions:
                answers[name] = run.engine.read(questions[name]).to_pylist()
    return answers


def find_needed(catalogue: Catalogue, names: Iterable[str]) -> set[str]:
    """Return the tables and all that they are made from, near and far."""
    needed: set[str] = set()
    open_names = set(names)
    while open_names:
        name = open_names.pop()
        needed.add(name)
        open_names |= catalogue.find_sources(name) - needed
    return needed


def read_figures(rows: Rows) -> Figures:
    """Return the rows of the table of KPIs by their keys, which must be unique."""
    by_key = {
        (row["metric"], row["scope"], row["window_type"], row["window_start"]): Figure(
            read_number(row["numerator"]),
            read_number(row["denominator"]),
            row["value"],
            row["null_reason"],
        )
        for row in rows
    }
    assert len(by_key) == len(rows)
    return Figures(by_key)


def read_number(cell: Any) -> Decimal | None:
    """Return a published number exactly as it is printed."""
    return None if cell is None else Decimal(str(cell))
