"""Random histories for the oracle: a shop of many stores, each a history with what goes wrong.

Seeded, and the same for the same seed. What the numbers of a history are is not said here.
"""

import calendar
import datetime
import random
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.oracles.metric_contract import ONE_DAY, Conventions, History, Member, Order, Refund

AMOUNTS = tuple(map(Decimal, ("0.01", "10.00", "20.00", "20.00", "33.33", "59.90", "128.05")))
OFFSETS = (-480, -210, 0, 330, 480, 765)
EDGES = ("00:00:00", "00:00:01", "23:59:59", "12:00:00", "01:30:00", "02:30:00", "03:00:00")
# Steps between purchases that lie at the edge of a window, a cohort's age or a cycle.
STEPS = (0, 0, 1, 7, 29, 30, 31, 60, 61, 90, 120, 121)
UNKNOWN_IDS_SHARE, GUEST_SHARE, NEIGHBOUR_SHARE = 0.25, 0.2, 0.08


@dataclass(frozen=True)
class Plan:
    """A shop to draw: how many stores, over how many days until as_of, what it chooses."""

    seed: int
    stores: int
    days: int
    conventions: Conventions
    has_member_file: bool = True

    @property
    def first(self) -> datetime.date:
        """The first date on which the shop may sell."""
        return self.conventions.as_of - self.days * ONE_DAY


def list_stores(plan: Plan) -> list[str]:
    """Return the stores of a shop; each is a history."""
    return [f"S{place:03}" for place in range(plan.stores)]


def draw_history(plan: Plan) -> History:
    """Return a shop's history: guests, merges, ties, refunds, returns and zero amounts."""
    chance = random.Random(plan.seed)
    history = History(members=[] if plan.has_member_file else None)
    clock = Clock(chance, plan)
    for store in list_stores(plan):
        draw_store(chance, plan, clock, store, history)
    # What as_of leaves out, and so that as_of is a date that the data reach.
    late = f"{plan.conventions.as_of + 3 * ONE_DAY} 12:00:00"
    history.orders.append(Order("after-as-of", late, Decimal("7.00"), "", "S000"))
    return history


@dataclass(frozen=True)
class Clock:
    """Draws times of a date: at the edges of a day, of its start and of clock changes."""

    chance: random.Random
    plan: Plan

    def draw(self, date: datetime.date) -> str:
        """Return a time on or next to a date, local or with an offset."""
        chance, conventions = self.chance, self.plan.conventions
        clock = chance.choice([*EDGES, f"{conventions.day_starts_at}:00"])
        moment = datetime.datetime.fromisoformat(f"{date} {clock}")
        moment -= datetime.timedelta(seconds=chance.choice((0, 0, 1)))
        form = chance.random()
        if form < 0.6:
            return f"{moment:%Y-%m-%d %H:%M:%S}"
        zone: datetime.tzinfo = datetime.UTC
        if form < 0.8:
            zone = datetime.timezone(datetime.timedelta(minutes=chance.choice(OFFSETS)))
        written = moment.replace(tzinfo=ZoneInfo(conventions.timezone)).astimezone(zone)
        if form < 0.7:
            return f"{written:%Y-%m-%dT%H:%M:%S}{written:%z}"
        return f"{written.replace(tzinfo=None)}{'Z' if zone is datetime.UTC else f'{written:%z}'}"


def draw_dates(chance: random.Random, plan: Plan, size: int) -> list[datetime.date]:
    """Return so many dates of purchases: in steps that matter, with ties, or anywhere."""
    days = plan.days
    dates: list[datetime.date] = []
    date = plan.first + chance.randrange(max(1, days)) * ONE_DAY
    for _ in range(size):
        way = chance.random()
        if way < 0.45:
            date += chance.choice(STEPS) * ONE_DAY
        elif way < 0.6:
            last = calendar.monthrange(date.year, date.month)[1]
            date = date.replace(day=chance.choice((1, last)))
        else:
            date = plan.first + chance.randrange(days + 1) * ONE_DAY
        if not plan.first <= date <= plan.conventions.as_of + ONE_DAY:
            date = plan.first + chance.randrange(days + 1) * ONE_DAY
        dates.append(date)
    return dates


def draw_store(
    chance: random.Random, plan: Plan, clock: Clock, store: str, history: History
) -> None:
    """Add a store's members, orders, returns and refunds to a history."""
    size = chance.choice((0, 1, 2, 3, 5, 8, 13, 21, 34, 60)) if plan.days > 400 else None
    size = chance.choice((1, 2, 3, 5, 8, 13, 21, 34)) if size is None else size
    ids = [f"{store}-M{place}" for place in range(chance.randint(1, max(1, size // 3)))]
    if chance.random() < 0.4 and len(ids) > 1:
        draw_merges(chance, ids, history)
    neighbour = f"S{(int(store[1:]) + 1) % plan.stores:03}"
    dates = sorted(draw_dates(chance, plan, size))
    bought: dict[str, list[datetime.date]] = {}
    for place, date in enumerate(dates):
        member = "" if chance.random() < GUEST_SHARE else chance.choice(ids)
        sold_by = neighbour if chance.random() < NEIGHBOUR_SHARE else store
        amount = chance.choice(AMOUNTS)
        what = chance.random()
        if what < 0.06:
            amount = Decimal("0.00")
        elif what < 0.09:
            amount = -amount
        time, created = clock.draw(date), ""
        if chance.random() < 0.1:
            time, created = "", time
        elif chance.random() < 0.1:
            created = clock.draw(date - ONE_DAY)
        status = "cancelled" if chance.random() < 0.05 else "paid"
        number = f"{store}-{place:02}"
        order = Order(number, time, amount, member, sold_by, status, created)
        history.orders.append(order)
        if chance.random() < 0.03:
            history.orders.append(order)
        if amount > 0 and chance.random() < 0.2:
            draw_refunds(chance, plan, clock, order, date, history)
        bought.setdefault(member, []).append(date)
    if history.members is not None:
        is_lagging = chance.random() < UNKNOWN_IDS_SHARE
        home = chance.choice((store, store, store, neighbour, ""))
        for member in ids:
            if is_lagging and chance.random() < 0.5:
                continue
            around = chance.choice(bought.get(member, [plan.first]))
            step = chance.choice((-200, -30, -1, 0, 0, 0, 1, 30))
            history.members.append(Member(member, clock.draw(around + step * ONE_DAY), home))


def draw_merges(chance: random.Random, ids: list[str], history: History) -> None:
    """Merge some of a store's numbers, in pairs, in stars and in chains, never in circles."""
    for place, member in enumerate(ids[:-1]):
        if chance.random() < 0.5:
            history.merges[member] = chance.choice(ids[place + 1 :])


def draw_refunds(
    chance: random.Random,
    plan: Plan,
    clock: Clock,
    order: Order,
    date: datetime.date,
    history: History,
) -> None:
    """Refund an order in part or in full, at once or in two steps, some of it late."""
    full = chance.random() < 0.5
    amount = order.paid_amount if full else (order.paid_amount / 3).quantize(Decimal("0.01"))
    parts = [amount]
    if chance.random() < 0.3 and amount > Decimal("0.10"):
        parts = [Decimal("0.05"), amount - Decimal("0.05")]
    for place, part in enumerate(parts):
        if part > 0:
            day = date + chance.choice((1, 2, 3, 7, 14, 15, 16, 40)) * ONE_DAY
            if chance.random() < 0.2:
                knowledge = plan.conventions.knowledge_date
                day = max(day, knowledge + chance.choice((-1, 0, 1)) * ONE_DAY)
            number = f"R{order.order_id}-{place}"
            history.refunds.append(Refund(number, order.order_id, clock.draw(day), part))
