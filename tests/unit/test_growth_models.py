"""Sales drivers and the top fifth of buyers, a second time in plain Python on random histories.

Single rows are treated by the cases of the models; here members move between stores that open
and close, which no case by hand could show in full.
"""

import datetime
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.engines.duckdb import open_duckdb
from pipelines.windows import list_dates, list_windows
from tests.unit.test_models import Bench, Row

FIRST, AS_OF = datetime.date(2023, 1, 1), datetime.date(2024, 8, 10)
TYPES = ("month", "quarter", "year")
# First and last date of each store's sales; store 0 is no store.
SPANS = {
    0: (FIRST, AS_OF),
    1: (FIRST, AS_OF),
    2: (FIRST, AS_OF),
    3: (datetime.date(2023, 5, 10), AS_OF),
    4: (datetime.date(2024, 2, 1), AS_OF),
    5: (FIRST, datetime.date(2023, 12, 31)),
    6: (FIRST, datetime.date(2024, 3, 5)),
}
CHAIN = (
    *("intermediate.store_places", "intermediate.returns", "intermediate.member_days"),
    *("intermediate.store_days", "intermediate.member_months", "intermediate.top_buyers"),
    *("intermediate.driver_stores", "intermediate.driver_members", "intermediate.sales_drivers"),
)


@dataclass(frozen=True)
class Order:
    """A valid order, or where the amount is below zero a return."""

    member: int | None
    store: int
    date: datetime.date
    amount: Decimal

    @property
    def is_purchase(self) -> bool:
        return self.amount > 0


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    engine = open_duckdb(threads=1)
    yield Bench(engine, load_catalogue())
    engine.close()


def generate_orders(chance: random.Random) -> list[Order]:
    """Return the orders of members who are faithful to a store or wander, and of guests."""
    orders = []
    days = (AS_OF - FIRST).days + 1
    for member in range(1, 151):
        usual = chance.randrange(len(SPANS))
        for _ in range(chance.choice((1, 1, 2, 3, 5, 12))):
            store = usual if chance.random() < 0.8 else chance.randrange(len(SPANS))
            date = FIRST + datetime.timedelta(days=chance.randrange(days))
            if SPANS[store][0] <= date <= SPANS[store][1]:
                amount = Decimal(chance.randrange(1, 20_000)) / 100
                is_return = chance.random() < 0.03
                owner = None if chance.random() < 0.1 else member
                orders.append(Order(owner, store, date, -amount if is_return else amount))
    return orders


def write_order(order: Order) -> Row:
    return {
        "member_key": order.member,
        "is_registered": order.member is not None,
        "business_date": order.date,
        "place_key": order.store,
        "net_amount": order.amount,
        "invalid_reason": None if order.is_purchase else "return",
        "is_valid": order.is_purchase,
    }


def select(orders: list[Order], start: datetime.date, end: datetime.date) -> list[Order]:
    return [order for order in orders if start <= order.date <= end]


def list_buyers(orders: list[Order]) -> set[int]:
    return {o.member for o in orders if o.member is not None and o.is_purchase}


def find_sales(orders: list[Order]) -> Decimal:
    return sum((o.amount for o in orders if o.member is not None), Decimal(0))


def find_pairs(windows: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Yield each window with the one before, where both can be compared."""
    by_start = {(row["window_type"], row["window_start"]): row for row in windows}
    for row in windows:
        former = by_start.get((row["window_type"], row["previous_start"]))
        if row["window_type"] in TYPES and row["is_complete"] and former is not None:
            yield row, former


def split_change(orders: list[Order], window: Row, former: Row) -> dict[str, Any]:
    """Return the parts of the change, unrounded, from the orders themselves."""
    now = select(orders, window["window_start"], window["window_end"])
    then = select(orders, former["window_start"], former["window_end"])
    open_now = {o.store for o in now if o.is_purchase} | {0}
    open_then = {o.store for o in then if o.is_purchase} | {0}
    opened, closed = open_now - open_then, open_then - open_now
    kept_now = [o for o in now if o.store not in opened | closed]
    kept_then = [o for o in then if o.store not in opened | closed]
    first_bought: dict[int, datetime.date] = {}
    for order in orders:
        if order.member is not None and order.is_purchase:
            first = first_bought.get(order.member, order.date)
            first_bought[order.member] = min(first, order.date)
    buyers, former_buyers = list_buyers(kept_now), list_buyers(kept_then)
    new = {m for m in buyers if first_bought[m] >= window["window_start"]}
    sales, former_sales = float(find_sales(kept_now)), float(find_sales(kept_then))
    count = sum(o.member is not None and o.is_purchase for o in kept_now)
    former_count = sum(o.member is not None and o.is_purchase for o in kept_then)
    mean = find_mean(sales, former_sales)
    per_head = mean / find_mean(len(buyers), len(former_buyers))
    frequency = (count / len(buyers)) / (former_count / len(former_buyers))
    order_value = (sales / count) / (former_sales / former_count)
    return {
        "change_amount": find_sales(now) - find_sales(then),
        "opened_amount": find_sales([o for o in now if o.store in opened])
        - find_sales([o for o in then if o.store in opened]),
        "closed_amount": find_sales([o for o in now if o.store in closed])
        - find_sales([o for o in then if o.store in closed]),
        "new_amount": per_head * len(new),
        "retained_amount": 0,
        "reactivated_amount": per_head * len(buyers - former_buyers - new),
        "lapsed_amount": -per_head * len(former_buyers - buyers),
        "frequency_amount": mean * math.log(frequency),
        "order_value_amount": mean * math.log(order_value),
    }


def find_mean(a: float, b: float) -> float:
    """Return the logarithmic mean of two positive numbers."""
    return a if a == b else (a - b) / math.log(a / b)


def count_facts(orders: list[Order], windows: list[Row]) -> Iterator[Row]:
    """Yield the facts of the whole data set that the split rests on."""
    first_bought: dict[int, datetime.date] = {}
    for order in sorted(orders, key=lambda o: o.date):
        if order.member is not None and order.is_purchase:
            first_bought.setdefault(order.member, order.date)
    for window, former in find_pairs(windows):
        now = list_buyers(select(orders, window["window_start"], window["window_end"]))
        then = list_buyers(select(orders, former["window_start"], former["window_end"]))
        yield {
            "scope_type": "all",
            "scope": "all",
            "window_type": window["window_type"],
            "window_start": window["window_start"],
            "buyer_count": len(now),
            "former_buyer_count": len(then),
            "retained_count": len(now & then),
            "new_count": sum(first_bought[m] >= window["window_start"] for m in now),
        }


def make_tables(bench: Bench, orders: list[Order], windows: list[Row]) -> None:
    """Make the models of the chain from the orders, each from the one before."""
    places = [{"place_key": s, "store_id": f"S{s}" if s else None} for s in SPANS]
    given = {
        "raw.parameters": [{"as_of_date": AS_OF}],
        "raw.windows": windows,
        "raw.calendar": list_dates(FIRST, AS_OF),
        "staging.places": places,
        "staging.orders": [write_order(order) for order in orders],
        "intermediate.window_facts": list(count_facts(orders, windows)),
    }
    for table, rows in given.items():
        bench.fill(table, bench.convert_rows(table, rows))
    for model in CHAIN:
        bench.make(model)


@pytest.mark.parametrize("seed", range(6))
def test_models_agree_with_plain_counting(seed: int, bench: Bench) -> None:
    orders = generate_orders(random.Random(seed))
    windows = list_windows(FIRST, AS_OF, history_is_complete=True)
    make_tables(bench, orders, windows)
    made = {
        (row["window_type"], row["window_start"]): row
        for row in bench.make("intermediate.sales_drivers")
    }
    seen: Counter[str] = Counter()
    for window, former in find_pairs(windows):
        row = made[window["window_type"], window["window_start"]]
        assert (row["window_reason"], row["factor_reason"]) == (None, None)
        expected = split_change(orders, window, former)
        for name, amount in expected.items():
            assert float(row[name]) == pytest.approx(float(amount), abs=0.05), (name, row)
            seen[name] += bool(amount)
        assert row["change_amount"] == expected["change_amount"]
        parts = [row[name] for name in expected if name != "change_amount"]
        assert sum(parts) == row["change_amount"]
    assert min(amount for name, amount in seen.items() if name != "retained_amount") > 1


@pytest.mark.parametrize("seed", range(3))
def test_the_top_fifth_is_that_of_sorted_members(seed: int, bench: Bench) -> None:
    orders = generate_orders(random.Random(seed))
    windows = list_windows(FIRST, AS_OF, history_is_complete=True)
    make_tables(bench, orders, windows)
    made = {
        (row["window_type"], row["window_start"]): row
        for row in bench.make("intermediate.top_buyers")
    }
    for window in windows:
        kind, end = window["window_type"], window["window_end"]
        is_told = kind in (*TYPES, "half") or (kind == "trailing_365d" and end == AS_OF)
        assert is_told or (kind, window["window_start"]) not in made
        chosen = select(orders, window["window_start"], end)
        if not is_told or not list_buyers(chosen):
            continue
        spent: dict[int, Decimal] = defaultdict(Decimal)
        for order in chosen:
            if order.member in list_buyers(chosen):
                spent[order.member] += order.amount
        amounts = sorted(spent.values(), reverse=True)
        row = made[kind, window["window_start"]]
        top = math.ceil(len(amounts) / 5)
        assert (row["buyer_count"], row["top_buyer_count"]) == (len(amounts), top)
        assert row["top_net_amount"] == sum(amounts[:top])
        assert row["net_amount"] == sum(amounts)
