"""Published tables that are shown row by row: which columns, in which order, and in which unit.

How they look is up to the page and the workbook; a table without rows is not shown at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.report import content
from pipelines.report.content import Metric, ReportInput
from pipelines.report.words import Words, to_number

Row = dict[str, Any]
# Kinds of value that are numbers; "unit" is the unit of the row's metric.
NUMBERS = {"count", "amount", "share", "ratio", "mean", "unit"}


@dataclass(frozen=True)
class Shown:
    """A published table: its columns with their kinds, and the order of its rows.

    Kinds are units, and text, name (in both languages), metric, scope, window, code, flag, date and
    month. Columns to `descend` by go first, the largest first.
    """

    table: str
    columns: Mapping[str, str]
    descend: tuple[str, ...] = ()
    ascend: tuple[str, ...] = ()
    most: int = 20


DRIVERS = Shown(
    "sales_drivers",
    {
        "window_type": "window",
        "change_amount": "amount",
        "opened_amount": "amount",
        "closed_amount": "amount",
        "new_amount": "amount",
        "reactivated_amount": "amount",
        "lapsed_amount": "amount",
        "frequency_amount": "amount",
        "order_value_amount": "amount",
        "null_reason": "reason",
    },
    descend=("window_end",),
    ascend=("window_type",),
    most=15,
)
CYCLES = Shown(
    "purchase_cycles",
    {
        "scope": "scope",
        "cycle": "mean",
        "lost_after": "mean",
        "source": "code",
        "version": "count",
        "fitted_cycle": "mean",
        "repeater_count": "count",
        "is_proposed": "flag",
    },
    descend=("repeater_count",),
    ascend=("scope_type", "scope"),
    most=8,
)
TIERS = Shown(
    "tier_flows",
    {
        "tier": "name",
        "member_count": "count",
        "upgraded_count": "count",
        "kept_count": "count",
        "downgraded_count": "count",
        "former_member_count": "count",
        "left_upward_count": "count",
        "left_downward_count": "count",
        "at_risk_count": "count",
        "differing_count": "count",
    },
    descend=("tier",),
)
GUIDES = Shown(
    "guide_tiers",
    {
        "guide_id": "text",
        "store_id": "text",
        "tier": "text",
        "net_amount": "amount",
        "order_count": "count",
        "share_count": "count",
        "viewer_count": "count",
        "share_rate": "share",
        "conversion_rate": "share",
    },
    descend=("net_amount",),
    ascend=("guide_id",),
)
TARGETS = Shown(
    "target_attainment",
    {
        "metric": "metric",
        "scope": "scope",
        "window_type": "window",
        "target": "unit",
        "value": "unit",
        "attainment_rate": "share",
        "null_reason": "reason",
    },
    descend=("window_start",),
    ascend=("metric", "scope_type", "scope"),
)
RESTATEMENTS = Shown(
    "kpi_restatements",
    {
        "metric": "metric",
        "window_type": "window",
        "old_value": "unit",
        "new_value": "unit",
        "cause": "name",
    },
    descend=("window_end",),
    ascend=("window_type", "metric"),
)
TRAFFIC = Shown(
    "traffic",
    {
        "window_start": "month",
        "scope": "scope",
        "viewers": "count",
        "cart_users": "count",
        "order_users": "count",
        "paying_users": "count",
        "shares": "count",
        "order_count": "count",
        "net_amount": "amount",
        "is_without_sales": "flag",
    },
    descend=("window_start",),
    ascend=("scope_type", "scope"),
)
EVENTS = Shown(
    "event_effects",
    {
        "event_on": "date",
        "event": "text",
        "net_amount": "amount",
        "baseline_amount": "amount",
        "uplift_rate": "share",
        "null_reason": "reason",
        "net_effect_amount": "amount",
    },
    descend=("event_on",),
    ascend=("event",),
)
# The sections that are such tables alone, in their order.
SECTIONS = {
    "drivers": DRIVERS,
    "tiers": TIERS,
    "guides": GUIDES,
    "traffic": TRAFFIC,
    "events": EVENTS,
    "targets": TARGETS,
    "restatements": RESTATEMENTS,
}


def name_column(words: Words, shown: Shown, column: str) -> str:
    """The head of a column: the table's own word, or the one that all tables share."""
    own = f"{shown.table}_{column}"
    return words.say_or(own, words.say(column))


def list_rows(report: ReportInput, shown: Shown) -> list[Row]:
    """The rows of a table in its order."""
    rows = content.read_rows(report, shown.table, *shown.ascend)
    for column in reversed(shown.descend):
        rows.sort(key=lambda row: rank(row[column]), reverse=True)
    return rows


def rank(value: Any) -> float:
    """A number or a date as what it is sorted by; what is empty comes last."""
    if hasattr(value, "toordinal"):
        return float(value.toordinal())
    number = to_number(value)
    return float("-inf") if number is None else number


def name_value(
    words: Words, metrics: Mapping[str, Metric], row: Row, column: str, kind: str
) -> str:
    """A value that is no number, in words; "" where it is empty."""
    value = row.get(column)
    match kind:
        case "name":
            named = content.read_text(row.get(f"{column}_{words.language}"))
            return named or content.read_text(value)
        case "metric":
            return content.find_metric(metrics, content.read_text(value)).name
        case "scope":
            return name_scope(words, row)
        case "window":
            return name_window(words, row)
        case "month":
            return words.format_month(value) if value else ""
        case "date":
            return words.format_date(value) if value else ""
        case "flag":
            return words.say("yes" if content.read_flag(value) else "no")
        case "reason":
            return words.explain_null(str(value)) if content.read_text(value) else ""
        case "code":
            return words.say_or(f"{column}_{value}", content.read_text(value))
        case _:
            return content.read_text(value)


def name_scope(words: Words, row: Row) -> str:
    """The scope of a row: the whole shop, or which store, channel or other."""
    if row["scope_type"] == "all":
        return words.say("all")
    return f"{words.say_or(row['scope_type'], row['scope_type'])} {row['scope']}"


def name_window(words: Words, row: Row) -> str:
    """The window of a row: the calendar period, or its kind and its first and last date."""
    start, end = row["window_start"], row.get("window_end")
    if row["window_type"] == "month" and start:
        return words.format_month(start)
    period = words.name_period(row["window_type"], start) if start else ""
    if period:
        return period
    kind = words.say_or(row["window_type"], content.read_text(row["window_type"]))
    return f"{kind} {start or ''} – {end or ''}".rstrip(" –")


def find_unit(metrics: Mapping[str, Metric], row: Row, kind: str) -> str:
    """The unit of a number: its kind, or that of the row's metric."""
    return content.find_metric(metrics, row["metric"]).unit if kind == "unit" else kind
