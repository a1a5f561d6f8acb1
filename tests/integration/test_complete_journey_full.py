"""That all baskets of The Complete Journey give the results that were published of them.

The bundled sample, 300 of these households with their lines, is tested elsewhere.
"""

import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_samples.complete_journey.make import (
    MONEY,
    TIMEZONE,
    convert_cents,
    convert_texts,
    make_baskets,
    read_source,
)
from pipelines.runs import RunRequest
from tests.integration.building import Figures, ask_tables, read_figures

SETTINGS = """\
name: complete_journey_full
timezone: {timezone}
currency: USD
languages: [en]
files:
  orders: {{path: "orders.parquet"}}
conventions: {{zero_amount_orders: {zero_amount_orders}}}
"""
# Every date but the first one of the data, on which no gap can end.
YEAR_OF = {TIMEZONE: ("trailing_365d", "2017-01-01"), "UTC": ("trailing_365d", "2017-01-02")}


@pytest.fixture(scope="module")
def baskets() -> pd.DataFrame:
    """One row a basket, with its time as the source has it and its date in both zones."""
    lines = read_source(is_full=True)["lines"]
    baskets = make_baskets(lines)
    paid_at = lines.groupby("basket_id", sort=True)["transaction_timestamp"].min()
    baskets["paid_at_utc"] = paid_at.to_numpy()
    baskets["day_utc"] = baskets["paid_at_utc"].dt.normalize()
    return baskets


def run_chain(
    baskets: pd.DataFrame, folder: Path, timezone: str, zero_amount_orders: str
) -> Figures:
    """Return the KPIs of the baskets, dated in a time zone."""
    data = folder / "data"
    data.mkdir()
    settings = SETTINGS.format(timezone=timezone, zero_amount_orders=zero_amount_orders)
    (data / "dataset.yaml").write_text(settings, encoding="utf-8")
    time = "paid_at_utc" if timezone == "UTC" else "paid_at"
    orders = {
        "order_id": convert_texts(baskets["basket_id"]),
        "member_id": convert_texts(baskets["household_id"]),
        "paid_at": pa.array(baskets[time], pa.timestamp("us")),
        "paid_amount": convert_cents(baskets["cents"]).cast(MONEY),
        "status": pa.array(["paid"] * len(baskets), pa.string()),
    }
    pq.write_table(pa.table(orders), data / "orders.parquet")
    question = "select * from marts.kpi where window_type = 'trailing_365d'"
    answers = ask_tables(RunRequest(data, output=folder / "output"), {"marts.kpi": question})
    return read_figures(answers["marts.kpi"])


@pytest.fixture(scope="module")
def in_new_york(baskets: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return run_chain(baskets, tmp_path_factory.mktemp("new_york"), TIMEZONE, "keep")


@pytest.fixture(scope="module")
def in_utc(baskets: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return run_chain(baskets, tmp_path_factory.mktemp("utc"), "UTC", "keep")


@pytest.fixture(scope="module")
def by_default(baskets: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Baskets worth nothing are no purchases."""
    return run_chain(baskets, tmp_path_factory.mktemp("default"), TIMEZONE, "exclude")


def list_gaps(baskets: pd.DataFrame, day: str) -> pd.Series:
    """Return the days between consecutive rows of each household."""
    ordered = baskets.sort_values(["household_id", day])
    gaps: pd.Series = ordered.groupby("household_id")[day].diff().dropna().dt.days
    return gaps


def test_totals(baskets: pd.DataFrame, in_new_york: Figures) -> None:
    assert baskets["cents"].sum() == 459_603_958
    year = YEAR_OF[TIMEZONE]
    assert in_new_york.find("net_sales", *year).numerator == Decimal("4596039.58")
    assert in_new_york.count("orders", *year) == len(baskets) == 155_848
    trips = in_new_york.find("orders_per_buyer", *year)
    assert trips.parts == (155_848, 2_469)
    assert trips.value == pytest.approx(63.1, abs=0.05)


def test_gaps_between_baskets_on_dates_of_the_source(
    baskets: pd.DataFrame, in_utc: Figures
) -> None:
    gaps = list_gaps(baskets, "day_utc")
    assert (round(gaps.mean(), 3), gaps.median()) == (5.118, 2)
    # Baskets of one date have no days between them: the same days are spread over more gaps.
    days, _ = in_utc.find("purchase_interval_mean", *YEAR_OF["UTC"]).parts
    assert days == int(gaps.sum())
    assert len(gaps) == 155_848 - 2_469


@pytest.mark.parametrize(
    ("run", "timezone", "day", "mean"),
    [("in_utc", "UTC", "day_utc", 6.313), ("in_new_york", TIMEZONE, "day", 6.282)],
)
def test_gaps_between_occasions(
    request: pytest.FixtureRequest,
    baskets: pd.DataFrame,
    run: str,
    timezone: str,
    day: str,
    mean: float,
) -> None:
    kpi: Figures = request.getfixturevalue(run)
    gaps = list_gaps(baskets[["household_id", day]].drop_duplicates(), day)
    interval = kpi.find("purchase_interval_mean", *YEAR_OF[timezone])
    assert interval.parts == (int(gaps.sum()), len(gaps))
    assert interval.value is not None and round(interval.value, 3) == mean
    assert kpi.find("purchase_interval_median", *YEAR_OF[timezone]).value == 3


def test_baskets_worth_nothing_are_no_purchases_by_default(by_default: Figures) -> None:
    interval = by_default.find("purchase_interval_mean", *YEAR_OF[TIMEZONE])
    assert interval.value is not None and round(interval.value, 3) == 6.287
    assert by_default.find("purchase_interval_median", *YEAR_OF[TIMEZONE]).value == 3


def test_the_source_ends_on_another_date_in_utc(baskets: pd.DataFrame) -> None:
    last = {name: baskets[name].max().date() for name in ("day", "day_utc")}
    assert last == {"day": datetime.date(2017, 12, 31), "day_utc": datetime.date(2018, 1, 1)}
