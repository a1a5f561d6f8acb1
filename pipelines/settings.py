"""The settings of a run as tables, so that a model's threshold is a row like any other.

What a setting does stands in the models; what may be set stands in `pipelines.dataset`.
"""

import datetime
import itertools
import math
from collections.abc import Collection
from typing import Any

import pyarrow as pa

from pipelines import holidays, points, scoring, windows
from pipelines.catalogue import Catalogue, list_metrics
from pipelines.cycles import (
    LEAST_REPEATERS,
    PromotedCycles,
    choose_lifecycle_window,
    find_cycle,
    list_cycles,
)
from pipelines.dataset import Dataset
from pipelines.engines.protocol import Engine
from pipelines.errors import InputError
from pipelines.gates import list_gates
from pipelines.ingest.profiles import list_kind_words, list_status_words
from pipelines.ingest.tables import list_reasons
from pipelines.raw import RAW_TABLES

# How far a class of status is on an order's way.
STAGES = {
    "created": 1,
    "paid": 2,
    "test": 2,
    "shipped": 3,
    "done": 4,
    "refunded": 5,
    "cancelled": 5,
}
PAID_CLASSES = ("paid", "shipped", "done")
# Words of shops' systems that mean the same everywhere; profiles and data sets add their own.
STATUS_WORDS = {
    "created": ("created", "pending", "unpaid", "待付款", "未付款"),
    "paid": ("paid", "processing", "已付款", "已支付", "待发货"),
    "shipped": ("shipped", "fulfilled", "已发货"),
    "done": ("done", "completed", "已完成", "交易成功"),
    "refunded": ("refunded", "已退款"),
    "cancelled": ("cancelled", "canceled", "已取消", "交易关闭"),
}
WATERFALL_STEPS = (
    ("read", "读入的订单行", "Order rows read"),
    ("quarantined", "无法读取，已隔离", "Unreadable, in quarantine"),
    ("continuation", "重复或接续上一订单的行", "Rows that continue an order"),
    ("duplicate", "重复的行", "Duplicate rows"),
    ("conflicting", "版本相互矛盾，已隔离", "Contradictory versions, in quarantine"),
    ("after_as_of", "晚于统计日", "After the as-of date"),
    ("test", "测试订单", "Test orders"),
    ("unpaid", "未付款或已取消", "Unpaid or cancelled"),
    ("exchange", "换货单", "Exchanges"),
    ("stored_value", "礼品卡与储值充值", "Gift cards and stored value"),
    ("deposit", "未付尾款的定金", "Deposits without a balance"),
    ("return", "无原单退货", "Returns without an order"),
    ("refunded", "全额退款", "Fully refunded"),
    ("zero", "零元或负数订单", "Zero or negative orders"),
    ("excluded", "名单排除的会员", "Members on the exclusion list"),
    ("parcel", "并入同一笔购买的包裹或款项", "Parcels and payments of a purchase counted once"),
    ("guest", "有效：散客", "Valid: guests"),
    ("identified", "有效：有会员号但未在会员表中", "Valid: id not in the member file"),
    ("registered", "有效：注册会员", "Valid: registered members"),
)

# How another system may count, the likeliest first: column of raw.rule_sets, code, names.
COUNTING_RULES = (
    ("keeps_zero_amounts", "zero_amounts", "含零元订单", "zero amounts kept"),
    ("ignores_refunds", "refunds", "未减退款", "refunds ignored"),
    ("leaves_guests_out", "guests", "不含散客", "guests left out"),
    ("counts_utc_dates", "time_zone", "按 UTC 日期", "dates of UTC"),
    ("counts_duplicates", "duplicates", "重复计数", "duplicates counted"),
    ("counts_unpaid", "unpaid", "含未付款或已取消", "unpaid and cancelled counted"),
    ("counts_tests", "tests", "含测试订单", "test orders counted"),
)
# What no customer does, by the convention on exclusions: so many tickets on so many dates.
PROPOSAL_TICKETS, PROPOSAL_DATES = 5, 3
# A figure for each of many stores and each past month end costs more than anybody reads.
MANY_SCOPES = 50


def write_settings(
    engine: Engine, dataset: Dataset, catalogue: Catalogue, given: Collection[str]
) -> None:
    """Fill the raw tables that do not depend on the data's dates.

    `given` names the tables and `table.column`s that the files fill.
    """
    ruleset = scoring.load_ruleset(dataset.segments)
    rows: dict[str, list[dict[str, Any]]] = {
        "raw.reasons": list(list_reasons()),
        "raw.scope_types": [
            {"scope_type": scope, "slot": slot} for scope, slot in dataset.scope_slots.items()
        ],
        "raw.channels": list_channels(dataset),
        "raw.order_statuses": list_statuses(dataset),
        "raw.order_kinds": [
            {"word": word, "order_kind": kind} for word, kind in list_kind_words(dataset).items()
        ],
        "raw.rule_sets": list_rule_sets(),
        "raw.waterfall_steps": [
            {"position": position, "step": step, "step_zh": zh, "step_en": en}
            for position, (step, zh, en) in enumerate(WATERFALL_STEPS, start=1)
        ],
        "raw.rfm_cuts": scoring.list_cuts(scoring.choose_cuts(dataset)),
        "raw.segments": scoring.list_segments(ruleset),
        "raw.segment_cells": scoring.list_cells(ruleset),
        "raw.metrics": list_metrics(catalogue, given),
        "raw.gates": list_gates(dataset),
        "raw.point_kinds": points.list_kinds(dataset),
        "raw.tiers": points.list_tiers(dataset.tiers),
        "raw.tier_words": points.list_tier_words(dataset.tiers),
    }
    for name, content in rows.items():
        write_rows(engine, name, content)


def write_dates(
    engine: Engine, dataset: Dataset, as_of: str, promoted: PromotedCycles | None = None
) -> tuple[datetime.date, datetime.date]:
    """Settle the as-of date and fill the raw tables that depend on it.

    Returns it and the knowledge date. `as_of` is a date or `latest`, the last business date with
    an order. Raises InputError where it lies outside the data.
    """
    first, last = read_date_range(engine)
    as_of_date = settle_as_of(as_of, first, last)
    knowledge_date = settle_knowledge(engine, dataset, as_of_date, last)
    conventions, members = dataset.conventions, "members" in dataset.filled_tables
    cycle_days = find_cycle(dataset, promoted)
    unknown_past = datetime.timedelta(days=math.ceil(scoring.LOST_AFTER_CYCLES * cycle_days))
    parameters = {
        "as_of_date": as_of_date,
        "knowledge_date": knowledge_date,
        "history_known_from": first if conventions.history_is_complete else first + unknown_past,
        "applies_merges": conventions.merges == "apply",
        "nets_refunds": conventions.refunds == "net",
        "keeps_zero_amounts": conventions.zero_amount_orders == "keep",
        "unregistered_ids": conventions.unregistered_ids,
        "has_member_file": members,
        "has_registration_dates": has_registration_dates(engine),
        "counts_orders": conventions.purchase_unit == "order",
        "small_number": conventions.small_number,
        "return_window_days": conventions.return_window_days,
        "rfm_window_start": as_of_date - datetime.timedelta(days=dataset.rfm.window_days - 1),
        "rfm_frequency": dataset.rfm.frequency,
        "rfm_monetary": dataset.rfm.monetary,
        "lifecycle_window": choose_lifecycle_window(cycle_days),
        "lost_after_cycles": scoring.LOST_AFTER_CYCLES,
        "least_repeaters": LEAST_REPEATERS,
        "many_scopes": MANY_SCOPES,
        "proposal_tickets": PROPOSAL_TICKETS,
        "proposal_dates": PROPOSAL_DATES,
    }
    complete = conventions.history_is_complete
    write_rows(engine, "raw.parameters", [parameters])
    cycles = points.list_cycles(dataset.tiers, as_of_date)
    days_off = holidays.list_holidays(dataset.holiday_country, first, as_of_date)
    write_rows(engine, "raw.tier_cycles", cycles)
    write_rows(engine, "raw.holidays", days_off)
    write_rows(engine, "raw.purchase_cycles", list_cycles(dataset, promoted))
    write_rows(engine, "raw.calendar", windows.list_dates(first, as_of_date))
    write_rows(engine, "raw.windows", windows.list_windows(first, as_of_date, complete))
    write_rows(engine, "raw.utc_months", list_utc_months(dataset, read_control_months(engine)))
    return as_of_date, knowledge_date


def list_channels(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the rows of raw.channels."""
    offline, guided = dataset.conventions.offline_channels, dataset.conventions.guide_channels
    return [
        {"channel": channel, "is_offline": channel in offline, "is_guided": channel in guided}
        for channel in sorted({*offline, *guided})
    ]


def list_statuses(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the rows of raw.order_statuses.

    What is paid follows from the class of a word, unless the data set itself says which words are.
    """
    words = {word: name for name, texts in STATUS_WORDS.items() for word in texts}
    words |= list_status_words(dataset)
    conventions = dataset.conventions
    said = conventions.paid_statuses if "paid_statuses" in conventions.model_fields_set else []
    for word in said:
        words.setdefault(word, "paid")
    return [
        {
            "status": word,
            "status_class": name,
            "stage": STAGES[name],
            "is_paid": word in said if said else name in PAID_CLASSES,
        }
        for word, name in words.items()
    ]


def list_rule_sets() -> list[dict[str, Any]]:
    """Return the rows of raw.rule_sets: fewer rules before more, likelier ones before others."""
    sets = [
        chosen
        for size in range(len(COUNTING_RULES) + 1)
        for chosen in itertools.combinations(COUNTING_RULES, size)
    ]
    rows: list[dict[str, Any]] = [
        {
            "rule_set": "+".join(code for _, code, _, _ in chosen) or "none",
            "rule_set_zh": "，".join(zh for _, _, zh, _ in chosen) or "无差异",
            "rule_set_en": ", ".join(en for _, _, _, en in chosen) or "no difference",
            **{rule[0]: rule in chosen for rule in COUNTING_RULES},
        }
        for chosen in sets
    ]
    rows.append(
        {
            "rule_set": "unexplained",
            "rule_set_zh": "未能解释",
            "rule_set_en": "unexplained",
            **{column: False for column, *_ in COUNTING_RULES},
        }
    )
    return [{"position": position, **row} for position, row in enumerate(rows, start=1)]


def read_control_months(engine: Engine) -> list[datetime.date]:
    """Return the months for which the source system's totals are given."""
    query = "select distinct month from raw.control_totals order by month"
    return [row["month"] for row in engine.read(query).to_pylist()]


def list_utc_months(dataset: Dataset, months: list[datetime.date]) -> list[dict[str, Any]]:
    """Return the rows of raw.utc_months: the given months and those before and after each."""
    dated = [month for month in months if month.year < datetime.MAXYEAR - 1]
    wanted = {windows.add_months(month, step) for month in dated for step in (-1, 0, 1)}
    return [
        {
            "month": month,
            "starts_at": start_in_utc(month, dataset.zone),
            "ends_at": start_in_utc(windows.add_months(month, 1), dataset.zone),
        }
        for month in sorted(wanted)
    ]


def start_in_utc(month: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """Return the local time at which a month starts in UTC."""
    start = datetime.datetime.combine(month, datetime.time(), datetime.UTC)
    return start.astimezone(zone).replace(tzinfo=None)


def read_date_range(engine: Engine) -> tuple[datetime.date, datetime.date]:
    """Return the first and last business date of the orders.

    Raises InputError where no order can be read.
    """
    range_query = "select min(business_date) as first, max(business_date) as last from raw.orders"
    row = engine.read(range_query).to_pylist()[0]
    if row["first"] is None:
        raise InputError(
            "The orders files hold no order that can be read; see quarantine_summary for the "
            "reasons, or export them again."
        )
    return row["first"], row["last"]


def settle_as_of(as_of: str, first: datetime.date, last: datetime.date) -> datetime.date:
    """Return the as-of date that a run was asked for.

    Raises InputError where it is no date, or has no data.
    """
    if as_of == "latest":
        return last
    try:
        date = datetime.date.fromisoformat(as_of)
    except ValueError:
        raise InputError(f"as of {as_of!r}: write a date like {last}, or latest.") from None
    if not first <= date <= last:
        raise InputError(f"as of {date}: the orders reach from {first} to {last}; choose between.")
    return date


def settle_knowledge(
    engine: Engine, dataset: Dataset, as_of: datetime.date, last: datetime.date
) -> datetime.date:
    """Return the date until which refunds are known, as the data set's convention says."""
    knowledge = dataset.conventions.knowledge
    if isinstance(knowledge, datetime.date):
        return knowledge
    if knowledge == "as_of":
        return as_of
    newest = engine.read("select max(refunded_on) as last from raw.refunds").to_pylist()[0]["last"]
    return max(last, newest or last)


def has_registration_dates(engine: Engine) -> bool:
    """Whether any member's registration is dated."""
    query = "select count(registered_on) as dated from raw.members"
    return bool(engine.read(query).to_pylist()[0]["dated"])


def write_rows(engine: Engine, name: str, rows: list[dict[str, Any]]) -> None:
    """Fill a raw table with rows in its own types."""
    engine.write(name, pa.Table.from_pylist(rows, schema=RAW_TABLES[name].schema))
