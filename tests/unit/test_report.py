"""The report and the workbook, on made-up tables in the published shapes.

Whether the numbers themselves are right is tested where they are made.
"""

import dataclasses
import datetime
import math
import re
from pathlib import Path
from typing import Any

import pandas
import pytest

from pipelines.report.content import ReportInput
from pipelines.report.html import write_html

AS_OF = datetime.date(2026, 11, 30)
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "=1+1",
    "@SUM(A1:A9)",
    "+cmd|' /C calc'!A0",
    "https://example.org/x",
    '"><img src=x onerror=alert(1)>',
    "上海市静安区南京西路一千二百六十六号恒隆广场地下二层东侧扶梯口旗舰体验店（含会员中心与茶艺教室）"
    * 2,
)
METRICS = (
    ("registered_members", "Registered members", "注册会员", "count"),
    ("new_members", "New members", "新增会员", "count"),
    ("active_members", "Active members", "活跃会员", "count"),
    ("member_order_share", "Member share of orders", "会员订单占比", "share"),
    ("member_sales_share", "Member share of sales", "会员销售占比", "share"),
    ("repurchase_rate", "Repurchase rate", "复购率", "share"),
    ("repurchase_rate_by_order", "Repurchase rate by order", "复购率（按订单）", "share"),
    ("buyback_rate", "Buy-back rate", "回购率", "share"),
    ("orders_per_buyer", "Orders per buyer", "人均购买次数", "ratio"),
    ("net_sales", "Net sales", "净销售额", "amount"),
    ("orders", "Orders", "订单数", "count"),
    ("average_order_value", "Average order value", "笔单价", "amount"),
)
SEGMENTS = (
    ("champions", "核心", "Champions", 5, 5),
    ("loyal", "忠诚", "Loyal", 4, 4),
    ("potential", "潜力", "Potential", 5, 2),
    ("recent", "近期", "Recent", 5, 1),
    ("promising", "待培养", "Promising", 4, 1),
    ("attention", "需关注", "Needs attention", 3, 4),
    ("cannot_lose", "不可失", "Can't lose", 1, 5),
    ("at_risk", "风险", "At risk", 2, 3),
    ("about_to_sleep", "将睡", "About to sleep", 3, 1),
    ("hibernating", "沉睡", "Hibernating", 2, 1),
    ("lost", "流失", "Lost", 1, 1),
    ("never_bought", "从未购买", "Never bought", 0, 0),
)


def add_months(month: datetime.date, count: int) -> datetime.date:
    index = month.year * 12 + month.month - 1 + count
    return datetime.date(index // 12, index % 12 + 1, 1)


def end_month(month: datetime.date) -> datetime.date:
    return add_months(month, 1) - datetime.timedelta(days=1)


def value_metric(metric: str, month: int, size: float) -> tuple[float, float, float | None]:
    """A made-up value with its numerator and denominator: growing, with a season."""
    season = 1 + 0.18 * math.sin(month / 12 * 2 * math.pi)
    active = round(size * 2400 * (1 + month / 14) * season)
    orders = round(active * (1.62 + 0.01 * month))
    sales = round(orders * 38.5 * (1 + month / 200), 2)
    match metric:
        case "registered_members":
            return 9000 * size * (1 + month / 8), 9000 * size * (1 + month / 8), None
        case "new_members":
            return round(size * 900 * season), round(size * 900 * season), None
        case "active_members":
            return active, active, None
        case "net_sales":
            return sales * 2, sales * 2, None
        case "orders":
            return orders * 2, orders * 2, None
        case "average_order_value":
            return sales / orders, sales * 2, orders * 2
        case "orders_per_buyer":
            return orders / active, orders, active
    share = (
        {
            "member_order_share": 0.42,
            "member_sales_share": 0.46,
            "repurchase_rate": 0.24,
            "repurchase_rate_by_order": 0.27,
            "buyback_rate": 0.36,
        }[metric]
        * (1 + month / 160)
        * (0.94 + 0.06 * season)
    )
    return round(active * share) / active, round(active * share), active


def make_kpi(months: int, scopes: dict[str, list[str]], *, has_members: bool) -> pandas.DataFrame:
    first = add_months(AS_OF.replace(day=1), 1 - months)
    rows: list[dict[str, Any]] = []

    def add(metric: str, scope: tuple[str, str], window: tuple[Any, ...], step: int) -> None:
        window_type, start, end = window
        size = {"all": 1.0, "channel": 0.4}.get(scope[0], 0.02 + 0.3 / (2 + len(rows) % 37))
        value, numerator, denominator = value_metric(metric, step, size)
        reason = None
        if metric == "buyback_rate" and end >= AS_OF:
            reason = "immature"
        if metric in ("registered_members", "new_members") and not has_members:
            reason = "no_member_file"
        rows.append(
            {
                "metric": metric,
                "scope_type": scope[0],
                "scope": scope[1],
                "window_type": window_type,
                "window_start": start,
                "window_end": end,
                "numerator": None if reason else numerator,
                "denominator": None if reason else denominator,
                "value": None if reason else value,
                "null_reason": reason,
                "is_complete": end <= AS_OF,
                "is_small": scope[0] == "store" and len(rows) % 9 == 0,
                "is_censored": step < 2,
                "definition_version": 1,
                "as_of_date": AS_OF,
                "knowledge_date": AS_OF,
            }
        )

    for metric, *_ in METRICS:
        for scope_type, names in {"all": ["all"], **scopes}.items():
            for name in names:
                for step in range(months):
                    month = add_months(first, step)
                    add(metric, (scope_type, name), ("month", month, end_month(month)), step)
        for days in (30, 90, 180, 365):
            start = AS_OF - datetime.timedelta(days=days - 1)
            add(metric, ("all", "all"), (f"trailing_{days}d", start, AS_OF), months + days // 30)
    return pandas.DataFrame(rows)


def make_changes(kpi: pandas.DataFrame) -> pandas.DataFrame:
    months = kpi[(kpi["window_type"] == "month") & kpi["is_complete"]]
    values = {
        (row["metric"], row["scope_type"], row["scope"], row["window_start"]): row["value"]
        for row in months.to_dict("records")
    }
    rows = []
    for (metric, scope_type, scope, start), value in values.items():
        for comparison, back in (("previous_period", -1), ("same_period_last_year", -12)):
            earlier = add_months(start, back)
            other = values.get((metric, scope_type, scope, earlier))
            if other is None or pandas.isna(other) or pandas.isna(value):
                continue
            rows.append(
                {
                    "metric": metric,
                    "scope_type": scope_type,
                    "scope": scope,
                    "window_type": "month",
                    "window_start": start,
                    "window_end": end_month(start),
                    "comparison": comparison,
                    "value": value,
                    "compared_window_start": earlier,
                    "compared_value": other,
                    "change_amount": value - other,
                    "change_rate": value / other - 1,
                    "as_of_date": AS_OF,
                }
            )
    columns = (
        "metric scope_type scope window_type window_start window_end comparison value "
        "compared_window_start compared_value change_amount change_rate as_of_date"
    ).split()
    return pandas.DataFrame(rows, columns=columns)


def make_cohorts(months: int) -> pandas.DataFrame:
    first = add_months(AS_OF.replace(day=1), 1 - months)
    rows = []
    for step in range(months):
        size = 700 + 35 * step
        for age in range(months):
            is_mature = step + age < months
            rate = 1.0 if age == 0 else 0.34 * 0.88**age * (1 + step / 60)
            rows.append(
                {
                    "cohort_month": add_months(first, step),
                    "age_months": age,
                    "cohort_size": size,
                    "active_count": round(size * rate) if is_mature else None,
                    "retention_rate": round(size * rate) / size if is_mature else None,
                    "net_amount": size * rate * 61.5 if is_mature else None,
                    "cumulative_net_amount_per_member": 61.5 * (1 + age * 0.3)
                    if is_mature
                    else None,
                    "is_censored": step < 2,
                    "as_of_date": AS_OF,
                }
            )
    return pandas.DataFrame(rows)


def make_lifecycle(months: int) -> pandas.DataFrame:
    first = add_months(AS_OF.replace(day=1), 1 - months)
    rows = []
    for step in range(months):
        month = add_months(first, step)
        buyers = round(2400 * (1 + step / 14))
        retained = round(buyers * 0.42)
        new = round(buyers * 0.33)
        rows.append(
            {
                "scope_type": "all",
                "scope": "all",
                "window_type": "month",
                "window_start": month,
                "window_end": end_month(month),
                "buyer_count": buyers,
                "new_count": new,
                "retained_count": retained,
                "reactivated_count": buyers - new - retained,
                "lapsed_count": round(buyers * 0.5),
                "is_complete": end_month(month) <= AS_OF,
                "is_censored": step < 2,
                "as_of_date": AS_OF,
            }
        )
    return pandas.DataFrame(rows)


def make_tables(
    *, months: int = 27, stores: int = 24, has_members: bool = True, hostile: bool = True
) -> dict[str, pandas.DataFrame]:
    names = [*(HOSTILE_NAMES if hostile else ()), *(f"S{number:03d}" for number in range(stores))]
    scopes = {"channel": ["小程序", "门店", "外卖"], "store": names[:stores]} if stores else {}
    kpi = make_kpi(months, scopes, has_members=has_members)
    segments = [
        {
            "position": position,
            "segment": segment,
            "segment_zh": zh,
            "segment_en": HOSTILE_NAMES[0] if hostile and segment == "lost" else en,
            "member_count": 400 + 331 * position,
            "member_share": (400 + 331 * position) / 30618,
            "net_amount": None if r == 0 else 910_000.5 / position,
            "sales_share": None if r == 0 else 0.335 / position,
            "mean_net_amount": None if r == 0 else 910_000.5 / position / (400 + 331 * position),
            "mean_occasion_count": None if r == 0 else 14.2 / position,
            "mean_recency_days": None if r == 0 else 9.5 * position,
            "as_of_date": AS_OF,
        }
        for position, (segment, zh, en, r, _) in enumerate(SEGMENTS, start=1)
    ]
    grid = [
        {
            "r_score": r,
            "fm_score": fm,
            "segment": SEGMENTS[(r * 5 + fm) % 11][0],
            "segment_zh": SEGMENTS[(r * 5 + fm) % 11][1],
            "segment_en": SEGMENTS[(r * 5 + fm) % 11][2],
            "member_count": round(2400 / (1 + abs(r - fm)) / (6 - r)),
            "net_amount": 81_250.0 * fm / (6 - r),
            "as_of_date": AS_OF,
        }
        for r in range(1, 6)
        for fm in range(1, 6)
    ]
    cuts = {
        "recency": ("at_most", (120, 90, 60, 30)),
        "frequency": ("at_least", (2, 3, 6, 11)),
        "monetary": ("at_least", (60.0, 120.0, 240.0, 1100.0)),
    }
    steps = (
        ("read", "读入", "Read", 412_233, 15_930_211.5),
        ("quarantined", "拒收", "Rejected", 210, 8_021.0),
        ("duplicate", "重复", "Duplicates removed", 1_204, 44_120.0),
        ("invalid", "无效", "Not paid or refunded in full", 12_820, 511_004.5),
        ("guest", "散客", "Valid, without a member", 190_120, 7_100_450.0),
        ("scored", "会员", "Valid, of members", 207_879, 8_266_616.0),
    )
    return {
        "kpi": kpi,
        "kpi_change": make_changes(kpi),
        "metrics": pandas.DataFrame(
            [
                {
                    "metric": metric,
                    "name_en": en,
                    "name_zh": zh,
                    "definition_en": f"{en}: what is counted, divided by what it is a part of.",
                    "definition_zh": f"{zh}的计算口径说明。",
                    "note_en": "Compare windows of one length only." if unit == "share" else None,
                    "note_zh": "只应比较相同长度的窗口。" if unit == "share" else None,
                    "unit": unit,
                    "better": "higher",
                    "version": 1,
                    "position": position,
                }
                for position, (metric, en, zh, unit) in enumerate(METRICS, start=1)
            ]
        ),
        "cohorts": make_cohorts(months),
        "lifecycle": make_lifecycle(months),
        "rfm_cuts": pandas.DataFrame(
            [
                {
                    "measure": measure,
                    "score": score,
                    "direction": direction,
                    "cut": float(cut),
                    "as_of_date": AS_OF,
                }
                for measure, (direction, values) in cuts.items()
                for score, cut in enumerate(values, start=2)
            ]
        ),
        "segment_rules": pandas.DataFrame(
            [
                {
                    "rule_position": 1 + r,
                    "segment": SEGMENTS[(r * 5 + f) % 11][0],
                    "segment_zh": SEGMENTS[(r * 5 + f) % 11][1],
                    "segment_en": SEGMENTS[(r * 5 + f) % 11][2],
                    "r_score": r,
                    "f_score": f,
                    "m_score": m,
                    "as_of_date": AS_OF,
                }
                for r in range(1, 6)
                for f in range(1, 6)
                for m in range(1, 6)
            ]
        ),
        "segment_summary": pandas.DataFrame(segments),
        "rfm_grid": pandas.DataFrame(grid),
        "cluster_profiles": pandas.DataFrame(
            [
                {
                    "cluster": number,
                    "cluster_zh": zh,
                    "cluster_en": en,
                    "member_count": 5200 - 900 * number,
                    "member_share": (5200 - 900 * number) / 11800,
                    "mean_recency_days": 12.4 * number,
                    "mean_occasion_count": 11.3 / number,
                    "mean_net_amount": 812.4 / number,
                    "net_amount": 2_400_000.0 / number,
                    "sales_share": 0.48 / number,
                    "as_of_date": AS_OF,
                }
                for number, (zh, en) in enumerate(
                    (
                        ("高频高额", "Frequent, high spend"),
                        ("近期中频", "Recent, middle"),
                        ("低频近期", "Recent, few visits"),
                        ("久未购买", "Long gone"),
                    ),
                    start=1,
                )
            ]
        ),
        "population_waterfall": pandas.DataFrame(
            [
                {
                    "position": position,
                    "step": step,
                    "step_zh": zh,
                    "step_en": en,
                    "row_count": count,
                    "gross_amount": amount,
                    "as_of_date": AS_OF,
                }
                for position, (step, zh, en, count, amount) in enumerate(steps, start=1)
            ]
        ),
        "quarantine_summary": pandas.DataFrame(
            [
                {
                    "source_table": "orders",
                    "file_name": "=cmd.csv" if hostile else "orders_2026.csv",
                    "reason": "bad_amount",
                    "reason_zh": "金额无法读取",
                    "reason_en": "The amount cannot be read",
                    "row_count": 190,
                    "as_of_date": AS_OF,
                },
                {
                    "source_table": "members",
                    "file_name": "members.csv",
                    "reason": "no_id",
                    "reason_zh": "缺少会员号",
                    "reason_en": "No member id",
                    "row_count": 20,
                    "as_of_date": AS_OF,
                },
            ]
        ),
    }


def make_report(tables: dict[str, pandas.DataFrame] | None = None) -> ReportInput:
    return ReportInput(
        dataset="tea_house",
        as_of=AS_OF,
        knowledge_date=AS_OF,
        currency="CNY",
        timezone="Asia/Shanghai",
        conventions=[
            ("Refunds", "退款", "net"),
            ("Unit of a purchase", "购买单位", "occasion"),
            ("Return window", "退货期", "15"),
        ],
        tables=make_tables() if tables is None else tables,
        columns={"segment_summary": {"member_count": "Members in the segment."}},
    )
