"""That lines, refunds, coupons, guides and stores give the numbers that were worked by hand.

A shop of two stores and fourteen orders, from its files to the published metrics; each figure is
explained where it stands. What a single model makes of odd rows is tested with the models.
"""

import csv
import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.runs import RunRequest
from tests.integration.building import Figures, Rows, ask_tables, read_figures

SETTINGS: dict[str, Any] = {
    "name": "corner_shop",
    "timezone": "Asia/Shanghai",
    "currency": "CNY",
    "scopes": ["store"],
    "conventions": {
        "history_is_complete": True,
        "offline_channels": ["门店"],
        "guide_channels": ["门店", "企微"],
    },
}
ORDERS = """
order_id,member_id,paid_at,paid_amount,status,store_id,channel,guide_id,delivery_city,coupon_amount,units
Q01,M1,2024-03-05 10:00:00,70.00,done,S1,门店,G1,,,
Q02,,2024-03-06 10:00:00,30.00,done,S1,门店,G2,,,
A01,M1,2024-04-01 10:00:00,100.00,done,S1,门店,G1,,10.00,9
A02,M1,2024-04-10 10:00:00,50.00,done,S2,小程序,,杭州,0.00,3
A03,,2024-04-11 10:00:00,30.00,done,S1,门店,,,,
A04,M2,2024-04-11 10:00:00,80.00,done,S1,企微,G1,上海市,,
A05,M3,2024-04-12 10:00:00,60.00,done,S1,门店,G2,,,
A06,,2024-04-15 10:00:00,20.00,done,S2,门店,,,,
A07,M2,2024-04-20 10:00:00,40.00,done,S2,企微,,上海,,
A08,M4,2024-04-21 10:00:00,200.00,done,S1,门店,G1,,,5
A09,M3,2024-04-25 10:00:00,90.00,done,S1,小程序,,北京,,2
N01,,2024-04-26 10:00:00,-15.00,done,S1,门店,G2,,,
B01,M2,2024-05-05 10:00:00,100.00,done,S2,小程序,,,,
J01,M1,2024-06-30 10:00:00,10.00,done,S1,门店,G9,,,
"""
# A line of A01 is of a product whose category only the product file tells.
LINES = """
order_id,sku,category,quantity,amount,list_amount,cost_amount
A01,T1,,2,60.00,80.00,30.00
A01,C1,杯,1,40.00,40.00,20.00
A03,T1,茶,1,30.00,,
A04,T1,茶,1,80.00,100.00,90.00
A07,C1,杯,1,40.00,50.00,
A08,T1,茶,5,200.00,300.00,10.00
"""
LINES_EXPORTED_AGAIN = """
order_id,sku,category,quantity,amount,list_amount,cost_amount
A01,T1,,2,60.00,80.00,30.00
A01,C1,杯,1,40.00,40.00,20.00
"""
FILES = {
    "orders": ORDERS,
    "order_lines": LINES,
    "order_lines_2": LINES_EXPORTED_AGAIN,
    "products": "sku,category\nT1,茶\nC1,杯\n",
    "refunds": """
refund_id,order_id,refunded_at,amount
R1,A08,2024-05-20 10:00:00,200.00
R2,A09,2024-04-28 10:00:00,30.00
R3,A09,2024-05-02 10:00:00,10.00
""",
    "coupons": """
coupon_id,issued_at,redeemed_at,order_id
C1,2024-04-01 09:00:00,,A07
C1,2024-04-01 09:00:00,,A07
C2,2024-04-02 09:00:00,2024-04-30 23:00:00,
C3,2024-04-05 09:00:00,,
C4,2024-04-06 09:00:00,,A08
C5,2024-04-07 09:00:00,2024-07-05 10:00:00,
""",
    "members": """
member_id,registered_at,channel,online_id,referrer_id
M1,2024-03-01 10:00:00,门店,,
M2,2024-04-11 09:00:00,企微,w2,M1
M3,2024-04-12 09:00:00,门店,,
M4,2024-04-21 09:00:00,门店,,M1
M5,2023-07-01 23:00:00,门店,w5,
M6,2022-01-01 09:00:00,门店,,
M7,2022-01-01 09:00:00,小程序,w7,
M8,2023-07-02 00:00:00,门店,w8,
""",
    "stores": "store_id,city,brand,store_type\nS1,上海,青,旗舰\nS2,杭州,岚,旗舰\n",
    "guides": "guide_id,store_id\nG1,S1\nG2,S1\nG3,S1\nG4,S2\n",
    "visits": """
date,guide_id,viewers,cart_users,order_users,paying_users,shares
2024-04-01,G1,50,9,6,5,0
2024-04-30,G3,20,3,2,1,4
""",
}
KPI = "marts.kpi"
QUESTIONS = {
    KPI: f"select * from {KPI}",
    "marts.metrics": "select metric, missing from marts.metrics",
    "marts.guide_tiers": "select * from marts.guide_tiers",
    "marts.gates": "select gate from marts.gates where is_closed",
    "intermediate.refund_maturity": "select * from intermediate.refund_maturity",
}


def write_shop(
    folder: Path, files: Mapping[str, str], settings: Mapping[str, Any] = SETTINGS
) -> Path:
    """Write a data set's folder; files named table_2 fill the table too."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text.lstrip(), encoding="utf-8")
    tables = {name.removesuffix("_2") for name in files}
    sources = {table: {"path": f"{table}*.csv"} for table in sorted(tables)}
    sources["orders"]["path"] = "orders.csv"
    content = {**settings, "files": sources}
    (folder / "dataset.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def run_shop(folder: Path, as_of: str = "latest") -> dict[str, Rows]:
    """Return what the tables of a data set answer."""
    asked = RunRequest(dataset=folder, as_of=as_of, output=folder.parent / f"{folder.name}_out")
    return ask_tables(asked, QUESTIONS)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    return run_shop(write_shop(tmp_path_factory.mktemp("goods") / "shop", FILES))


@pytest.fixture(scope="module")
def figures(answers: dict[str, Rows]) -> Figures:
    return read_figures(answers[KPI])


APRIL, MAY = ("month", "2024-04-01"), ("month", "2024-05-01")
QUARTER, YEAR = ("quarter", "2024-04-01"), ("trailing_365d", "2023-07-02")


@pytest.mark.parametrize(
    ("metric", "window", "scope", "numerator", "denominator"),
    [
        # 670 was paid for nine orders; A08 came back whole, of A09 40.
        pytest.param("refund_rate", APRIL, "all", "240", "670", id="refunds by order date"),
        pytest.param("refund_order_rate", APRIL, "all", "2", "9", id="refunded orders"),
        pytest.param("refund_rate", APRIL, "S2", "0", "110", id="no refunds in a store"),
        # April saw 30 of A09, May its 10 and the 200 of A08.
        pytest.param("refund_rate_on_refund_date", APRIL, "all", "30", "670", id="in April"),
        pytest.param("refund_rate_on_refund_date", MAY, "all", "210", "100", id="above 1 in May"),
        pytest.param("refund_order_rate_on_refund_date", MAY, "all", "2", "1", id="two in May"),
        # A09 was refunded in two steps, and once in the quarter.
        pytest.param("refund_order_rate_on_refund_date", QUARTER, "all", "2", "11", id="once"),
        # Pieces: 3 of A01's lines, 3 of A02, 1 each of A03, A04 and A07, 2 of A09.
        pytest.param("units_per_order", APRIL, "all", "11", "6", id="pieces per order"),
        # Their net amounts: 100, 50, 30, 80, 40, and 50 left of A09.
        pytest.param("average_unit_price", APRIL, "all", "350", "11", id="price of a piece"),
        # List prices 120 of A01, 100 of A04, 50 of A07; paid 100, 80, 40; A08 came back.
        pytest.param("discount_rate", APRIL, "all", "50", "270", id="discount"),
        pytest.param("full_price_share", APRIL, "all", "40", "220", id="full price"),
        # Costs 50 of A01 and 90 of A04, next to 180 paid.
        pytest.param("gross_margin_rate", APRIL, "all", "40", "180", id="margin"),
        pytest.param("gross_margin_rate", APRIL, "S2", None, None, id="no cost known in S2"),
        # M1 bought both in one order, M2 in two; M3's goods are not known.
        pytest.param("cross_category_rate", APRIL, "all", "2", "3", id="two categories"),
        pytest.param("cross_brand_rate", APRIL, "all", "2", "3", id="two brands"),
        pytest.param("cross_brand_rate", MAY, "all", "0", "1", id="one brand in May"),
        pytest.param("cross_brand_rate", YEAR, "all", "2", "3", id="two brands in a year"),
        # A01 by its amount, A07 by the coupon file; A08 with its coupon came back.
        pytest.param("coupon_order_share", APRIL, "all", "2", "8", id="orders with coupons"),
        # C1 and C4 by their orders, C2 by its date; C5 after the as-of date.
        pytest.param("coupon_redemption_rate", APRIL, "all", "3", "5", id="redeemed coupons"),
        # A02 to 杭州 and A04 to 上海市; A07 and A09 elsewhere, the others were taken home.
        pytest.param("same_city_order_share", APRIL, "all", "2", "4", id="same city"),
        pytest.param("same_city_unknown_share", APRIL, "all", "4", "8", id="unknown city"),
        # In 门店 and 企微: 100, 30, 80, 60, 20, 40, less 15; with a guide 100, 80, 60, less 15.
        pytest.param("guide_sales_share", APRIL, "all", "225", "315", id="guides"),
        pytest.param("guide_sales_share", APRIL, "S1", "225", "255", id="guides of a store"),
        # M3 in 门店; M2 enrolled in 企微, M4's order came back; A03 and A06 are anonymous.
        pytest.param("enrolment_rate", APRIL, "all", "1", "3", id="enrolment"),
        pytest.param("enrolment_rate", APRIL, "S1", "1", "2", id="enrolment in a store"),
        # M5 and M6; M7 registered online, M8 a day late.
        pytest.param("online_member_rate", YEAR, "all", "1", "2", id="online members"),
        pytest.param("referral_share", APRIL, "all", "2", "3", id="referrals"),
    ],
)
def test_numbers_are_as_worked_by_hand(
    metric: str,
    window: tuple[str, str],
    scope: str,
    numerator: str | None,
    denominator: str | None,
    figures: Figures,
) -> None:
    figure = figures.find(metric, *window, scope)
    if numerator is None or denominator is None:
        assert figure.null_reason == "no_denominator"
        return
    assert figure.parts == (Decimal(numerator), Decimal(denominator))
    assert figure.value == pytest.approx(float(Decimal(numerator) / Decimal(denominator)))


def test_refund_rates_wait_until_refunds_have_come(
    answers: dict[str, Rows], figures: Figures
) -> None:
    """Lags of 3, 7 and 29 days: their 95th percentile is 7 + 0.9 × 22 = 26.8 days."""
    assert answers["intermediate.refund_maturity"] == [{"maturity_days": 27, "lag_count": 3}]
    assert figures.find("refund_rate", *MAY).parts == (0, 100)
    june = figures.find("refund_rate", "month", "2024-06-01")
    assert (june.parts, june.null_reason) == ((None, 10), "immature")


def test_guides_have_tiers_by_the_bar_of_the_quarter_before(answers: dict[str, Rows]) -> None:
    """Of 30 and 70 in the first quarter the 80th percentile is 62."""
    columns = ("tier", "net_amount", "order_count", "share_rate", "conversion_rate")
    tiers = {
        (row["month"].month, row["guide_id"]): tuple(row[name] for name in columns)
        for row in answers["marts.guide_tiers"]
    }
    # A08 of G1 came back; G2 sold 60 and took 15 back.
    assert tiers[4, "G1"] == ("A", Decimal("180.00"), 2, 0.0, 0.1)
    assert tiers[4, "G2"] == ("B1", Decimal("45.00"), 1, None, None)
    assert tiers[4, "G3"] == ("B2", Decimal("0.00"), 0, 0.2, 0.05)
    assert tiers[4, "G4"] == ("C", Decimal("0.00"), 0, None, None)
    rows = answers["marts.guide_tiers"]
    bars = {row["threshold_amount"] for row in rows if row["month"].month > 3}
    assert bars == {Decimal("62.000")}
    assert {row["guide_id"] for row in rows if not row["is_on_roster"]} == {"G9"}
    before = {row["null_reason"] for row in rows if row["month"].month == 3}
    assert before == {None, "no_threshold"}


def test_what_is_not_brought_is_named_and_has_no_row(tmp_path: Path) -> None:
    bare = {"orders": "\n".join(line.rsplit(",", 6)[0] for line in ORDERS.strip().splitlines())}
    answers = run_shop(write_shop(tmp_path / "bare", bare))
    missing = {row["metric"]: row["missing"] for row in answers["marts.metrics"]}
    published = {row["metric"] for row in answers[KPI]}
    expected = {
        "refund_rate": "refunds | orders.refunded_amount",
        "units_per_order": "orders.units | order_lines.quantity",
        "discount_rate": "order_lines.list_amount",
        "gross_margin_rate": "order_lines.cost_amount",
        "coupon_order_share": "orders.coupon_amount | coupons.order_id",
        "guide_sales_share": "orders.guide_id",
    }
    assert {metric: missing[metric] for metric in expected} == expected
    assert not published & {metric for metric, need in missing.items() if need is not None}
    assert answers["marts.guide_tiers"] == []


def test_totals_of_refunds_without_dates_count_by_order_only(tmp_path: Path) -> None:
    orders = list(csv.DictReader(ORDERS.strip().splitlines()))
    totals = {"A08": "200.00", "A09": "40.00"}
    lines = ["order_id,paid_at,paid_amount,status,refunded_amount"]
    lines += [
        f"{order['order_id']},{order['paid_at']},{order['paid_amount']},done,"
        f"{totals.get(order['order_id'], '')}"
        for order in orders
    ]
    folder = write_shop(tmp_path / "undated", {"orders": "\n".join(lines)})
    answers = run_shop(folder)
    figures = read_figures(answers[KPI])
    assert figures.find("refund_rate", *APRIL).parts == (240, 670)
    assert figures.find("refund_order_rate", *APRIL).parts == (2, 9)
    assert answers["intermediate.refund_maturity"] == [{"maturity_days": 15, "lag_count": 0}]
    assert not any(row["metric"] == "refund_rate_on_refund_date" for row in answers[KPI])
    # An earlier day knows of refunds that may be of later, and says so.
    warning = {"gate": "undated_refunds"}
    assert warning not in answers["marts.gates"]
    assert warning in run_shop(folder, as_of="2024-05-05")["marts.gates"]


def test_conventions_choose_the_channels_and_the_return_window(tmp_path: Path) -> None:
    files = {name: FILES[name] for name in ("orders", "members", "refunds")}
    conventions = {"return_window_days": 61}
    settings = {**SETTINGS, "conventions": conventions}
    figures = read_figures(run_shop(write_shop(tmp_path / "all", files, settings))[KPI])
    # In all channels M2 enrolled too; guides sold 225 of the 415 net of April.
    assert figures.find("enrolment_rate", *APRIL).parts == (2, 4)
    assert figures.find("guide_sales_share", *APRIL).parts == (225, 415)
    # April ended 61 days before the as-of date, May 30.
    assert figures.find("refund_rate", *APRIL).null_reason is None
    assert figures.find("refund_rate", *MAY).null_reason == "immature"


def test_a_backfill_knows_the_refunds_of_its_day(tmp_path: Path) -> None:
    files = {name: FILES[name] for name in ("orders", "members", "refunds")}
    folder = write_shop(tmp_path / "earlier", files)
    figures = read_figures(run_shop(folder, as_of="2024-05-05")[KPI])
    assert figures.find("refund_rate_on_refund_date", *APRIL).parts == (30, 670)
    # The 200 of A08 came later, so that A08 counts.
    assert figures.find("refund_rate_on_refund_date", *MAY).parts == (10, 100)
    assert figures.find("orders", *APRIL).numerator == 9
    assert datetime.date(2024, 5, 5) == max(
        key[3] for key in figures.by_key if key[0] == "orders" and key[2] == "day"
    )
