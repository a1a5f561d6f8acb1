"""That the orders of CDNOW give the results that were published of them, each by its definition.

The file is the one that the package lifetimes carries: 69,659 orders of the customers who bought
first in the first quarter of 1997, until 30 June 1998. Its parts are counted a second time here.
"""

import csv
import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipelines.runs import RunRequest
from tests.integration.building import Figures, Rows, ask_tables, read_figures

SETTINGS = """\
name: cdnow
timezone: America/New_York
currency: USD
languages: [en]
trade: durable
files:
  orders: {path: "orders.csv"}
conventions: {zero_amount_orders: KEPT}
"""
WITHIN_DAYS = (30, 60, 90, 180, 365)


@dataclass(frozen=True)
class Order:
    """A row of the source."""

    customer: str
    date: datetime.date
    discs: int
    amount: Decimal


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    """The rows of the file, found without importing the package."""
    paths = metadata.files("lifetimes") or []
    [path] = [path for path in paths if path.name == "CDNOW_master.txt"]
    _, *lines = Path(str(path.locate())).read_text(encoding="ascii").splitlines()
    cells = [line.split() for line in lines if line.strip()]
    return [
        Order(
            customer, datetime.datetime.strptime(date, "%Y%m%d").date(), int(discs), Decimal(paid)
        )
        for customer, date, discs, paid in cells
    ]


@dataclass(frozen=True)
class Shop:
    """What a run on the orders made: KPIs, members, and the gaps between occasions."""

    kpi: Figures
    members: Rows
    gaps: list[int]


def run_shop(orders: list[Order], folder: Path, kept: str) -> Shop:
    """Write the orders as a data set, numbered as they stand, and make what is asked about."""
    data = folder / "data"
    data.mkdir()
    (data / "dataset.yaml").write_text(SETTINGS.replace("KEPT", kept), encoding="utf-8")
    with (data / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "member_id", "paid_at", "paid_amount", "units", "status"])
        for number, order in enumerate(orders, start=1):
            writer.writerow([number, order.customer, order.date, order.amount, order.discs, "paid"])
    answers = ask_tables(
        RunRequest(data, output=folder / "output"),
        {
            "marts.kpi": "select * from marts.kpi",
            "marts.members": "select member_id, lifetime_order_count from marts.members",
            # No window holds all eighteen months, the table that percentiles are made from does.
            "intermediate.gap_counts": "select gap_days, gap_count from intermediate.gap_counts",
        },
    )
    gaps = [
        row["gap_days"]
        for row in answers["intermediate.gap_counts"]
        for _ in range(row["gap_count"])
    ]
    return Shop(read_figures(answers["marts.kpi"]), answers["marts.members"], gaps)


@pytest.fixture(scope="module")
def kept(orders: list[Order], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Orders worth nothing count, as they do in what was published."""
    return run_shop(orders, tmp_path_factory.mktemp("kept"), "keep")


@pytest.fixture(scope="module")
def excluded(orders: list[Order], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Orders worth nothing are no purchases, as by default."""
    return run_shop(orders, tmp_path_factory.mktemp("excluded"), "exclude")


def list_gaps(orders: list[Order]) -> list[tuple[datetime.date, int]]:
    """Return the date on which each gap between two dates of one customer ended, and its days."""
    dates = defaultdict(set)
    for order in orders:
        dates[order.customer].add(order.date)
    return [
        (later, (later - earlier).days)
        for of_one in dates.values()
        for earlier, later in pairwise(sorted(of_one))
    ]


def test_the_file_is_the_published_one(orders: list[Order]) -> None:
    assert len(orders) == 69_659
    assert len({order.customer for order in orders}) == 23_570
    assert sum(order.amount for order in orders) == Decimal("2500315.63")
    assert sum(order.amount == 0 for order in orders) == 80
    dates = [order.date for order in orders]
    assert (min(dates), max(dates)) == (datetime.date(1997, 1, 1), datetime.date(1998, 6, 30))


def test_the_run_holds_every_order(kept: Shop) -> None:
    years = ("1997-01-01", "1998-01-01")
    assert sum(kept.kpi.count("orders", "year", year) for year in years) == 69_659
    sales = [kept.kpi.find("net_sales", "year", year).numerator for year in years]
    assert sum(amount for amount in sales if amount is not None) == Decimal("2500315.63")
    assert sum(kept.kpi.count("new_buyers", "year", year) for year in years) == 23_570


def test_the_rates_of_april_1997_differ_by_definition(kept: Shop) -> None:
    month, quarter = ("month", "1997-04-01"), ("quarter", "1997-04-01")
    by_order = kept.kpi.find("repurchase_rate_by_order", *month)
    by_occasion = kept.kpi.find("repurchase_rate", *month)
    into_may = kept.kpi.find("buyback_rate", *month)
    of_quarter = kept.kpi.find("repurchase_rate_by_order", *quarter)
    assert by_order.parts == (631, 2822)
    assert by_occasion.parts == (594, 2822)
    assert into_may.parts == (852, 2822)
    assert of_quarter.parts == (2049, 5376)
    rates = [by_order.value, by_occasion.value, into_may.value, of_quarter.value]
    assert [round(100 * (rate or 0), 2) for rate in rates] == [22.36, 21.05, 30.19, 38.11]


def test_over_all_time_half_of_the_customers_order_again(kept: Shop) -> None:
    counts = [member["lifetime_order_count"] for member in kept.members]
    again = sum(count >= 2 for count in counts)
    assert (again, len(counts)) == (11_662, 23_570)
    assert round(100 * again / len(counts), 2) == 49.48


@pytest.mark.parametrize(("days", "active"), [(365, 8_332), (180, 5_360), (90, 3_301)])
def test_members_active_on_the_last_day(kept: Shop, days: int, active: int) -> None:
    start = datetime.date(1998, 6, 30) - datetime.timedelta(days=days - 1)
    assert kept.kpi.count("active_members", f"trailing_{days}d", start.isoformat()) == active


def test_members_who_come_back_after_june_1998_are_not_known_yet(kept: Shop) -> None:
    figure = kept.kpi.find("buyback_rate", "month", "1998-06-01")
    assert (figure.value, figure.null_reason) == (None, "immature")
    assert kept.kpi.find("buyback_rate", "month", "1998-05-01").value is not None


def test_cohort_of_january_1997_comes_back_within_days(kept: Shop) -> None:
    cohort = {
        days: kept.kpi.find(f"repurchase_within_{days}d", "month", "1997-01-01").parts
        for days in WITHIN_DAYS
    }
    again = (1_374, 2_013, 2_345, 2_934, 3_595)
    assert cohort == {days: (count, 7_846) for days, count in zip(WITHIN_DAYS, again, strict=True)}


def test_a_cohort_waits_for_its_youngest_member(kept: Shop) -> None:
    start = "1997-03-01"
    for days in WITHIN_DAYS:
        assert kept.kpi.find(f"repurchase_within_{days}d", "quarter", "1997-01-01").value
        assert kept.kpi.find(f"repurchase_within_{days}d", "month", start).value
    # Nobody of the source bought first after March 1997: an empty cohort has no rate.
    empty = kept.kpi.find("repurchase_within_30d", "month", "1997-04-01")
    assert empty.parts == (0, 0)
    assert empty.null_reason == "no_denominator"
    late = kept.kpi.find("repurchase_within_30d", "month", "1998-06-01")
    assert late.null_reason == "immature"


def test_gaps_between_occasions(kept: Shop, orders: list[Order]) -> None:
    years = [
        kept.kpi.find("purchase_interval_mean", "year", year)
        for year in ("1997-01-01", "1998-01-01")
    ]
    days = sum(year.numerator or 0 for year in years)
    count = sum(year.denominator or 0 for year in years)
    assert (days, count) == (sum(gap for _, gap in list_gaps(orders)), 44_021)
    assert round(days / count, 3) == Decimal("72.214")
    assert len(kept.gaps) == 44_021
    assert np.percentile(kept.gaps, [50, 80, 90]).tolist() == [34, 119, 200]


@pytest.mark.parametrize(("metric", "percent"), [("median", 50), ("p80", 80), ("p90", 90)])
def test_percentiles_of_the_gaps_of_each_year(
    kept: Shop, orders: list[Order], metric: str, percent: int
) -> None:
    for year in (1997, 1998):
        gaps = [gap for ended, gap in list_gaps(orders) if ended.year == year]
        figure = kept.kpi.find(f"purchase_interval_{metric}", "year", f"{year}-01-01")
        assert figure.value == pytest.approx(np.percentile(gaps, percent), abs=1e-6)


def test_orders_worth_nothing_are_no_purchases_by_default(excluded: Shop) -> None:
    years = [
        excluded.kpi.find("purchase_interval_mean", "year", year)
        for year in ("1997-01-01", "1998-01-01")
    ]
    assert sum(year.denominator or 0 for year in years) == 44_009
    cohort = {
        excluded.kpi.find(f"repurchase_within_{days}d", "month", "1997-01-01").denominator
        for days in WITHIN_DAYS
    }
    assert cohort == {7_814}
    orders = [excluded.kpi.count("orders", "year", year) for year in ("1997-01-01", "1998-01-01")]
    assert sum(orders) == 69_659 - 80
