"""Points, tiers, traffic, targets, member days, same-store growth, concentration and sales drivers,
worked by hand on one small shop from its files to the published numbers.

How a single model treats single rows stands in its cases.
"""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.runs import RunRequest
from tests.integration.building import Figures, Rows, ask_tables, read_figures

SETTINGS = """\
name: growing_shop
timezone: Asia/Shanghai
currency: CNY
files:
  orders: {path: orders.csv}
  stores: {path: stores.csv}
  members: {path: members.csv}
  member_merges: {path: merges.csv}
  points: {path: "points_*.csv"}
  visits: {path: visits.csv}
  targets: {path: targets.csv}
  events: {path: events.csv}
scopes: [channel, region]
point_kinds: {earn: [购物]}
"""
FILES = {
    # S3 closes on 10 February 2025, S2 opened on 1 March 2024; M2 is M1 since the merge.
    "orders.csv": """\
order_id,paid_at,paid_amount,member_id,status,store_id,channel
1,2024-01-01 10:00:00,5.00,,paid,,app
2,2024-01-10 10:00:00,10.00,M3,paid,S3,till
3,2024-01-20 10:00:00,100.00,M1,paid,S1,till
4,2024-02-03 10:00:00,30.00,M3,paid,S3,till
5,2024-02-12 10:00:00,50.00,M2,paid,S1,till
6,2024-02-20 10:00:00,70.00,M1,paid,S1,till
7,2025-01-02 10:00:00,25.00,M3,paid,S3,till
8,2025-01-15 10:00:00,80.00,M1,paid,S1,till
9,2025-02-05 10:00:00,90.00,M2,paid,S1,till
10,2025-02-05 11:00:00,30.00,M5,paid,S1,till
11,2025-02-06 10:00:00,40.00,M4,paid,S2,till
12,2025-02-20 10:00:00,60.00,,paid,S1,till
21,2025-01-09 10:00:00,5.00,,paid,,app
22,2025-01-16 10:00:00,5.00,,paid,,app
23,2025-01-23 10:00:00,50.00,,paid,,app
24,2025-01-30 10:00:00,1000.00,,paid,,app
25,2025-02-13 10:00:00,30.00,,paid,,app
26,2025-02-27 10:00:00,20.00,,paid,,app
27,2025-03-06 10:00:00,10.00,,paid,,app
28,2025-03-13 10:00:00,35.00,,paid,,app
29,2025-03-31 10:00:00,1.00,,paid,,app
""",
    "stores.csv": """\
store_id,region,opened_on,closed_on
S1,华东,2020-01-01,
S2,华东,2024-03-01,
S3,华北,2020-01-01,2025-02-10
""",
    "members.csv": """\
member_id,registered_at,tier
M1,2024-01-01 09:00:00,铜卡
M3,2024-01-01 09:00:00,
M4,2024-01-01 09:00:00,
M5,2024-01-01 09:00:00,银卡
""",
    "merges.csv": "member_id,merged_into,merged_at\nM2,M1,2024-03-01 10:00:00\n",
    "points_1.csv": """\
member_id,at,kind,points
M1,2024-05-01 10:00:00,earn,600
M3,2024-06-01 10:00:00,过期,-5
M2,2025-02-05 10:00:00,购物,100
M5,2025-02-05 10:00:00,购物,2500
""",
    "points_2.csv": """\
member_id,at,kind,points
M5,2025-02-05 10:00:00,购物,2500
M1,2025-02-20 10:00:00,Earn,-20
M1,2025-03-01 10:00:00,兑换,-50
M1,2025-03-02 10:00:00,抽奖,7
""",
    "visits.csv": """\
date,channel,viewers,cart_users,order_users,paying_users,shares
2025-02-05,app,100,20,10,8,5
2025-02-06,live,50,,4,4,100
""",
    "targets.csv": """\
metric,scope_type,scope,window_start,target
net_sales,,,2025-02-01,300
net_sales,channel,app,2025-02-01,40
销售额,,,2025-02-01,1
""",
    "events.csv": "date,event\n2025-03-13,会员日\n",
}
QUESTIONS = {
    "marts.kpi": "select * from marts.kpi",
    "marts.metrics": "select metric, is_available from marts.metrics",
    "marts.member_tiers": "select * from marts.member_tiers order by member_id",
    "marts.tier_flows": "select * from marts.tier_flows order by tier",
    "marts.point_kinds": "select * from marts.point_kinds order by word",
    "marts.traffic": "select * from marts.traffic",
    "marts.target_attainment": "select * from marts.target_attainment order by metric, target",
    "marts.event_effects": "select * from marts.event_effects",
    "intermediate.sales_drivers": "select * from intermediate.sales_drivers",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """Return what one run of the shop makes of its files."""
    folder = tmp_path_factory.mktemp("growing_shop")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    return ask_tables(RunRequest(folder, output=folder / "output"), QUESTIONS)


@pytest.fixture(scope="module")
def figures(answers: dict[str, Rows]) -> Figures:
    return read_figures(answers["marts.kpi"])


def parts(numerator: str | None, denominator: str | None = None) -> tuple[Any, Any]:
    """Return numerator and denominator as exact numbers."""
    return (
        None if numerator is None else Decimal(numerator),
        None if denominator is None else Decimal(denominator),
    )


@pytest.mark.parametrize(
    ("metric", "window_type", "window_start", "expected"),
    [
        pytest.param("points_issued", "month", "2025-02-01", parts("2580"), id="with a reversal"),
        pytest.param("points_issued", "half", "2024-01-01", parts("600"), id="half-year"),
        pytest.param("points_redeemed", "month", "2025-03-01", parts("50"), id="redeemed"),
        pytest.param("points_expired", "month", "2024-06-01", parts("5"), id="expired"),
        pytest.param("points_balance", "month", "2025-03-01", parts("3125"), id="balance"),
        pytest.param("points_balance", "month", "2024-06-01", parts("595"), id="earlier balance"),
        pytest.param(
            "points_redemption_rate", "quarter", "2025-01-01", parts("50", "2580"), id="rate"
        ),
        pytest.param("view_rate", "month", "2025-02-01", parts("20", "100"), id="viewed to cart"),
        pytest.param("pay_rate", "month", "2025-02-01", parts("12", "150"), id="viewed to paid"),
        pytest.param("share_rate", "month", "2025-02-01", parts("105", "150"), id="shared"),
        pytest.param("member_day_uplift", "day", "2025-03-13", parts("10", "25"), id="uplift"),
        pytest.param(
            "same_store_sales_growth", "month", "2025-01-01", parts("-5", "110"), id="S1 and S3"
        ),
        pytest.param(
            "same_store_sales_growth", "month", "2025-02-01", parts("60", "120"), id="S1 alone"
        ),
        pytest.param(
            "same_store_sales_growth_spring_festival",
            "month",
            "2025-01-01",
            parts("-75", "180"),
            id="13 January to 12 February 2024",
        ),
        pytest.param(
            "top_20_sales_share", "month", "2025-02-01", parts("90", "160"), id="one of 3"
        ),
        pytest.param("sales_driver_change", "month", "2025-02-01", parts("55"), id="160 - 105"),
        pytest.param("sales_driver_stores_opened", "month", "2025-02-01", parts("40"), id="S2"),
        pytest.param("sales_driver_stores_closed", "month", "2025-02-01", parts("-25"), id="S3"),
        pytest.param("sales_driver_new", "month", "2025-02-01", parts("68.38"), id="M5"),
        pytest.param("sales_driver_retained", "month", "2025-02-01", parts("0"), id="M1"),
        pytest.param("sales_driver_reactivated", "month", "2025-02-01", parts("0"), id="nobody"),
        pytest.param("sales_driver_lapsed", "month", "2025-02-01", parts("0"), id="not M3"),
        pytest.param("sales_driver_frequency", "month", "2025-02-01", parts("0"), id="1 and 1"),
        pytest.param(
            "sales_driver_order_value", "month", "2025-02-01", parts("-28.38"), id="60 after 80"
        ),
    ],
)
def test_numbers_are_those_worked_by_hand(
    metric: str, window_type: str, window_start: str, expected: tuple[Any, Any], figures: Figures
) -> None:
    assert figures.find(metric, window_type, window_start).parts == expected


@pytest.mark.parametrize(
    ("metric", "window_type", "window_start", "reason"),
    [
        ("same_store_sales_growth", "month", "2024-02-01", "no_last_year"),
        ("same_store_sales_growth", "year", "2025-01-01", "immature"),
        ("sales_driver_new", "month", "2024-01-01", "no_previous"),
        ("sales_driver_new", "month", "2024-03-01", "zero_factor"),
        ("points_redemption_rate", "month", "2025-03-01", "no_denominator"),
    ],
)
def test_empty_numbers_say_why(
    metric: str, window_type: str, window_start: str, reason: str, figures: Figures
) -> None:
    assert figures.find(metric, window_type, window_start).null_reason == reason


def test_regions_and_channels_have_their_own_numbers(figures: Figures) -> None:
    growth = figures.find("same_store_sales_growth", "month", "2025-01-01", "华东")
    assert growth.parts == parts("-20", "100")
    assert figures.find("view_rate", "month", "2025-02-01", "app").parts == parts("20", "100")
    assert figures.find("cart_rate", "month", "2025-02-01", "live").null_reason == "no_denominator"


def test_contributions_add_up_to_the_change_of_every_window(answers: dict[str, Rows]) -> None:
    split = [row for row in answers["intermediate.sales_drivers"] if row["new_amount"] is not None]
    assert split
    for row in split:
        amounts = {name: row[name] for name in row if name.endswith("_amount")}
        assert amounts.pop("change_amount") == sum(amounts.values())


def test_tiers_follow_the_points_of_six_months(answers: dict[str, Rows]) -> None:
    columns = ("member_id", "earned_points", "tier_before", "tier", "change", "is_differing")
    assert [tuple(row[name] for name in columns) for row in answers["marts.member_tiers"]] == [
        ("M1", 80, 2, 1, "downgrade", True),
        ("M3", 0, 1, 1, "keep", None),
        ("M5", 2500, 1, 3, "upgrade", False),
    ]
    counts = ("tier", "member_count", "upgraded_count", "kept_count", "downgraded_count")
    assert [tuple(row[name] for name in counts) for row in answers["marts.tier_flows"][:4]] == [
        (0, 3, 1, 1, 1),
        (1, 2, 0, 1, 1),
        (2, 0, 0, 0, 0),
        (3, 1, 1, 0, 0),
    ]
    assert answers["marts.member_tiers"][0]["cycle_start"] == datetime.date(2024, 10, 1)


def test_unknown_kinds_of_points_are_listed(answers: dict[str, Rows]) -> None:
    kinds = {
        row["word"]: (row["point_kind"], row["points"]) for row in answers["marts.point_kinds"]
    }
    assert kinds == {
        "earn": ("earn", 580),
        "购物": ("earn", 2600),
        "兑换": ("redeem", -50),
        "过期": ("expire", -5),
        "(other)": ("unknown", 7),
    }


def test_shares_without_sales_stand_out(answers: dict[str, Rows]) -> None:
    months = {
        row["scope"]: (row["shares"], row["net_amount"], row["is_without_sales"])
        for row in answers["marts.traffic"]
        if row["window_type"] == "month"
    }
    assert months == {
        "all": (105, Decimal("270.00"), False),
        "app": (5, Decimal("50.00"), False),
        "live": (100, Decimal("0.00"), True),
    }


def test_targets_are_compared_or_say_why_not(answers: dict[str, Rows]) -> None:
    columns = ("metric", "scope", "value", "attainment_rate", "is_complete", "null_reason")
    assert [tuple(row[name] for name in columns) for row in answers["marts.target_attainment"]] == [
        ("net_sales", "app", 50.0, 1.25, True, None),
        ("net_sales", "all", 270.0, 0.9, True, None),
        ("销售额", "all", None, None, True, "unknown_metric"),
    ]


def test_an_event_is_weighed_with_the_days_around_it(answers: dict[str, Rows]) -> None:
    event = answers["marts.event_effects"][0]
    # 1,000.00 of 30 January is no baseline, for it is a holiday; 6 and 20 March have their own.
    assert event["baseline_amount"] == Decimal("25")
    assert event["uplift_rate"] == pytest.approx(0.4)
    assert event["net_effect_amount"] == Decimal("10") - Decimal("17.5") - Decimal("25")


def test_without_their_files_the_metrics_are_listed_and_have_no_rows(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(FILES["orders.csv"], encoding="utf-8")
    settings = "\n".join(line for line in SETTINGS.splitlines() if "{path: " not in line)
    settings = settings.replace("files:", "files:\n  orders: {path: orders.csv}")
    (tmp_path / "dataset.yaml").write_text(settings, encoding="utf-8")
    answers = ask_tables(
        RunRequest(tmp_path, output=tmp_path / "output"),
        {name: QUESTIONS[name] for name in ("marts.kpi", "marts.metrics", "marts.tier_flows")},
    )
    available = {row["metric"]: row["is_available"] for row in answers["marts.metrics"]}
    published = {row["metric"] for row in answers["marts.kpi"]}
    missing = ("points_issued", "view_rate", "member_day_uplift", "same_store_sales_growth")
    assert not any(available[metric] for metric in missing)
    assert published.isdisjoint(missing)
    assert {"top_20_sales_share", "sales_driver_change"} <= published
    assert answers["marts.tier_flows"] == []
