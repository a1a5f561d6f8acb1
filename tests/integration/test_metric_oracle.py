"""That the pipeline's metrics are those of the oracle, on two thousand random histories.

Each history is a store of a shop, with members of its own; a shop is one run with its settings.
"""

import csv
import datetime
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.runs import RunRequest, start_run
from tests.oracles.metric_contract import (
    CYCLE_METRICS,
    METRICS,
    ONE_DAY,
    Conventions,
    History,
    Key,
    Number,
    Shop,
)
from tests.oracles.random_shops import Plan, draw_history, list_stores

pytestmark = pytest.mark.long

TRADES = {30: "frequent", 120: "fashion", 300: "durable"}
TABLE = "marts.kpi"
ROWS = f"""
    select
        metric, scope_type, scope, window_type, window_start,
        numerator, denominator, value, null_reason
    from {TABLE}
    where metric in (select unnest(?))
        and (scope_type <> 'brand' or metric in (select unnest(?)) or scope in (select unnest(?)))
    """
# Numbers that the scopes of a shop's brands repeat, for each store is a brand, are asked of some.
BRANDS_IN_FULL = 3
SHOWN = 12
TOP_FIFTH = "top_20_sales_share"

# What a run found of a key: the parts, the value and why it has none.
Found = tuple[Any, Any, float | None, str | None]


def make_plan(
    stores: int, days: int, as_of: str, zone: str, has_member_file: bool = True, **chosen: Any
) -> Plan:
    """Return a plan with a seed of its own; what is not chosen is the contract's default."""
    conventions = Conventions(zone, datetime.date.fromisoformat(as_of), **chosen)
    return Plan(hash_text(f"{zone} {as_of} {days}"), stores, days, conventions, has_member_file)


def hash_text(text: str) -> int:
    """Return a number that is the same in every process."""
    return int.from_bytes(text.encode(), "big") % 1_000_003


def date(text: str) -> datetime.date:
    """Return a date as settings give it."""
    return datetime.date.fromisoformat(text)


# Clocks change in New York 2024-03-10, Berlin 2023-10-29 and 2024-03-31, Auckland 2024-04-07.
PLANS = {
    "defaults": make_plan(196, 80, "2024-03-31", "Asia/Shanghai"),
    "orders": make_plan(
        196,
        75,
        "2024-04-09",
        "America/New_York",
        day_starts_at="02:00",
        purchase_unit="order",
        zero_amount_orders="keep",
    ),
    "late knowledge": make_plan(
        196, 80, "2024-04-30", "Europe/Berlin", knowledge=date("2024-05-31"), return_window_days=3
    ),
    "early knowledge": make_plan(
        196, 75, "2024-04-30", "Pacific/Auckland", knowledge=date("2024-03-31")
    ),
    "refunds ignored": make_plan(
        196, 75, "2024-03-01", "UTC", refunds="ignore", zero_amount_orders="keep"
    ),
    "merges ignored": make_plan(
        196, 75, "2024-02-29", "Asia/Kolkata", merges="ignore", day_starts_at="05:30"
    ),
    "ids are members": make_plan(
        196, 75, "2023-12-31", "Asia/Shanghai", unregistered_ids="member", day_starts_at="04:00"
    ),
    "ids are guests": make_plan(
        196, 75, "2024-07-15", "America/St_Johns", unregistered_ids="guest", purchase_unit="order"
    ),
    "no member file": make_plan(196, 75, "2024-06-30", "Europe/Berlin", has_member_file=False),
    "late day": make_plan(
        196, 75, "2023-11-30", "Europe/Berlin", day_starts_at="23:00", return_window_days=0
    ),
    "frequent for years": make_plan(16, 1_000, "2024-03-31", "Asia/Shanghai"),
    "fashion for years": make_plan(
        16,
        1_060,
        "2024-02-29",
        "Europe/Berlin",
        cycle_days=120,
        purchase_unit="order",
        day_starts_at="04:00",
    ),
    "durable for years": make_plan(
        16,
        900,
        "2024-12-31",
        "America/New_York",
        cycle_days=300,
        zero_amount_orders="keep",
        knowledge=date("2025-02-28"),
    ),
}


def write_shop(folder: Path, plan: Plan, history: History) -> None:
    """Write a history as the data set of a shop whose brands are its stores."""
    tables: dict[str, list[dict[str, Any]]] = {
        "orders": [asdict(order) | {"brand": order.store_id} for order in history.orders],
        "refunds": [asdict(refund) for refund in history.refunds],
        "members": [asdict(member) for member in history.members or []],
        "member_merges": [
            {"member_id": old, "merged_into": new} for old, new in history.merges.items()
        ],
    }
    folder.mkdir()
    for name, rows in tables.items():
        if rows:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    chosen = asdict(plan.conventions)
    chosen["paid_statuses"] = list(chosen["paid_statuses"])
    chosen["knowledge"] = chosen["knowledge"] or "as_of"
    del chosen["as_of"]
    settings = {
        "name": "random_shop",
        "timezone": chosen.pop("timezone"),
        "currency": "CNY",
        "trade": TRADES[chosen.pop("cycle_days")],
        "files": {name: {"path": f"{name}.csv"} for name, rows in tables.items() if rows},
        "scopes": ["store", "brand"],
        "conventions": chosen,
    }
    (folder / "dataset.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def list_needed(catalogue: Catalogue) -> set[str]:
    """Return the tables that the published metrics rest on, however far back."""
    needed, wanted = set(), [TABLE]
    while wanted:
        name = wanted.pop()
        if name not in needed:
            needed.add(name)
            wanted += catalogue.find_sources(name)
    return needed


def run_pipeline(folder: Path, plan: Plan, history: History) -> dict[tuple[Any, ...], Found]:
    """Return what a run makes of a history: the core metrics by key, as the pipeline has them."""
    write_shop(folder / "data", plan, history)
    as_of = str(plan.conventions.as_of)
    with start_run(RunRequest(folder / "data", as_of, folder / "output")) as run:
        run.land()
        rejected = run.fill()
        assert not any(rejected.values())
        needed = list_needed(run.catalogue)
        for name in run.catalogue.order:
            if name in needed:
                run.build(name)
        asked = [sorted(METRICS), sorted(CYCLE_METRICS), list_stores(plan)[:BRANDS_IN_FULL]]
        rows = run.engine.connection.execute(ROWS, asked).fetchall()
    return {row[:5]: row[5:] for row in rows}


def measure_history(plan: Plan, history: History) -> dict[Key, Number]:
    """Return what the oracle makes of a history."""
    shop = Shop(history, plan.conventions)
    stores = [store for store in list_stores(plan) if shop.sells_in(store)]
    numbers = shop.measure("all", "all")
    for store in stores:
        numbers |= shop.measure("store", store)
        in_full = list_stores(plan)[:BRANDS_IN_FULL]
        measure_brand = shop.measure if store in in_full else shop.measure_recency
        numbers |= measure_brand("brand", store)
    return numbers


def agree(number: Number, found: Found) -> bool:
    """Whether a run found a number; parts exactly, the quotient to the last digits."""
    numerator, denominator, value, null_reason = found
    if number.null_reason is not None:
        return (value, null_reason) == (None, number.null_reason)
    expected = number.value
    return (
        null_reason is None
        and number.numerator == numerator
        and number.denominator == denominator
        and value is not None
        and expected is not None
        and abs(float(expected) - value) <= 1e-12 * max(1.0, abs(value))
    )


def is_published(catalogue: Catalogue, plan: Plan, key: Key) -> bool:
    """Whether the catalogue has a metric, for that kind of scope and window.

    The top fifth of past trailing windows is not, as its note says.
    """
    model = catalogue.models.get(f"kpis.{key.metric}")
    kpi = model.header.kpi if model is not None else None
    if kpi is None or (kpi.scopes and key.scope_type not in kpi.scopes):
        return False
    if kpi.windows and key.window_type not in kpi.windows:
        return False
    if key.metric != TOP_FIFTH or not key.window_type.startswith("trailing_"):
        return True
    days = int(key.window_type[len("trailing_") : -1])
    return key.window_start + (days - 1) * ONE_DAY == plan.conventions.as_of


def list_differences(numbers: dict[Key, Number], found: dict[tuple[Any, ...], Found]) -> list[str]:
    """Return a line for each number that the run has otherwise or lacks.

    Without a member file what rests on it may have no row: the table of metrics says why.
    """
    lines = []
    for key, number in numbers.items():
        row = found.get(key)
        if row is None and number.null_reason != "no_member_file":
            lines.append(f"{key}: {number} expected, no row")
        elif row is not None and not agree(number, row):
            lines.append(f"{key}: {number} expected, found {row}")
    return lines


def test_the_histories_are_as_many_as_promised() -> None:
    assert sum(plan.stores for plan in PLANS.values()) >= 2_000


def test_every_core_metric_is_in_the_catalogue() -> None:
    missing = METRICS - {model.table for model in load_catalogue().kpis}
    assert not missing, f"No model for {', '.join(sorted(missing))}."


@pytest.mark.parametrize("name", PLANS)
def test_the_pipeline_counts_as_the_oracle_does(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each store has every window, however many stores there are.
    monkeypatch.setattr("pipelines.settings.MANY_SCOPES", 10_000)
    plan = PLANS[name]
    history = draw_history(plan)
    found = run_pipeline(tmp_path, plan, history)
    catalogue = load_catalogue()
    numbers = {
        key: number
        for key, number in measure_history(plan, history).items()
        if is_published(catalogue, plan, key)
    }
    assert {key.metric for key in numbers} == METRICS
    lines = list_differences(numbers, found)
    assert not lines, "\n".join([f"{len(lines)} numbers differ:", *lines[:SHOWN]])
