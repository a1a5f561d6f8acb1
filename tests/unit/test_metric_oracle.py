"""That the oracle of the metric contract gives what was worked by hand on the golden data set.

Whether the pipeline agrees with the oracle is asked elsewhere.
"""

import csv
import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.oracles.metric_contract import (
    METRICS,
    Conventions,
    History,
    Key,
    Member,
    Number,
    Order,
    Refund,
    Shop,
    find_censored_median,
    find_date,
    interpolate,
    list_windows,
)

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
EXPECTED = yaml.safe_load((GOLDEN / "expected.yaml").read_text(encoding="utf-8"))
MARCH = datetime.date(2024, 3, 1)
# What the variants state beside their list of metrics, under the names that the metrics have.
MORE: dict[str, list[tuple[str, str, int | str, int | str | None]]] = {
    "as_written": [
        ("enrolment_rate", "all", 2, 4),
        ("new_buyers", "all", 2, None),
        ("returning_member_rate", "all", 3, 5),
        ("occasions_per_buyer", "all", 8, 5),
        ("orders_guest", "all", 2, None),
        ("net_sales_guest", "all", "100.00", None),
        ("average_order_value_member", "all", "578.00", 9),
        ("refund_rate_on_refund_date", "all", "200.00", "878.00"),
        ("refund_order_rate_on_refund_date", "all", 1, 12),
        ("member_active_rate", "all", 5, 8),
        ("repeat_order_share", "all", 4, 9),
    ],
    "merges_are_ignored": [("registered_members", "all", 9, None)],
}


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the golden files."""
    with (GOLDEN / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_history() -> History:
    """Return the golden data set as the oracle takes it."""
    members = read_rows("members.csv")
    return History(
        orders=[
            Order(
                row["order_id"],
                row["paid_at_utc"],
                Decimal(row["paid_amount"]),
                row["member_id"],
                row["store"],
                row["status"],
            )
            for row in read_rows("orders.csv")
        ],
        refunds=[
            Refund(
                row["refund_id"], row["order_id"], row["refunded_at_utc"], Decimal(row["amount"])
            )
            for row in read_rows("refunds.csv")
        ],
        members=[Member(row["member_id"], row["registered_at_utc"]) for row in members],
        merges={row["member_id"]: row["merged_into"] for row in members if row["merged_into"]},
    )


@cache
def open_variant(variant: str) -> Shop:
    """Return the golden shop under the conventions of a variant."""
    chosen: dict[str, Any] = {"timezone": "Asia/Shanghai", "as_of": EXPECTED["as_of"]}
    for dotted, value in EXPECTED["variants"][variant]["settings"].items():
        chosen[dotted.removeprefix("conventions.")] = value
    return Shop(read_history(), Conventions(**chosen))


@cache
def measure_variant(variant: str) -> dict[Key, Number]:
    """Return every number of a variant, in all scopes."""
    return {
        key: number
        for scope in (("all", "all"), ("store", "S1"), ("store", "S2"), ("brand", "S1"))
        for key, number in open_variant(variant).measure(*scope).items()
    }


def make_key(metric: str, scope: str, kind: str, start: datetime.date) -> Key:
    """Return the key of a number of the golden data set, whose scopes are its stores."""
    return Key(metric, "all" if scope == "all" else "store", scope, kind, start)


@pytest.mark.parametrize("variant", EXPECTED["variants"])
def test_metrics_are_as_worked_by_hand(variant: str) -> None:
    numbers = measure_variant(variant)
    stated = [tuple(row) for row in EXPECTED["variants"][variant]["kpi"]]
    stated += [
        (metric, scope, "month", MARCH, numerator, denominator)
        for metric, scope, numerator, denominator in MORE.get(variant, [])
    ]
    for *place, numerator, denominator in stated:
        number = numbers[make_key(*place)]
        assert number.null_reason is None
        assert number.numerator == Decimal(str(numerator)), place
        expected = None if denominator is None else Decimal(str(denominator))
        assert number.denominator == expected, place


@pytest.mark.parametrize("variant", EXPECTED["variants"])
def test_flows_occasions_and_refunds_are_as_worked_by_hand(variant: str) -> None:
    numbers, expected = measure_variant(variant), EXPECTED["variants"][variant]
    for scope, month, *counts in expected.get("lifecycle", []):
        found = [
            numbers[make_key(metric, scope, "month", month)].numerator
            for metric in (
                "active_members",
                "lifecycle_new",
                "lifecycle_retained",
                "lifecycle_reactivated",
                "lifecycle_lapsed",
            )
        ]
        assert found == counts
    for month, parts in expected.get("occasions_per_buyer", {}).items():
        occasions = numbers[make_key("occasions_per_buyer", "all", "month", month)]
        assert [occasions.numerator, occasions.denominator] == parts
    for month, amounts in expected.get("paid", {}).items():
        orders = [o for o in open_variant(variant).paid_orders if o.date.replace(day=1) == month]
        refunded = sum(amount for order in orders for _, amount in order.refunds)
        assert [sum(order.paid for order in orders), refunded] == amounts


def test_every_metric_is_measured_and_no_other() -> None:
    assert {key.metric for key in measure_variant("as_written")} == METRICS


def test_forward_looking_numbers_of_an_open_window_are_immature() -> None:
    numbers = measure_variant("as_written")
    for metric in ("buyback_rate", "repurchase_within_30d", "refund_rate"):
        number = numbers[make_key(metric, "all", "month", MARCH)]
        assert (number.value, number.null_reason) == (None, "immature")


@pytest.mark.parametrize(
    ("moment", "zone", "starts", "date"),
    [
        ("2024-03-31T17:30:00Z", "Asia/Shanghai", "00:00", "2024-04-01"),
        ("2024-03-31 23:59:59", "Asia/Shanghai", "00:00", "2024-03-31"),
        ("2024-04-01 03:59:59", "Asia/Shanghai", "04:00", "2024-03-31"),
        ("2024-04-01 04:00:00", "Asia/Shanghai", "04:00", "2024-04-01"),
        ("2024-03-10T06:59:59Z", "America/New_York", "02:00", "2024-03-09"),
        ("2024-03-10T07:00:00Z", "America/New_York", "02:00", "2024-03-10"),
        ("2024-03-09T22:30:00-05:00", "Pacific/Auckland", "00:00", "2024-03-10"),
    ],
)
def test_a_business_date_is_that_of_the_zone_and_the_day_start(
    moment: str, zone: str, starts: str, date: str
) -> None:
    conventions = Conventions(zone, datetime.date(2024, 4, 1), day_starts_at=starts)
    assert str(find_date(moment, conventions)) == date


def test_windows_are_whole_periods_and_trailing_dates() -> None:
    windows = list_windows(datetime.date(2024, 2, 14), datetime.date(2024, 4, 10), True)
    starts: dict[str, list[str]] = {}
    for window in windows:
        starts.setdefault(window.window_type, []).append(f"{window.start} {window.end}")
    assert starts["month"][0] == "2024-02-01 2024-02-29"
    assert starts["half"] == ["2024-01-01 2024-06-30"]
    assert starts["year"] == ["2024-01-01 2024-12-31"]
    assert starts["week"][0] == "2024-02-12 2024-02-18"
    assert len(starts["day"]) == 57
    assert starts["trailing_30d"] == [
        "2024-01-31 2024-02-29",
        "2024-03-02 2024-03-31",
        "2024-03-12 2024-04-10",
    ]


def test_percentiles_are_linear_and_the_censored_median_is_kaplan_meiers() -> None:
    assert interpolate([1, 2, 4, 8], Decimal("0.5")) == 3
    assert interpolate([1, 2, 4, 8], Decimal("0.9")) == Decimal("6.8")
    assert find_censored_median([(1, True), (2, False), (3, True), (3, False)]) == 3
    assert find_censored_median([(1, False), (2, False)]) is None
    assert find_censored_median([]) is None
