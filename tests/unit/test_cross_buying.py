"""That buyers of two are those whom a plain count finds, on histories that crowd around edges.

What counts as a brand or a category of a date is tested with the models' own cases.
"""

import datetime
import random
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.engines.duckdb import open_duckdb
from pipelines.windows import list_windows
from tests.unit.test_models import Bench

Row = dict[str, Any]
MODEL = "intermediate.cross_buyers"
FIRST_DATE = datetime.date(2022, 11, 9)
STEPS_DAYS = (1, 1, 2, 7, 28, 30, 31, 89, 180, 363, 364, 365, 366)
WINDOWS = ("month", "quarter", "half", "year", "trailing_365d")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    engine = open_duckdb(threads=1)
    yield Bench(engine, load_catalogue())
    engine.close()


def generate_goods(chance: random.Random, as_of: datetime.date) -> list[Row]:
    """Return what 400 members bought, of up to three brands and categories, none after as_of."""
    rows = []
    for kind in ("brand", "category"):
        for member_key in range(1, 401):
            date = as_of - datetime.timedelta(days=chance.choice((0, 1, *STEPS_DAYS)))
            habit = chance.randint(1, 3)
            while date >= FIRST_DATE and chance.random() < 0.8:
                bought = {habit if chance.random() < 0.6 else chance.randint(1, 3)}
                if chance.random() < 0.1:
                    bought.add(chance.randint(1, 3))
                rows.append(
                    {
                        "kind": kind,
                        "member_key": member_key,
                        "business_date": date,
                        "first_key": min(bought),
                        "last_key": max(bought),
                    }
                )
                date -= datetime.timedelta(days=chance.choice(STEPS_DAYS))
    return rows


def count_plainly(rows: list[Row], window: Row) -> dict[str, int]:
    """Return how many members bought two or more in a window, by kind, where any did."""
    bought: dict[tuple[str, int], set[int]] = {}
    for row in rows:
        if window["window_start"] <= row["business_date"] <= window["window_end"]:
            seen = bought.setdefault((row["kind"], row["member_key"]), set())
            seen |= {row["first_key"], row["last_key"]}
    kinds = [kind for (kind, _), seen in bought.items() if len(seen) > 1]
    return {kind: kinds.count(kind) for kind in set(kinds)}


@pytest.mark.parametrize(
    "as_of",
    [
        datetime.date(2024, 12, 31),
        datetime.date(2025, 2, 13),
        datetime.date(2024, 2, 29),
        datetime.date(2023, 1, 1),
    ],
    ids=str,
)
def test_buyers_of_two_equal_a_plain_count(as_of: datetime.date, bench: Bench) -> None:
    windows = list_windows(FIRST_DATE, as_of, history_is_complete=False)
    rows = generate_goods(random.Random(as_of.toordinal()), as_of)
    expected = {
        (kind, window["window_type"], window["window_start"]): count
        for window in windows
        if window["window_type"] in WINDOWS
        for kind, count in count_plainly(rows, window).items()
    }
    actual = {
        (row["kind"], row["window_type"], row["window_start"]): row["cross_count"]
        for row in bench.run(
            MODEL,
            {
                "intermediate.goods_of_members": rows,
                "raw.windows": windows,
                "raw.parameters": [{"as_of_date": as_of}],
            },
        )
    }
    assert actual == expected
    assert len(expected) > len(WINDOWS)
