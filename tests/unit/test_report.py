"""The report and the workbook, on made-up tables in the published shapes.

Whether the numbers themselves are right is tested where they are made.
"""

import dataclasses
import datetime
import html
import html.parser
import math
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest

from pipelines.catalogue import load_catalogue
from pipelines.conventions import Convention
from pipelines.gates import GATES
from pipelines.report import ledger, plain
from pipelines.report.content import ReportInput
from pipelines.report.html import write_html
from pipelines.report.page.cohorts import COHORT_AGES_SHOWN
from pipelines.report.page.completeness import FILES_SHOWN, WORDS_SHOWN
from pipelines.report.page.scopes import SCOPES_SHOWN
from pipelines.report.reading import SCOPES_READ, TABLES, read_tables
from pipelines.report.words import Language, Words, read_labels
from pipelines.report.workbook import write_workbook

AS_OF = datetime.date(2026, 11, 30)
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "=1+1",
    "@SUM(A1:A9)",
    "+cmd|' /C calc'!A0",
    "https://example.org/x",
    '"><img src=x onerror=alert(1)>',
    "上海市静安区南京西路一千二百六十六号恒隆广场地下二层东侧扶梯口旗舰体验店" * 3,
)
HOSTILE_FILES = ("<img src=x onerror=alert(2)>.csv", "+1+1.csv", "-2+3.xlsx", "@A1.csv")
METRICS = (
    ("registered_members", "Registered members", "注册会员", "count"),
    ("new_members", "New members", "新增会员", "count"),
    ("active_members", "Active members", "活跃会员", "count"),
    ("member_order_share", "Member share of orders", "会员订单占比", "share"),
    ("member_sales_share", "Member share of sales", "会员销售占比", "share"),
    ("repurchase_rate", "Repurchase rate", "复购率", "share"),
    ("repurchase_rate_by_order", "Repurchase rate by order", "复购率·按订单", "share"),
    ("buyback_rate", "Buy-back rate", "回购率", "share"),
    ("orders_per_buyer", "Orders per buyer", "人均购买次数", "ratio"),
    ("net_sales", "Net sales", "净销售额", "amount"),
    ("orders", "Orders", "订单数", "count"),
    ("average_order_value", "Average order value", "笔单价", "amount"),
)
FAMILIES = {
    "registered_members": "members",
    "active_members": "members",
    "net_sales": "sales",
    "orders": "sales",
    "average_order_value": "sales",
}
# A KPI without numbers, for its input is missing.
WAITS = ("coupon_redemption_rate", "Coupon redemption rate", "核销率", "share")
WAITING = {WAITS[0]}
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
    columns = [
        *("metric", "scope_type", "scope", "window_type", "window_start", "window_end"),
        *("comparison", "value", "compared_window_start", "compared_value", "change_amount"),
        *("change_rate", "as_of_date"),
    ]
    return pandas.DataFrame(rows, columns=columns)


OTHER_COHORTS = ("quarter", "week")


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
                    "cohort_type": "month",
                    "cohort_start": add_months(first, step),
                    "age": age,
                    "cohort_size": size,
                    "active_count": round(size * rate) if is_mature else None,
                    "retention_rate": round(size * rate) / size if is_mature else None,
                    "repurchased_count": round(size * 0.4) if is_mature else None,
                    "cumulative_repurchase_rate": round(size * 0.4) / size if is_mature else None,
                    "net_amount": size * rate * 61.5 if is_mature else None,
                    "cumulative_net_amount_per_member": 61.5 * (1 + age * 0.3)
                    if is_mature
                    else None,
                    "is_censored": step < 2,
                    "as_of_date": AS_OF,
                }
            )
    # No part of the report takes another kind of period for a month.
    others = [row | {"cohort_type": kind, "age": 40} for row in rows[:1] for kind in OTHER_COHORTS]
    return pandas.DataFrame(rows + others)


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
                "is_shown": True,
                "is_complete": end_month(month) <= AS_OF,
                "is_censored": step < 2,
                "as_of_date": AS_OF,
            }
        )
    return pandas.DataFrame(rows)


def make_tables(
    *, months: int = 15, stores: int = 24, has_members: bool = True, hostile: bool = True
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
                    "numerator_en": f"What {en} counts.",
                    "numerator_zh": f"{zh}所计的数量。",
                    "denominator_en": "Always empty; this is a count.",
                    "denominator_zh": "恒为空；本指标不作除法。",
                    "family": FAMILIES.get(metric, "repurchase"),
                    "source": "Practice of retail reporting",
                    "unit": unit,
                    "better": "higher",
                    "version": 1,
                    "position": position,
                    "windows": None,
                    "scopes": None,
                    "needs": "coupons" if metric in WAITING else None,
                    "missing": "coupons" if metric in WAITING else None,
                }
                for position, (metric, en, zh, unit) in enumerate((*METRICS, WAITS), start=1)
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
                    "gross_amount": 8_021.0,
                    "as_of_date": AS_OF,
                },
                {
                    "source_table": "members",
                    "file_name": "members.csv",
                    "reason": "no_id",
                    "reason_zh": "缺少会员号",
                    "reason_en": "No member id",
                    "row_count": 20,
                    "gross_amount": None,
                    "as_of_date": AS_OF,
                },
            ]
        ),
        "gates": make_gates(
            {"shrunk_file": ("orders, =cmd.csv" if hostile else "2026-11-03", 40.0, 120.0)}
        ),
        "input_files": make_files(["=cmd.csv", *HOSTILE_FILES] if hostile else ["orders_2026.csv"]),
        "order_statuses": make_words(
            "order_statuses",
            {
                "41" if not hostile else "@SUM(A1:A9)": ("done", 4_200),
                "42" if not hostile else HOSTILE_NAMES[0]: (None, 17),
            },
        ),
        "order_kinds": make_words("order_kinds", {"7": ("gift_card", 12), "8": (None, 3)}),
        "control_reconciliation": make_control(
            {
                (2026, 9): (1_204, 1_204, "none"),
                (2026, 10): (1_310, 1_296, "zero_amounts"),
                (2026, 11): (1_400, 1_111, "unexplained"),
            }
        ),
        "exclusions": make_exclusions({HOSTILE_NAMES[1] if hostile else "2026": 3, "": 1}),
    }


def make_gates(closed: dict[str, tuple[str, float, float]]) -> pandas.DataFrame:
    rows = []
    for position, (name, gate) in enumerate(GATES.items(), start=1):
        subject, observed, expected = closed.get(name, (None, None, None))
        rows.append(
            {
                "position": position,
                "gate": name,
                "gate_zh": gate.zh,
                "gate_en": gate.en,
                "verdict": "warn",
                "is_closed": name in closed,
                "finding_count": 2 if name in closed else 0,
                "subject": subject,
                "observed": observed,
                "expected": expected,
                "as_of_date": AS_OF,
            }
        )
    return pandas.DataFrame(rows)


def make_files(names: list[str]) -> pandas.DataFrame:
    """Files of orders, each of ten rows more than the next, and one of members."""
    rows = [
        {
            "source_table": "orders",
            "file_name": name,
            "row_count": 1_000 - 10 * place,
            "accepted_count": 900 - 10 * place,
            "quarantined_count": 60,
            "duplicate_count": 30,
            "continuation_count": 10,
            "gross_amount": 1_000.1,
            "accepted_amount": 900.1,
            "quarantined_amount": 70.0,
            "duplicate_amount": 30.0,
            "first_on": add_months(datetime.date(2024, 1, 1), place),
            "last_on": end_month(add_months(datetime.date(2024, 1, 1), place)),
            "as_of_date": AS_OF,
        }
        for place, name in enumerate(names)
    ]
    members = {column: None if column.endswith(("amount", "_on")) else 0 for column in rows[0]} | {
        "source_table": "members",
        "file_name": "members.csv",
        "as_of_date": AS_OF,
    }
    return pandas.DataFrame([*rows, members | {"row_count": 70, "accepted_count": 70}])


def make_words(table: str, words: dict[str, tuple[str | None, int]]) -> pandas.DataFrame:
    rows: list[dict[str, Any]] = []
    for word, (meaning, count) in words.items():
        row = {"row_count": count, "gross_amount": count * 10.5, "as_of_date": AS_OF}
        if table == "order_statuses":
            row |= {"status": word, "status_class": meaning}
            row |= {"is_paid": meaning in ("paid", "shipped", "done")}
        else:
            row |= {"word": word, "order_kind": meaning or "sale", "is_known": bool(meaning)}
        rows.append(row)
    return pandas.DataFrame(rows)


def make_exclusions(reasons: dict[str, int]) -> pandas.DataFrame:
    rows = [
        {
            "reason": reason,
            "member_count": count,
            "order_count": count * 10,
            "net_amount": count * 10.5,
            "as_of_date": AS_OF,
        }
        for reason, count in reasons.items()
    ]
    return pandas.DataFrame(rows)


def make_control(months: dict[tuple[int, int], tuple[int, int, str]]) -> pandas.DataFrame:
    names = {"none": ("无差异", "no difference"), "unexplained": ("未能解释", "unexplained")}
    rows = []
    for (year, month), (theirs, ours, code) in months.items():
        zh, en = names.get(code, ("含零元订单", "zero amounts kept"))
        for measure, factor in (("orders", 1.0), ("net_sales", 38.01)):
            rows.append(
                {
                    "month": datetime.date(year, month, 1),
                    "measure": measure,
                    "source_value": theirs * factor,
                    "own_value": ours * factor,
                    "difference": (theirs - ours) * factor,
                    "explained_by": code,
                    "explained_by_zh": zh,
                    "explained_by_en": en,
                    "is_complete": month < 11,
                    "as_of_date": AS_OF,
                }
            )
    return pandas.DataFrame(rows)


def make_report(tables: dict[str, pandas.DataFrame] | None = None) -> ReportInput:
    return ReportInput(
        dataset="tea_house",
        as_of=AS_OF,
        knowledge_date=AS_OF,
        currency="CNY",
        timezone="Asia/Shanghai",
        conventions=[
            Convention("Refunds", "退款", "net", "净额"),
            Convention("Unit of a purchase", "购买单位", "occasion", "到店日"),
            Convention("Return window", "退货期", "15 days", "15 天"),
        ],
        tables=make_tables() if tables is None else tables,
        columns={"segment_summary": {"member_count": "Members in the segment."}},
        proposal_count=4,
    )


class PageReader(html.parser.HTMLParser):
    """What a browser would make of the page: its elements, its links and its visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open_tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open_tags.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] != "style":
            self.text.append(data)


def read_page(report: ReportInput, language: Language, folder: Path) -> tuple[str, PageReader]:
    path = folder / f"report.{language}.html"
    write_html(report, language, path)
    page = path.read_text(encoding="utf-8")
    reader = PageReader()
    reader.feed(page)
    reader.close()
    assert reader.open_tags == []
    return page, reader


def read_workbook(report: ReportInput, language: Language, folder: Path) -> Any:
    path = folder / f"report.{language}.xlsx"
    write_workbook(report, language, path)
    return openpyxl.load_workbook(path)


def find_row(sheet: Any, first: str) -> list[Any]:
    return next([cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == first)


LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_report_gives_same_bytes(language: Language, tmp_path: Path) -> None:
    for write, name in ((write_html, "page"), (write_workbook, "book")):
        first, second = tmp_path / f"{name}.1", tmp_path / f"{name}.2"
        write(make_report(), language, first)
        write(make_report(), language, second)
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_needs_nothing_from_outside(language: Language, tmp_path: Path) -> None:
    page, reader = read_page(make_report(), language, tmp_path)
    assert len(page.encode()) <= 600_000
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(reader.tags)
    assert (
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    ) in reader.attributes
    links = [value for name, value in reader.attributes if name in ("href", "src", "xlink:href")]
    assert links and all(link.startswith("#") for link in links)
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert "url(" not in page and "@import" not in page
    assert "http://" not in page and page.count("https://") == page.count("https://example.org/x")


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_are_read_out(language: Language, tmp_path: Path) -> None:
    page, _ = read_page(make_report(), language, tmp_path)
    charts = re.findall(r"<svg[^>]*>", page)
    assert len(charts) >= 7
    assert all(re.search(r'role="img" aria-label="[^"]+"', chart) for chart in charts)


def test_each_language_stands_alone(tmp_path: Path) -> None:
    report = make_report(make_tables(hostile=False))
    _, chinese = read_page(report, "zh", tmp_path)
    words = set(re.findall(r"[A-Za-z]{2,}", " ".join(chinese.text)))
    data = {"tea", "house", "tea_house", "Asia", "Shanghai", "CNY", "net", "occasion"}
    data |= {part for metric, *_ in (*METRICS, WAITS) for part in metric.split("_")}
    data |= {"coupons", "id", "issued", "redeemed", "at"}  # what a file has to bring
    assert words - data - {"RFM", "csv", "orders", "members"} == set()

    quiet = make_tables(hostile=False)
    for name in ("kpi", "kpi_change"):
        quiet[name] = quiet[name][quiet[name]["scope_type"] == "all"]
    _, english = read_page(make_report(quiet), "en", tmp_path)
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(english.text))


def test_labels_are_whole() -> None:
    for label, texts in read_labels().items():
        assert set(texts) == {"en", "zh"}, label
        assert all(isinstance(text, str) and text for text in texts.values()), label
        names = [set(re.findall(r"{(\w+)}", text)) for text in texts.values()]
        assert names[0] == names[1] or label.startswith("unit_"), label


def test_headline_numbers_are_the_published_ones(tmp_path: Path) -> None:
    report = make_report()
    page, _ = read_page(report, "en", tmp_path)
    sheet = read_workbook(report, "en", tmp_path)["Overview"]
    kpi = report.tables["kpi"]
    kpi = kpi[(kpi["scope_type"] == "all") & (kpi["window_type"] == "month")]
    words = Words("en", "CNY")
    for metric, name, _, unit in METRICS:
        months = kpi[(kpi["metric"] == metric) & kpi["value"].notna()]
        latest = months.sort_values("window_start").iloc[-1]
        if f">{name}</h3>" in page:
            value = words.format_value(float(latest["value"]), unit)
            assert re.search(rf">{name}</h3>\s*<div class=\"[^\"]*\">{re.escape(value)}<", page)
            row = find_row(sheet, name)
            assert row[1] == pytest.approx(latest["value"], rel=1e-15)
            assert row[4].date() == latest["window_start"]
    assert "latest mature month: Oct 2026" in page


def test_changes_are_points_for_shares_and_rates_for_the_rest() -> None:
    words = Words("en", "USD")
    assert words.format_change(0.0123, 0.5, "share") == "+1.2 pp"
    assert words.format_change(-12.0, -0.0312, "count") == "\N{MINUS SIGN}3.1%"
    assert words.format_change(0.0001, 0.0001, "share") == "unchanged"
    assert words.format_change(None, None, "amount") == ""
    assert Words("zh", "CNY").format_change(-0.02, None, "share") == "\N{MINUS SIGN}2.0 个百分点"


def test_number_formats() -> None:
    words = Words("en", "EUR")
    assert words.format_money(1234567.5) == "EUR 1,234,568"
    assert words.format_money(-3.456) == "\N{MINUS SIGN}EUR 3.46"
    assert Words("zh", "CNY").format_money(38.5) == "¥38.50"
    assert words.format_share(0.49449) == "49.4%"
    assert words.format_number(-0.001) == "0"
    assert words.format_date(datetime.date(2026, 2, 1)) == "1 February 2026"
    assert Words("zh", "CNY").format_date(datetime.date(2026, 2, 1)) == "2026年2月1日"


@pytest.mark.parametrize("language", LANGUAGES)
def test_absences_are_words(language: Language, tmp_path: Path) -> None:
    report = make_report(make_tables(has_members=False, stores=0, months=3))
    page, reader = read_page(report, language, tmp_path)
    text = " ".join(reader.text)
    words = Words(language, "CNY")
    assert words.say("null_no_member_file") in text
    assert words.say("no_last_year") in text
    assert words.say("chart_registered") not in re.findall(r"<figcaption>([^<]*?) <", page)
    assert not re.search(r"\b(nan|NaN|None|NaT|inf|null)\b", text)
    assert 'id="scopes"' not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("emptied", ["all", "some", "missing"])
def test_empty_tables_say_so(language: Language, emptied: str, tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    names = ["cluster_profiles", "quarantine_summary", "kpi_change"]
    for name in list(tables) if emptied != "some" else names:
        tables[name] = tables[name].iloc[:0]
    if emptied == "missing":
        tables = {}
    report = make_report(tables)
    _, reader = read_page(report, language, tmp_path)
    text = " ".join(reader.text)
    words = Words(language, "CNY")
    assert words.say("quarantine_empty") in text
    assert words.say("clusters_empty") in text
    if emptied != "some":
        assert words.say("headline_none") in text
    book = read_workbook(report, language, tmp_path)
    assert book[words.say("sheet_quarantine")]["A2"].value == words.say("quarantine_empty")


def test_incomplete_month_is_marked_and_not_the_headline(tmp_path: Path) -> None:
    tables = make_tables(stores=0)
    is_last = tables["kpi"]["window_start"] == datetime.date(2026, 11, 1)
    tables["kpi"].loc[is_last, "is_complete"] = False
    page, _ = read_page(make_report(tables), "en", tmp_path)
    assert "October 2026, the latest complete month" in page
    assert "○ period not complete" in page
    assert "† history too short" not in page.split('id="growth"')[0]


def test_only_an_incomplete_month_is_still_shown(tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    tables["kpi"]["is_complete"] = False
    page, _ = read_page(make_report(tables), "en", tmp_path)
    assert "November 2026, not complete yet" in page


def test_immature_cohort_cells_are_hatched(tmp_path: Path) -> None:
    page, _ = read_page(make_report(make_tables(months=6)), "en", tmp_path)
    section = page.split('id="cohorts"')[1].split("</section>")[0]
    ages = min(COHORT_AGES_SHOWN, 5)
    shown = len(re.findall(r'<td class="h\d">', section))
    hatched = section.count('<td class="hatched">')
    assert (shown, hatched) == (15, 6 * ages - 15)
    assert "<td>0.0%" not in section


def test_many_stores_are_counted_not_listed(tmp_path: Path) -> None:
    report = make_report(make_tables(months=2, stores=53))
    page, _ = read_page(report, "en", tmp_path)
    section = cut_section(page, "scopes").partition("<h3>Stores</h3>")[2]
    assert section.count("<tr>") == 1 + SCOPES_SHOWN
    assert "33 more are not shown" in section
    sheet = read_workbook(report, "en", tmp_path)["KPIs by scope"]
    assert sheet["A1"].value == "November 2026 by scope"
    table = sheet.tables["kpi_of_store"]
    rows = [[cell.value for cell in row] for row in sheet[table.ref]]
    assert len(rows) == 1 + 53
    assert rows[0] == ["Store", *(name for _, name, _, _ in METRICS)]
    sales = [row[rows[0].index("Net sales")] for row in rows[1:]]
    assert sales == sorted(sales, reverse=True)


def test_the_long_sheet_is_of_the_whole_shop(tmp_path: Path) -> None:
    report = make_report(make_tables(months=2, stores=53))
    sheet = read_workbook(report, "en", tmp_path)["KPIs in full"]
    rows = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]]
    kpi = report.tables["kpi"]
    assert len(rows) == len(kpi[kpi["scope_type"] == "all"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_are_only_text(language: Language, tmp_path: Path) -> None:
    report = dataclasses.replace(make_report(), dataset="=HYPERLINK(<b>)", timezone="<i>")
    page, reader = read_page(report, language, tmp_path)
    assert "<script" not in page and "<img" not in page and "<i>" not in page
    text = "".join(reader.text)
    shown = [name for name in HOSTILE_NAMES if name in text]
    assert len(shown) >= 5

    book = read_workbook(report, language, tmp_path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert {*HOSTILE_NAMES, *HOSTILE_FILES, "=cmd.csv"} <= texts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("payload", [*HOSTILE_NAMES, *HOSTILE_FILES, "\t=1+1", "{subject}", "%s"])
def test_words_of_the_files_are_only_text(payload: str, language: Language, tmp_path: Path) -> None:
    tables = {
        "gates": make_gates({"empty_file": (payload, 0.0, 0.0)}),
        "input_files": make_files([payload]),
        "order_statuses": make_words("order_statuses", {payload: (None, 3)}),
        "order_kinds": make_words("order_kinds", {payload: (None, 3)}),
        "exclusions": make_exclusions({payload: 3}),
        "quarantine_summary": make_tables(months=1, stores=0)["quarantine_summary"].assign(
            file_name=payload
        ),
    }
    page, reader = read_page(make_report(tables), language, tmp_path)
    assert not {"script", "img"} & set(reader.tags)
    assert "<script" not in page and "<img" not in page
    assert "".join(reader.text).count(payload) >= 6

    cells = [
        cell
        for sheet in read_workbook(make_report(tables), language, tmp_path)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and payload in cell.value
    ]
    assert len(cells) >= 6
    assert all(cell.data_type == "s" and not cell.hyperlink for cell in cells)


def cut_section(page: str, key: str) -> str:
    return page.split(f'id="{key}"')[1].split("</section>")[0]


def read_lines(section: str) -> list[list[str]]:
    """The rows of a section's tables as a reader sees them."""
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_every_row_of_a_file_is_told(tmp_path: Path) -> None:
    report = make_report(make_tables(hostile=False, stores=0))
    page, _ = read_page(report, "en", tmp_path)
    lines = read_lines(cut_section(page, "completeness"))
    assert [
        *("orders_2026.csv Orders", "1,000 ¥1,000.10", "900 ¥900.10"),
        *("60 ¥70.00", "30 ¥30.00", "10", "2024-01-01 2024-01-31"),
    ] in lines
    assert ["members.csv Members", "70", "70", "0", "0", "0", "–"] in lines
    assert ["Orders", "orders_2026.csv", "The amount cannot be read", "190", "¥8,021.00"] in lines
    assert ["Members", "members.csv", "No member id", "20", "–"] in lines
    sheet = read_workbook(report, "en", tmp_path)["Files"]
    row = [cell.value for cell in sheet[5]]
    assert row[:7] == ["Orders", "orders_2026.csv", 1_000, 900, 60, 30, 10]
    assert row[7:11] == [1_000.1, 900.1, 70, 30]
    assert [value.date() for value in row[11:]] == [
        datetime.date(2024, 1, 1),
        datetime.date(2024, 1, 31),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_files_are_summed_on_the_page_and_listed_in_the_workbook(
    language: Language, tmp_path: Path
) -> None:
    tables = make_tables(months=1, stores=0)
    tables["input_files"] = make_files([f"orders_{number:02}.csv" for number in range(33)])
    report = make_report(tables)
    page, _ = read_page(report, language, tmp_path)
    section = cut_section(page, "completeness")
    lines = read_lines(section)
    words = Words(language, "CNY")
    assert sum("orders_" in line[0] for line in lines) == FILES_SHOWN
    rest = next(line for line in lines if words.say("files_rest", count=13) in line[0])
    assert rest[1:] == [
        *("9,620 ¥13,001.30", "8,320 ¥11,701.30", "780 ¥910.00", "390 ¥390.00", "130"),
        "2025-09-01 2026-09-30",
    ]
    assert words.say("files_hidden", count=FILES_SHOWN) in section
    sheet = read_workbook(report, language, tmp_path)[words.say("sheet_files")]
    names = [row[1] for row in sheet.iter_rows(min_row=5, values_only=True)]
    assert [name for name in names if name] == [
        *(f"orders_{number:02}.csv" for number in range(33)),
        "members.csv",
    ]


def test_sums_of_amounts_are_exact() -> None:
    assert ledger.sum_amounts([0.1] * 3) == Decimal("0.3")
    assert ledger.sum_amounts([Decimal("0.10"), None, float("nan")]) == Decimal("0.10")
    assert ledger.sum_amounts([None, float("nan")]) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_gates_are_sentences(language: Language, tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    tables["gates"] = make_gates({"missing_day": ("2026-11-03", 0.0, 81.4)})
    tables["gates"].loc[tables["gates"]["is_closed"], "finding_count"] = 1
    page, _ = read_page(make_report(tables), language, tmp_path)
    sentence = {
        "zh": GATES["missing_day"].sentence_zh,
        "en": GATES["missing_day"].sentence_en,
    }[language].format(subject="2026-11-03", observed=0.0, expected=81.4)
    assert f"<li><bdi>{sentence}</bdi></li>" in cut_section(page, "completeness")
    words = Words(language, "CNY")
    sheet = read_workbook(make_report(tables), language, tmp_path)[words.say("sheet_gates")]
    found = [row[2] for row in sheet.iter_rows(min_row=5, values_only=True)]
    assert found[0] == sentence and set(found[1:]) == {words.say("nothing_found")}

    tables["gates"]["verdict"] = "ignore"
    page, _ = read_page(make_report(tables), language, tmp_path)
    assert words.say("gate_ignored", sentence=sentence) in page
    tables["gates"] = make_gates({})
    page, _ = read_page(make_report(tables), language, tmp_path)
    assert words.say("gates_open", count=len(GATES)) in page and 'findings">' not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_say_what_they_counted_as(language: Language, tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    statuses = {"交易成功": ("done", 900), "退款": ("refunded", 40), "": ("paid", 8)}
    tables["order_statuses"] = make_words("order_statuses", statuses | {"(other)": (None, 5)})
    tables["order_kinds"] = make_words("order_kinds", {"充值": ("stored_value", 9), "?": (None, 1)})
    report = make_report(tables)
    words = Words(language, "CNY")
    yes, no, empty = (words.say(label) for label in ("yes", "no", "empty_word"))
    page, _ = read_page(report, language, tmp_path)
    section = cut_section(page, "completeness")
    told = [
        [words.say("other_words"), words.say("status_unknown"), no, "5", "¥52.50"],
        ["交易成功", words.say("status_done"), yes, "900", "¥9,450.00"],
        ["退款", words.say("status_refunded"), no, "40", "¥420.00"],
        [empty, words.say("status_paid"), yes, "8", "¥84.00"],
    ]
    kinds = [
        ["?", words.say("kind_unknown"), "1", "¥10.50"],
        ["充值", words.say("kind_stored_value"), "9", "¥94.50"],
    ]
    lines = read_lines(section)
    assert [line for line in lines if line in told] == told
    assert [line for line in lines if line in kinds] == kinds
    assert section.count('<td class="flagged">') == 2 + 2
    for table in ("order_statuses", "order_kinds"):
        assert words.say(f"{table}_unknown", count=1) in section
    sheet = read_workbook(report, language, tmp_path)[words.say("sheet_words")]
    rows = [list(row) for row in sheet.iter_rows(min_row=5, values_only=True)]
    assert [row[:3] for row in rows[:4]] == [line[:3] for line in told]
    assert [row[:3] for row in rows[-2:]] == [["?", kinds[0][1], 1], ["充值", kinds[1][1], 9]]
    conventions = dict(row.read("en") for row in ledger.list_conventions(report))
    assert conventions["Paid statuses"] == '"" · 交易成功'
    assert '"" · 交易成功' in html.unescape(cut_section(page, "definitions"))


def test_a_column_mistaken_for_a_status_does_not_fill_the_report(tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    statuses: dict[str, tuple[str | None, int]] = {f"T{n:05}": (None, 1) for n in range(4_000)}
    tables["order_statuses"] = make_words("order_statuses", statuses)
    report = make_report(tables)
    page, _ = read_page(report, "en", tmp_path)
    assert page.count("not known, so not paid") == WORDS_SHOWN
    assert ["3,980 more words", "", "", "3,980", "¥41,790.00"] in read_lines(page)
    assert "nobody explained: 4,000." in page
    sheet = read_workbook(report, "en", tmp_path)["Statuses and kinds"]
    names = [row[0] for row in sheet.iter_rows(min_row=5, values_only=True)]
    assert "2,000 more words" in names


@pytest.mark.parametrize("language", LANGUAGES)
def test_control_totals_name_what_explains_them(language: Language, tmp_path: Path) -> None:
    report = make_report(make_tables(months=1, stores=0))
    words = Words(language, "CNY")
    page, _ = read_page(report, language, tmp_path)
    section = cut_section(page, "completeness")
    lines = read_lines(section)
    orders = [line for line in lines if words.say("measure_orders") in line[1:2]]
    names = report.tables["control_reconciliation"][f"explained_by_{language}"].iloc[::-2]
    assert [line[2:] for line in orders] == [
        ["1,400", "1,111", "289", names.iloc[0]],
        ["1,310", "1,296", "14", names.iloc[1]],
        ["1,204", "1,204", "0", names.iloc[2]],
    ]
    note = words.say("control_note", agreeing=2, explained=2, unexplained=2)
    assert note in section and f"○ {words.say('mark_incomplete')}" in section
    sheet = read_workbook(report, language, tmp_path)[words.say("sheet_control")]
    assert sheet["A2"].value == note
    row = [cell.value for cell in sheet[8]]
    assert row[2:5] == [pytest.approx(1_310 * 38.01), pytest.approx(1_296 * 38.01), 14 * 38.01]


@pytest.mark.parametrize("language", LANGUAGES)
def test_exclusions_are_counted_by_reason(language: Language, tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    tables["exclusions"] = make_exclusions({"收银员": 3, "": 1})
    words = Words(language, "CNY")
    proposed = words.say("exclusion_proposals", count="4")
    page, _ = read_page(make_report(tables), language, tmp_path)
    section = cut_section(page, "completeness")
    assert ["收银员", "3", "30", "¥31.50"] in read_lines(section)
    assert [words.say("no_reason"), "1", "10", "¥10.50"] in read_lines(section)
    assert proposed in html.unescape(section)
    sheet = read_workbook(make_report(tables), language, tmp_path)[words.say("sheet_exclusions")]
    assert sheet["A2"].value == proposed

    del tables["exclusions"]
    for count in (4, 0):
        report = dataclasses.replace(make_report(tables), proposal_count=count)
        page, _ = read_page(report, language, tmp_path)
        assert (words.say("exclusions_empty") in page) == (count > 0)
        assert (words.say("exclusions") in cut_section(page, "completeness")) == (count > 0)


def test_what_a_run_has_not_is_left_out(tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    for name in ("order_kinds", "control_reconciliation", "exclusions"):
        tables[name] = tables[name].iloc[:0]
    report = dataclasses.replace(make_report(tables), proposal_count=0)
    page, _ = read_page(report, "en", tmp_path)
    titles = re.findall(r"<h3>(.*?)</h3>", cut_section(page, "completeness"))
    assert titles == ["Input files", "What was rejected, and why", "What each status counted as"]
    sheets = read_workbook(report, "en", tmp_path).sheetnames
    assert not {"Control totals", "Exclusions"} & set(sheets)
    assert {"Checks", "Files", "Rejected", "Statuses and kinds", "Waterfall"} <= set(sheets)


def test_empty_boxes_of_the_waterfall_are_named_once(tmp_path: Path) -> None:
    tables = make_tables(months=1, stores=0)
    waterfall = tables["population_waterfall"]
    is_empty = waterfall["step"].isin(["duplicate", "guest"])
    waterfall.loc[is_empty, ["row_count", "gross_amount"]] = 0
    report = make_report(tables)
    section = cut_section(read_page(report, "en", tmp_path)[0], "waterfall")
    assert [line[0] for line in read_lines(section)[1:]] == [
        *("Read", "Rejected", "Not paid or refunded in full", "Valid, of members"),
    ]
    assert "Nothing is in: Duplicates removed · Valid, without a member." in section
    sheet = read_workbook(report, "en", tmp_path)["Waterfall"]
    assert find_row(sheet, "Duplicates removed")[1:] == [0, 0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_is_made_of_named_tables(language: Language, tmp_path: Path) -> None:
    book = read_workbook(make_report(make_tables(hostile=False)), language, tmp_path)
    tables = {name for sheet in book for name in sheet.tables}
    assert {"overview", "kpi", "kpi_by_month", "segments", "cohorts", "definitions"} <= tables
    words = Words(language, "CNY")
    for name in ("sheet_overview", "sheet_kpi_wide", "sheet_kpi_long", "sheet_segments"):
        sheet = book[words.say(name)]
        assert sheet.freeze_panes
        assert all(table.autoFilter for table in sheet.tables.values())
    assert len(book[words.say("sheet_overview")]._charts) == 3
    assert book[words.say("sheet_cohorts")].conditional_formatting
    long = book[words.say("sheet_kpi_long")]
    formats = {row[0].value: row[4].number_format for row in long.iter_rows(min_row=5)}
    names = {metric: (zh if language == "zh" else en) for metric, en, zh, _ in METRICS}
    assert formats[names["repurchase_rate"]] == "0.0%"
    assert formats[names["orders"]] == "#,##0"
    assert "¥" in formats[names["net_sales"]]
    assert long["C5"].number_format == "yyyy-mm-dd"


def test_ids_of_digits_stay_text(tmp_path: Path) -> None:
    tables = make_tables(months=2, stores=8)
    for name in ("kpi", "kpi_change"):
        tables[name] = tables[name].replace({"scope": {"S000": "000123456789012345678"}})
    sheet = read_workbook(make_report(tables), "en", tmp_path)["KPIs by scope"]
    scopes = {row[0] for row in sheet.iter_rows(min_row=5, values_only=True)}
    assert "000123456789012345678" in scopes


def test_columns_may_come_as_timestamps(tmp_path: Path) -> None:
    tables = make_tables(stores=3)
    stamped = {}
    for name, table in tables.items():
        stamped[name] = table.copy()
        for column in map(str, table.columns):
            if column.endswith(("_date", "_start", "_end", "_month", "_on")) or (
                column == "month" and len(table)
            ):
                stamped[name][column] = pandas.to_datetime(table[column])
    plain, _ = read_page(make_report(tables), "en", tmp_path)
    assert read_page(make_report(stamped), "en", tmp_path)[0] == plain
    first = read_workbook(make_report(tables), "en", tmp_path)
    second = read_workbook(make_report(stamped), "en", tmp_path)
    for sheet in first:
        assert list(sheet.values) == list(second[sheet.title].values)


def test_workbook_carries_the_data_set_day_and_no_clock(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(make_report(make_tables(months=2, stores=0)), "en", path)
    with zipfile.ZipFile(path) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-11-30T00:00:00Z"}


def make_sections() -> dict[str, pandas.DataFrame]:
    """Rows of the tables that are shown as they are."""
    month = {
        "window_type": "month",
        "window_start": datetime.date(2026, 10, 1),
        "window_end": datetime.date(2026, 10, 31),
    }
    whole = {"scope_type": "all", "scope": "all"}
    tier = {"tier": 2, "tier_zh": "银卡", "tier_en": "Silver"}
    return {
        "purchase_cycles": pandas.DataFrame(
            [
                whole
                | {"cycle": 30.0, "lost_after": 120.0, "source": "preset", "version": None}
                | {"fitted_cycle": 31.5, "repeater_count": 1234, "is_proposed": True}
            ]
        ),
        "sales_drivers": pandas.DataFrame(
            [
                month
                | {column: 7.5 for column in plain.DRIVERS.columns if "amount" in column}
                | {"null_reason": None}
            ]
        ),
        "tier_flows": pandas.DataFrame(
            [tier | {column: 7 for column in plain.TIERS.columns if column != "tier"}]
        ),
        "guide_tiers": pandas.DataFrame(
            [
                {"guide_id": "G1", "store_id": "S1", "tier": "A", "net_amount": 900.0}
                | {"order_count": 9, "share_count": 4, "viewer_count": 8, "share_rate": 0.5}
                | {"conversion_rate": 0.25}
            ]
        ),
        "traffic": pandas.DataFrame(
            [
                whole
                | month
                | dict.fromkeys(("viewers", "cart_users", "order_users", "shares"), 5)
                | {"paying_users": 0, "order_count": 0, "net_amount": 0.0}
                | {"is_without_sales": True}
            ]
        ),
        "event_effects": pandas.DataFrame(
            [
                {"event_on": datetime.date(2026, 10, 1), "event": "=1+1", "net_amount": 90.0}
                | {"baseline_amount": 60.0, "uplift_rate": 0.5, "null_reason": None}
                | {"net_effect_amount": None}
            ]
        ),
        "target_attainment": pandas.DataFrame(
            [
                whole
                | month
                | {"metric": "net_sales", "target": 100.0, "value": 90.0, "attainment_rate": 0.9}
                | {"null_reason": None}
            ]
        ),
        "kpi_restatements": pandas.DataFrame(
            [
                whole
                | month
                | {"metric": "repurchase_rate", "old_value": 0.25, "new_value": 0.24}
                | {"cause": "late_refund", "cause_zh": "迟到的退款", "cause_en": "late refunds"}
            ]
        ),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_that_have_rows_are_sections(language: Language, tmp_path: Path) -> None:
    report = make_report(make_tables(months=2, stores=0) | make_sections())
    page, _ = read_page(report, language, tmp_path)
    words = Words(language, "CNY")
    for key in ("rhythm", *plain.SECTIONS):
        assert words.say(key) in html.unescape(cut_section(page, key))
    agreed = html.unescape(cut_section(page, "definitions"))
    assert {"en": "30 days, the preset of the trade", "zh": "30 天，行业预设"}[language] in agreed
    said = html.unescape(cut_section(page, "restatements"))
    cause = {"en": "late refunds", "zh": "迟到的退款"}[language]
    assert all(text in said for text in ("25.0%", "24.0%", cause))
    assert 'class="flagged"' in cut_section(page, "traffic")
    book = read_workbook(report, language, tmp_path)
    for key in ("purchase_cycles", *plain.SECTIONS):
        assert book[words.say(f"sheet_{key}")]["A5"].value not in (None, "")
    bare, _ = read_page(make_report(make_tables(months=2, stores=0)), language, tmp_path)
    assert not any(f'id="{key}"' in bare for key in ("rhythm", *plain.SECTIONS))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kpi_stands_with_its_topic(language: Language, tmp_path: Path) -> None:
    tables = make_tables(months=3, stores=0)
    report = make_report(tables)
    page, _ = read_page(report, language, tmp_path)
    section, words = cut_section(page, "metrics"), Words(language, "CNY")
    for family in ("sales", "members", "repurchase"):
        assert f"<h3>{words.say(f'family_{family}')}</h3>" in section
    names = {zh if language == "zh" else en for _, en, zh, _ in METRICS}
    assert all(f">{name}</a></bdi>" in section for name in names)
    assert section.count(words.say("null_immature")) >= 1
    definition = tables["metrics"].set_index("metric")[f"definition_{language}"]["net_sales"]
    assert f'title="{definition}"' in section


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_latest_mature_month_is_named(language: Language, tmp_path: Path) -> None:
    page, _ = read_page(make_report(make_tables(months=3, stores=0)), language, tmp_path)
    row = next(row for row in cut_section(page, "metrics").split("<tr>") if "buyback_rate" in row)
    before = Words(language, "CNY").format_short_month(add_months(AS_OF.replace(day=1), -1))
    assert f"<small>{before}</small>" in row


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_has_a_column_only_where_there_is_one(language: Language, tmp_path: Path) -> None:
    sections = make_sections()
    sections["target_attainment"]["null_reason"] = "not_started"
    page, _ = read_page(make_report(make_tables(months=2, stores=0) | sections), language, tmp_path)
    head = Words(language, "CNY").say("null_reason")
    assert f">{head}</th>" in cut_section(page, "targets")
    assert f">{head}</th>" not in cut_section(page, "events")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kpi_leads_to_its_definition(language: Language, tmp_path: Path) -> None:
    tables = make_tables(months=3, stores=2)
    page, _ = read_page(make_report(tables), language, tmp_path)
    places = re.findall(r'<tr id="kpi-(\w+)">', cut_section(page, "definitions"))
    assert sorted(places) == sorted(tables["metrics"]["metric"])
    assert ("净销售额所计的数量" if language == "zh" else "What Net sales counts") in page
    assert set(re.findall(r'href="#kpi-(\w+)"', page)) == {metric for metric, *_ in METRICS}


def test_numbers_of_too_short_a_history_are_hatched(tmp_path: Path) -> None:
    page, _ = read_page(make_report(make_tables(months=2, stores=0)), "en", tmp_path)
    assert 'class="number hatched"' in cut_section(page, "metrics")
    page, _ = read_page(make_report(make_tables(months=6, stores=0)), "en", tmp_path)
    assert "hatched" not in cut_section(page, "metrics").split("</p>", 1)[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_is_listed_with_what_brings_it(language: Language, tmp_path: Path) -> None:
    report = make_report(make_tables(months=2, stores=0))
    page, _ = read_page(report, language, tmp_path)
    section = html.unescape(cut_section(page, "missing"))
    assert WAITS[2 if language == "zh" else 1] in section
    rows = re.findall(r"<tr>.*?</tr>", section, re.DOTALL)
    assert re.search(r"<th.*核销率|<th.*Coupon redemption rate", rows[1], re.DOTALL)
    assert "coupon_id" in section
    assert WAITS[2 if language == "zh" else 1] not in cut_section(page, "metrics")
    sheet = read_workbook(report, language, tmp_path)[
        Words(language, "CNY").say("sheet_definitions")
    ]
    texts = [cell.value for row in sheet.iter_rows() for cell in row]
    assert any("coupon_id" in str(text) for text in texts)


def test_a_report_reads_no_more_than_it_shows() -> None:
    queries: dict[str, str] = {}

    def read(query: str) -> pandas.DataFrame:
        queries[query.split()[3].removeprefix("marts.")] = query
        return pandas.DataFrame()

    read_tables({"kpi", "lifecycle", "metrics", "members", "member_rfm", "sales_days"}, read)
    assert set(queries) == {"kpi", "lifecycle", "metrics"}
    assert "window_type <> 'day'" in queries["kpi"]
    assert f"place <= {SCOPES_READ}" in queries["kpi"]
    assert not any(name.startswith("member") for name in TABLES)
    published = {name.removeprefix("marts.") for name in load_catalogue().published}
    assert set(TABLES) <= published
