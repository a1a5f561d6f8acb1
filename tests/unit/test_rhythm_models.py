"""The models of intervals, recency and cycles, against published figures and a plain count.

Each one's cases stand in `tests/sql`; here are rules that need many rows or several models.
"""

import bisect
import datetime
import itertools
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.catalogue import load_catalogue
from pipelines.engines.duckdb import open_duckdb
from pipelines.windows import list_dates, list_windows
from tests.unit.test_models import Bench, Row

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2023, 11, 20)
AS_OF = datetime.date(2025, 3, 9)
SCOPES = ({"scope_key": 1, "scope_type": "all", "scope": "all"},)
MODELS = (
    *("scope_cycles", "repeat_dates", "recency_states", "active_spells", "lost_members"),
    *("lifecycle_rates", "lost_returns", "nes_states"),
    *("scope_reaches", "reach_windows", "interval_cells", "gap_counts", "gap_percentiles"),
    *("wait_counts", "wait_medians"),
)
# Weeks of remission of 21 patients each with 6-mercaptopurine and with placebo; a plus is a patient
# still in remission when last seen. Freireich and others 1963, Blood 21, 699-716; the estimates are
# those of Kleinbaum and Klein, Survival Analysis, chapter 2.
TREATED = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"

History = list[datetime.date]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Yield an engine with every table made once."""
    engine = open_duckdb(threads=1)
    yield Bench(engine, load_catalogue())
    engine.close()


def list_occasions(histories: Sequence[History], order_counts: Sequence[int]) -> list[Row]:
    """Return the occasions of members, in the only scope; a first one may hold two orders."""
    rows = []
    for member_key, dates in enumerate(histories):
        for place, date in enumerate(dates):
            rows.append(
                {
                    "scope_key": 1,
                    "member_key": member_key,
                    "business_date": date,
                    "previous_on": dates[place - 1] if place else None,
                    "next_on": dates[place + 1] if place + 1 < len(dates) else None,
                    "order_count": 1 if place else order_counts[member_key],
                    "first_on": dates[0],
                    "occasion_number": place + 1,
                }
            )
    return rows


def build(
    bench: Bench,
    histories: Sequence[History],
    cycle: Decimal = Decimal(30),
    order_counts: Sequence[int] | None = None,
    as_of: datetime.date = AS_OF,
    counts_orders: bool = False,
) -> dict[str, list[Row]]:
    """Return the rows of each model of members' histories, by its name without the layer."""
    first = min([min(dates) for dates in histories if dates], default=FIRST)
    windows = list_windows(first, as_of, history_is_complete=False)
    calendar = list_dates(first, as_of)
    kept = order_counts if order_counts is not None else [1] * len(histories)
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "raw.parameters": [{"as_of_date": as_of, "counts_orders": counts_orders}],
        "raw.windows": windows,
        "raw.calendar": calendar,
        "raw.purchase_cycles": [{"scope_type": "all", "scope": "all", "cycle_days": cycle}],
        "intermediate.scopes": SCOPES,
        "intermediate.occasions": list_occasions(histories, kept),
    }
    for name, rows in tables.items():
        bench.fill(name, bench.convert_rows(name, [dict(row) for row in rows]))
    bench.make("intermediate.window_dates")
    return {name: bench.make(f"intermediate.{name}") for name in MODELS}


def find_recency(dates: History, end: datetime.date) -> int | None:
    """Return the days since the latest occasion by a date; nothing before the first."""
    place = bisect.bisect_right(dates, end)
    return (end - dates[place - 1]).days if place else None


def count_lifecycle(histories: Sequence[History], window: Row, cycle: Decimal) -> dict[str, int]:
    """Return what the rates of a window are made from, from a look at each whole history."""
    names = ("kept", "churned", "gone", "won_back", "dormant", "reachable")
    counts = dict.fromkeys(names, 0)
    start, end, lost = window["window_start"], window["window_end"], 4 * cycle
    for dates in histories:
        before, after = find_recency(dates, start - DAY), find_recency(dates, end)
        if before is not None and after is not None:
            counts["kept"] += before <= lost
            counts["churned"] += before <= lost < after
            counts["gone"] += lost < before <= lost + 365
            counts["won_back"] += lost < before <= lost + 365 and after <= (end - start).days
        if after is not None:
            counts["dormant"] += 2 * cycle < after <= lost
            counts["reachable"] += after <= lost + 365
    return counts


def count_states(
    histories: Sequence[History], order_counts: Sequence[int], end: datetime.date, cycle: Decimal
) -> list[int]:
    """Return the members in each NES state at the end of a date, in fractions all the way."""
    states = [0] * 6
    for dates, order_count in zip(histories, order_counts, strict=True):
        known = [date for date in dates if date <= end]
        if not known:
            continue
        gaps = [Fraction((later - earlier).days) for earlier, later in itertools.pairwise(known)]
        own = (sum(gaps, Fraction(0)) + 2 * Fraction(cycle)) / (len(gaps) + 2)
        cycles = (end - known[-1]).days / own
        if len(known) == 1 and order_count == 1:
            states[0 if cycles <= 1 else 1] += 1
        else:
            states[2 + bisect.bisect_left([1, 2, 3], cycles)] += 1
    return states


def estimate_share(waits: Sequence[tuple[int, bool]], until: int) -> Fraction:
    """Return the Kaplan-Meier share to which nothing has happened by a number of days."""
    share = Fraction(1)
    for days in sorted({days for days, _ in waits if days <= until}):
        watched = sum(other >= days for other, _ in waits)
        share *= 1 - Fraction(sum(is_over for other, is_over in waits if other == days), watched)
    return share


steps = st.sampled_from([1, 2, 6, 7, 8, 15, 16, 17, 29, 30, 31, 60, 61, 120, 121, 122, 200, 365])
histories_of_members = st.lists(
    st.tuples(st.integers(0, (AS_OF - FIRST).days), st.lists(steps, max_size=9), st.booleans()),
    min_size=1,
    max_size=25,
)
cycles_in_use = st.sampled_from([Decimal(text) for text in ("1", "2.2", "7.49", "15.25", "30")])


def date_histories(drawn: Sequence[tuple[int, list[int], bool]]) -> list[History]:
    """Return dated histories of drawn first days and steps, none after the as-of date."""
    histories = []
    for first, steps, _ in drawn:
        days = itertools.accumulate(steps, initial=first)
        dates = [FIRST + day * DAY for day in days]
        histories.append([date for date in dates if date <= AS_OF])
    return histories


@settings(max_examples=30, deadline=None)
@given(drawn=histories_of_members, cycle=cycles_in_use, counts_orders=st.booleans())
def test_lifecycle_equals_a_plain_count(
    bench: Bench, drawn: list[tuple[int, list[int], bool]], cycle: Decimal, counts_orders: bool
) -> None:
    histories = date_histories(drawn)
    order_counts = [2 if is_double else 1 for *_, is_double in drawn]
    made = build(bench, histories, cycle, order_counts, counts_orders=counts_orders)
    windows = list_windows(min(map(min, histories)), AS_OF, history_is_complete=False)
    ends = {(row["window_type"], row["window_start"]): row for row in windows}
    assert len(made["lifecycle_rates"]) == len(windows)
    for row in made["lifecycle_rates"]:
        window = ends[row["window_type"], row["window_start"]]
        if window["window_end"] > AS_OF:
            assert row["null_reason"] == "immature"
            continue
        expected = count_lifecycle(histories, window, cycle)
        assert {name: row[f"{name}_count"] for name in expected} == expected, window
    purchases = order_counts if counts_orders else [1] * len(histories)
    columns = ("new", "once", "active", "sleepy", "half_asleep", "asleep")
    for row in made["nes_states"]:
        window = ends["month", row["window_start"]]
        if window["window_end"] <= AS_OF:
            states = [row[f"{name}_count"] for name in columns]
            assert states == count_states(histories, purchases, window["window_end"], cycle)


@settings(max_examples=20, deadline=None)
@given(drawn=histories_of_members, cycle=cycles_in_use)
def test_intervals_equal_a_plain_count(
    bench: Bench, drawn: list[tuple[int, list[int], bool]], cycle: Decimal
) -> None:
    histories = date_histories(drawn)
    made = build(bench, histories, cycle)
    windows = list_windows(min(map(min, histories)), AS_OF, history_is_complete=False)
    ends = {(row["window_type"], row["window_start"]): row["window_end"] for row in windows}
    gaps = [pair for dates in histories for pair in itertools.pairwise(dates)]
    waits = [*gaps, *((dates[-1], None) for dates in histories)]
    assert len(made["gap_percentiles"]) == len(made["wait_medians"]) == len(windows)
    for row in made["gap_percentiles"]:
        start, end = row["window_start"], ends[row["window_type"], row["window_start"]]
        inside = [(later - earlier).days for earlier, later in gaps if start <= later <= end]
        assert row["gap_count"] == len(inside)
        if inside:
            found = [float(row[name]) for name in ("median_gap", "gap_p80", "gap_p90")]
            assert found == pytest.approx(list(numpy.percentile(inside, [50, 80, 90])))
    for row in made["wait_medians"]:
        start, end = row["window_start"], ends[row["window_type"], row["window_start"]]
        watched = [
            (((later or AS_OF) - earlier).days, later is not None)
            for earlier, later in waits
            if start <= earlier <= end
        ]
        reached = [
            days
            for days in sorted({days for days, _ in watched})
            if estimate_share(watched, days) <= Fraction(1, 2)
        ]
        assert row["median_wait"] == (reached[0] if reached else None)
    lost_after = floor(4 * cycle) + 1
    losses = [
        (((later or AS_OF) - earlier).days - lost_after, later is not None)
        for earlier, later in waits
        if earlier + lost_after * DAY <= AS_OF
        and (later is None or later > earlier + lost_after * DAY)
    ]
    shares = [row["return_share"] for row in made["lost_returns"]]
    if losses and (max(losses)[0] >= 365 or estimate_share(losses, 365) == 0):
        assert shares == [pytest.approx(float(1 - estimate_share(losses, 365)))]
    else:
        assert shares in ([], [None])


@settings(max_examples=15, deadline=None)
@given(drawn=histories_of_members, counts_orders=st.booleans())
def test_cohorts_equal_a_plain_count(
    bench: Bench, drawn: list[tuple[int, list[int], bool]], counts_orders: bool
) -> None:
    histories = date_histories(drawn)
    order_counts = [2 if is_double else 1 for *_, is_double in drawn]
    build(bench, histories, order_counts=order_counts, counts_orders=counts_orders)
    spent = [
        {"member_key": member_key, "business_date": date, "net_amount": 3}
        for member_key, dates in enumerate(histories)
        for date in dates
    ]
    scores = [
        {"member_key": member_key, "first_order_on": dates[0]}
        for member_key, dates in enumerate(histories)
    ]
    for name, rows in (("member_days", spent), ("member_scores", scores), ("returns", [])):
        table = f"intermediate.{name}"
        bench.fill(table, bench.convert_rows(table, rows))
    windows = list_windows(min(map(min, histories)), AS_OF, history_is_complete=False)
    expected: dict[tuple[str, datetime.date, int], tuple[int, int, float] | None] = {}
    for kind in ("week", "month", "quarter"):
        periods = [
            (row["window_start"], row["window_end"])
            for row in windows
            if row["window_type"] == kind
        ]
        for place, (start, end) in enumerate(periods):
            members = [
                (dates, orders)
                for dates, orders in zip(histories, order_counts, strict=True)
                if start <= dates[0] <= end
            ]
            for age, (first, last) in enumerate(periods[place:] if members else []):
                active = sum(any(first <= date <= last for date in dates) for dates, _ in members)
                again = sum(
                    (counts_orders and orders == 2) or any(date <= last for date in dates[1:])
                    for dates, orders in members
                )
                spent_so_far = 3 * sum(date <= last for dates, _ in members for date in dates)
                is_over = last <= AS_OF
                cell = (active, again, spent_so_far / len(members)) if is_over else None
                expected[kind, start, age] = cell
    columns = ("active_count", "repurchased_count", "cumulative_net_amount_per_member")
    found = {
        (row["cohort_type"], row["cohort_start"], row["age"]): None
        if row["active_count"] is None
        else tuple(row[name] for name in columns)
        for row in bench.make("marts.cohorts")
    }
    assert found == expected


def read_remissions(text: str) -> list[tuple[int, bool]]:
    """Return (weeks, whether a relapse ended them) of each patient."""
    return [(int(word.removesuffix("+")), not word.endswith("+")) for word in text.split()]


@pytest.mark.parametrize(
    ("remissions", "median"), [(TREATED, 23), (PLACEBO, 8)], ids=["treated", "placebo"]
)
def test_remissions_of_leukemia_last_as_long_as_published(
    remissions: str, median: int, bench: Bench
) -> None:
    """A patient is an occasion, and a relapse the next one."""
    patients = read_remissions(remissions)
    waits = [
        {
            "scope_key": 1,
            "cell_on": FIRST,
            "wait_days": weeks,
            "occasion_count": sum(other == weeks for other, _ in patients),
            "followed_count": sum(other == weeks and is_over for other, is_over in patients),
        }
        for weeks in sorted({weeks for weeks, _ in patients})
    ]
    window = {"window_type": "day", "window_start": FIRST, "window_end": FIRST}
    rows = bench.run(
        "intermediate.wait_medians",
        {
            "intermediate.scope_reaches": [dict(SCOPES[0]) | {"reach": 1}],
            "intermediate.reach_windows": [window | {"reach": 1, "window_key": 1}],
            "intermediate.interval_cells": [{"reach": 1, "business_date": FIRST, "cell_on": FIRST}],
            "intermediate.wait_counts": waits,
        },
    )
    assert [(row["occasion_count"], row["median_wait"]) for row in rows] == [(21, median)]


@pytest.mark.parametrize(
    ("remissions", "share"), [(TREATED, 0.552), (PLACEBO, 1)], ids=["treated", "placebo"]
)
def test_as_many_patients_relapse_as_published(remissions: str, share: float, bench: Bench) -> None:
    """A week is 15 days here, so that the share within 365 days is that within 24 weeks."""
    as_of = FIRST + 600 * DAY
    dates = [
        {
            "scope_key": 1,
            "business_date": FIRST if is_over else as_of - (1 + 15 * weeks) * DAY,
            "next_on": FIRST + (1 + 15 * weeks) * DAY if is_over else None,
            "member_count": 1,
        }
        for weeks, is_over in read_remissions(remissions)
    ]
    rows = bench.run(
        "intermediate.lost_returns",
        {
            "raw.parameters": [{"as_of_date": as_of}],
            "intermediate.scope_cycles": [{"scope_key": 1, "lost_after_days": 0}],
            "intermediate.repeat_dates": dates,
        },
    )
    assert [row["loss_count"] for row in rows] == [21]
    assert rows[0]["return_share"] == pytest.approx(share, abs=0.0005)


def test_the_cycle_is_the_median_of_members_own_mean_gaps(bench: Bench) -> None:
    chance = random.Random(59)
    scores: list[Row] = []
    for member_key in range(801):
        occasions = chance.choice((1, 1, 2, 2, 3, 4, 7, 30))
        span = sum(chance.choice((1, 3, 14, 30, 31)) for _ in range(occasions - 1))
        scores.append(
            {
                "member_key": member_key,
                "first_order_on": FIRST,
                "last_order_on": FIRST + span * DAY,
                "lifetime_occasion_count": occasions,
            }
        )
    rows = bench.run(
        "marts.purchase_cycles",
        {
            "raw.parameters": [{"as_of_date": AS_OF}],
            "raw.purchase_cycles": [{"scope_type": "all", "scope": "all", "cycle_days": 30}],
            "intermediate.member_scores": scores,
        },
    )
    means = [
        Fraction((row["last_order_on"] - FIRST).days, row["lifetime_occasion_count"] - 1)
        for row in scores
        if row["lifetime_occasion_count"] > 1
    ]
    assert len(rows) == 1
    assert rows[0]["repeater_count"] == len(means) > 500
    assert float(rows[0]["fitted_cycle"]) == pytest.approx(
        float(statistics.median(means)), abs=0.005
    )
    assert rows[0]["is_proposed"]
