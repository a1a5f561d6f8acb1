"""The settings of a run as tables, so that a model's threshold is a row like any other.

What a setting does stands in the models; what may be set stands in `pipelines.dataset`.
"""

import datetime
from typing import Any

import pyarrow as pa

from pipelines import scoring, windows
from pipelines.catalogue import Catalogue, list_metrics
from pipelines.dataset import Dataset
from pipelines.engines.protocol import Engine
from pipelines.errors import InputError
from pipelines.ingest.tables import list_reasons
from pipelines.raw import RAW_TABLES

# How far a status is on an order's way, in the words that shops' systems use.
STAGES = {
    1: ("created", "pending", "unpaid", "待付款", "未付款"),
    2: ("paid", "processing", "已付款", "已支付", "待发货"),
    3: ("shipped", "fulfilled", "已发货"),
    4: ("done", "completed", "已完成", "交易成功"),
    5: ("refunded", "cancelled", "canceled", "已退款", "已取消", "交易关闭"),
}
WATERFALL_STEPS = (
    ("read", "读入的订单行", "Order rows read"),
    ("quarantined", "无法读取，已隔离", "Unreadable, in quarantine"),
    ("duplicate", "重复的行", "Duplicate rows"),
    ("conflicting", "版本相互矛盾，已隔离", "Contradictory versions, in quarantine"),
    ("after_as_of", "晚于统计日", "After the as-of date"),
    ("test", "测试订单", "Test orders"),
    ("unpaid", "未付款或已取消", "Unpaid or cancelled"),
    ("exchange", "换货单", "Exchanges"),
    ("refunded", "全额退款", "Fully refunded"),
    ("zero", "零元或负数订单", "Zero or negative orders"),
    ("excluded", "名单排除的会员", "Members on the exclusion list"),
    ("guest", "有效：散客", "Valid: guests"),
    ("identified", "有效：有会员号但未在会员表中", "Valid: id not in the member file"),
    ("registered", "有效：注册会员", "Valid: registered members"),
)


def write_settings(engine: Engine, dataset: Dataset, catalogue: Catalogue) -> None:
    """Fill the raw tables that do not depend on the data's dates."""
    ruleset = scoring.load_ruleset(dataset.segments)
    stages = {status: stage for stage, statuses in STAGES.items() for status in statuses}
    for status in dataset.conventions.paid_statuses:
        stages.setdefault(status, 2)
    rows: dict[str, list[dict[str, Any]]] = {
        "raw.reasons": list(list_reasons()),
        "raw.scope_types": [{"scope_type": scope} for scope in dataset.scopes],
        "raw.paid_statuses": [{"status": status} for status in dataset.conventions.paid_statuses],
        "raw.order_statuses": [
            {"status": status, "stage": stage} for status, stage in stages.items()
        ],
        "raw.waterfall_steps": [
            {"position": position, "step": step, "step_zh": zh, "step_en": en}
            for position, (step, zh, en) in enumerate(WATERFALL_STEPS, start=1)
        ],
        "raw.rfm_cuts": scoring.list_cuts(scoring.choose_cuts(dataset)),
        "raw.segments": scoring.list_segments(ruleset),
        "raw.segment_cells": scoring.list_cells(ruleset),
        "raw.metrics": list_metrics(catalogue),
    }
    for name, content in rows.items():
        write_rows(engine, name, content)


def write_dates(
    engine: Engine, dataset: Dataset, as_of: str
) -> tuple[datetime.date, datetime.date]:
    """Settle the as-of date and fill the raw tables that depend on it.

    Returns it and the knowledge date. `as_of` is a date or `latest`, the last business date with
    an order. Raises InputError where it lies outside the data.
    """
    first, last = read_date_range(engine)
    as_of_date = settle_as_of(as_of, first, last)
    knowledge_date = settle_knowledge(engine, dataset, as_of_date, last)
    conventions, members = dataset.conventions, "members" in dataset.filled_tables
    cycle_days = scoring.PRESET_CYCLE_DAYS[dataset.trade]
    unknown_past = datetime.timedelta(days=scoring.LOST_AFTER_CYCLES * cycle_days)
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
        "small_number": conventions.small_number,
        "rfm_window_start": as_of_date - datetime.timedelta(days=dataset.rfm.window_days - 1),
        "rfm_frequency": dataset.rfm.frequency,
        "rfm_monetary": dataset.rfm.monetary,
    }
    complete = conventions.history_is_complete
    write_rows(engine, "raw.parameters", [parameters])
    write_rows(engine, "raw.calendar", windows.list_dates(first, as_of_date))
    write_rows(engine, "raw.windows", windows.list_windows(first, as_of_date, complete))
    return as_of_date, knowledge_date


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
