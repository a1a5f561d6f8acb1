"""Every core metric of a shop's history, counted in plain Python from the metric contract alone.

Nothing of the pipeline or its models is imported or read here: agreement would prove nothing.
"""

import bisect
import calendar
import datetime
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

TRAILING_DAYS = (30, 90, 180, 365)
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
REPURCHASE_DAYS = (30, 60, 90, 180, 365)
Row = TypeVar("Row")
ONE_DAY = datetime.timedelta(days=1)
ZERO = Decimal(0)
NES_STATES = ("nes_n", "nes_e0", "nes_s1", "nes_s2", "nes_s3", "nes_once")

NEEDS_MEMBER_FILE = frozenset(
    {"registered_members", "new_members", "member_active_rate", "enrolment_rate"}
)
CYCLE_METRICS = frozenset({"churn_rate", "dormant_rate", "win_back_rate", *NES_STATES})
METRICS = frozenset(
    {
        "active_members",
        "aipl_l",
        "aipl_p",
        "buyback_rate",
        "lifecycle_lapsed",
        "lifecycle_new",
        "lifecycle_reactivated",
        "lifecycle_retained",
        "member_order_share",
        "member_sales_share",
        "new_buyer_share",
        "new_buyers",
        "occasions_per_buyer",
        "orders_per_buyer",
        "purchase_interval_km_median",
        "purchase_interval_mean",
        "purchase_interval_median",
        "purchase_interval_p80",
        "purchase_interval_p90",
        "refund_order_rate",
        "refund_order_rate_on_refund_date",
        "refund_rate",
        "refund_rate_on_refund_date",
        "repeat_order_share",
        "repurchase_rate",
        "repurchase_rate_by_order",
        "returning_member_rate",
        "returning_order_share",
        "revenue_per_buyer",
        "top_20_sales_share",
        *(f"repurchase_within_{days}d" for days in REPURCHASE_DAYS),
        *(
            f"{base}{suffix}"
            for base in ("net_sales", "orders", "average_order_value")
            for suffix in ("", "_member", "_guest")
        ),
    }
    | NEEDS_MEMBER_FILE
    | CYCLE_METRICS
)


@dataclass(frozen=True)
class Order:
    """An order as exported; times are local, or carry their offset. Below zero: a return."""

    order_id: str
    paid_at: str
    paid_amount: Decimal
    member_id: str = ""
    store_id: str = ""
    status: str = "paid"
    created_at: str = ""


@dataclass(frozen=True)
class Refund:
    """A refund as exported, part of an order's amount or all of it."""

    refund_id: str
    order_id: str
    refunded_at: str
    amount: Decimal


@dataclass(frozen=True)
class Member:
    """A row of the member file."""

    member_id: str
    registered_at: str
    home_store_id: str = ""


@dataclass
class History:
    """All that a shop exported; merges map a number given up to the one that lives on."""

    orders: list[Order] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    members: list[Member] | None = None
    merges: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Conventions:
    """The choices that a data set makes, with the contract's defaults."""

    timezone: str
    as_of: datetime.date
    knowledge: datetime.date | None = None
    purchase_unit: str = "occasion"
    zero_amount_orders: str = "exclude"
    refunds: str = "net"
    merges: str = "apply"
    unregistered_ids: str = "identified"
    day_starts_at: str = "00:00"
    paid_statuses: tuple[str, ...] = ("paid",)
    return_window_days: int = 15
    cycle_days: int = 30

    @property
    def knowledge_date(self) -> datetime.date:
        """The last date whose refunds are known."""
        return self.knowledge or self.as_of


class Window(NamedTuple):
    """Whole dates, both inclusive, and the windows before and after that it is compared with."""

    window_type: str
    start: datetime.date
    end: datetime.date
    previous_start: datetime.date
    previous_end: datetime.date
    next_start: datetime.date
    next_end: datetime.date


class Number(NamedTuple):
    """A metric's parts, or why it has none; an immature number's parts mean nothing."""

    numerator: Decimal | int | None
    denominator: Decimal | int | None
    null_reason: str | None

    @property
    def value(self) -> Decimal | None:
        """The published value: a count or sum itself, else the quotient."""
        if self.null_reason is not None or self.numerator is None:
            return None
        if self.denominator is None:
            return Decimal(self.numerator)
        return Decimal(self.numerator) / Decimal(self.denominator)


class Key(NamedTuple):
    """What a number is about; the scope is `all`, a store or a brand."""

    metric: str
    scope_type: str
    scope: str
    window_type: str
    window_start: datetime.date


class Purchase(NamedTuple):
    """A valid order; the member is canonical, empty for a guest."""

    date: datetime.date
    store: str
    member: str
    is_registered: bool
    is_anonymous: bool
    net: Decimal


class PaidOrder(NamedTuple):
    """An order that was paid, whether or not all of it was refunded since; refunds are dated."""

    date: datetime.date
    store: str
    paid: Decimal
    refunds: tuple[tuple[datetime.date, Decimal], ...]


@dataclass
class Buyer:
    """What a canonical member bought in a window."""

    orders: int = 0
    occasions: int = 0
    net: Decimal = ZERO
    last: datetime.date | None = None


def count(numerator: Decimal | int) -> Number:
    """Return a count or a sum."""
    return Number(numerator, None, None)


def divide(numerator: Decimal | int, denominator: Decimal | int) -> Number:
    """Return a quotient; without a denominator above 0 it has no value, never 0.

    Sales are below 0 where more was returned than sold: no share of them means anything.
    """
    return Number(numerator, denominator, None if denominator > 0 else "no_denominator")


def refuse(reason: str) -> Number:
    """Return a number that is not published, and why."""
    return Number(None, None, reason)


def find_date(moment: str, conventions: Conventions) -> datetime.date:
    """Return the business date of a time: the local date, moved by the hour that a day starts."""
    parsed = datetime.datetime.fromisoformat(moment)
    if parsed.tzinfo is not None:
        parsed = parsed.astimezone(ZoneInfo(conventions.timezone)).replace(tzinfo=None)
    hours, minutes = conventions.day_starts_at.split(":")
    return (parsed - datetime.timedelta(hours=int(hours), minutes=int(minutes))).date()


def add_months(first: datetime.date, months: int) -> datetime.date:
    """Return the first of the month that lies `months` after another first of a month."""
    place = first.year * 12 + first.month - 1 + months
    return datetime.date(place // 12, place % 12 + 1, 1)


def list_windows(first: datetime.date, as_of: datetime.date, with_days: bool) -> list[Window]:
    """Return the windows of a history; days and weeks are for the scope all only."""
    windows = [
        *(window for kind in MONTHS_OF for window in iterate_months(kind, first, as_of)),
        *(window for days in TRAILING_DAYS for window in iterate_trailing(days, first, as_of)),
    ]
    if with_days:
        monday = first - datetime.timedelta(days=first.weekday())
        windows += [make_window("day", date, 1) for date in iterate_starts(first, as_of, 1)]
        windows += [make_window("week", date, 7) for date in iterate_starts(monday, as_of, 7)]
    return windows


def iterate_starts(
    start: datetime.date, as_of: datetime.date, days: int
) -> Iterator[datetime.date]:
    """Yield every so many dates up to as_of."""
    while start <= as_of:
        yield start
        start += days * ONE_DAY


def make_window(kind: str, start: datetime.date, days: int) -> Window:
    """Return a window of so many dates, between those of as many before and after it."""
    span = days * ONE_DAY
    end = start + span - ONE_DAY
    return Window(kind, start, end, start - span, start - ONE_DAY, end + ONE_DAY, end + span)


def iterate_months(kind: str, first: datetime.date, as_of: datetime.date) -> Iterator[Window]:
    """Yield the periods of whole months that hold a date from `first` to `as_of`."""
    length = MONTHS_OF[kind]
    start = datetime.date(first.year, (first.month - 1) // length * length + 1, 1)
    while start <= as_of:
        following = add_months(start, length)
        yield Window(
            kind,
            start,
            following - ONE_DAY,
            add_months(start, -length),
            start - ONE_DAY,
            following,
            add_months(following, length) - ONE_DAY,
        )
        start = following


def iterate_trailing(days: int, first: datetime.date, as_of: datetime.date) -> Iterator[Window]:
    """Yield the windows of `days` dates that end at a month end before as_of, or at as_of."""
    ends = set()
    month = first.replace(day=1)
    while month <= as_of:
        length = calendar.monthrange(month.year, month.month)[1]
        ends.add(min(month.replace(day=length), as_of))
        month = add_months(month, 1)
    for end in sorted(ends):
        yield make_window(f"trailing_{days}d", end - (days - 1) * ONE_DAY, days)


def interpolate(ordered: Sequence[int], share: Decimal) -> Decimal:
    """Return a continuous percentile of ordered values, linear between neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def find_censored_median(durations: Iterable[tuple[int, bool]]) -> int | None:
    """Return the smallest time at which the Kaplan–Meier survival is at most one half.

    `durations` are (days, whether the event came); what is censored at a time is at risk at it.
    """
    ordered = sorted(durations)
    survival, at_risk, place = Fraction(1), len(ordered), 0
    while place < len(ordered):
        days = ordered[place][0]
        events = gone = 0
        while place < len(ordered) and ordered[place][0] == days:
            events += ordered[place][1]
            gone += 1
            place += 1
        survival *= Fraction(at_risk - events, at_risk)
        if survival <= Fraction(1, 2):
            return days
        at_risk -= gone
    return None


class Shop:
    """A history under its conventions: valid orders, returns, paid orders and registrations."""

    def __init__(self, history: History, conventions: Conventions) -> None:
        self.conventions = conventions
        self.merges = history.merges if conventions.merges == "apply" else {}
        self.has_member_file = history.members is not None
        self.registered_on: dict[str, datetime.date] = {}
        self.home_store: dict[str, str] = {}
        self.known: set[str] = set()
        for member in history.members or []:
            self.register(member)
        self.purchases: list[Purchase] = []
        self.returns: list[Purchase] = []
        self.paid_orders: list[PaidOrder] = []
        refunds: dict[str, list[tuple[datetime.date, Decimal]]] = defaultdict(list)
        for refund in history.refunds:
            date = find_date(refund.refunded_at, conventions)
            if date <= conventions.knowledge_date:
                refunds[refund.order_id].append((date, refund.amount))
        dated = [
            (find_date(order.paid_at or order.created_at, conventions), order)
            for order in dict.fromkeys(history.orders)
        ]
        self.first = min(date for date, _ in dated)
        for date, order in sorted(dated, key=lambda pair: (pair[0], pair[1].order_id)):
            if date <= conventions.as_of and order.status in conventions.paid_statuses:
                self.settle(order, date, tuple(refunds[order.order_id]))

    def register(self, member: Member) -> None:
        """Enter a row of the member file under its canonical number, the earliest date wins.

        Who registers after as_of is not in the file yet. The home is that of the number that
        lives on.
        """
        canonical = self.find_canonical(member.member_id)
        if member.home_store_id and member.member_id == canonical:
            self.home_store[canonical] = member.home_store_id
        date = find_date(member.registered_at, self.conventions)
        if date > self.conventions.as_of:
            return
        self.known.add(canonical)
        self.registered_on[canonical] = min(self.registered_on.get(canonical, date), date)

    def find_canonical(self, member_id: str) -> str:
        """Follow the merges of a number to the one that lives on."""
        while member_id in self.merges:
            member_id = self.merges[member_id]
        return member_id

    def settle(
        self, order: Order, date: datetime.date, refunds: tuple[tuple[datetime.date, Decimal], ...]
    ) -> None:
        """Enter a paid order as a purchase, as a return, or as fully refunded.

        A return is a refund of an order that is not told: where refunds are ignored, so is it.
        """
        member = self.find_canonical(order.member_id)
        is_registered = bool(member) and (not self.has_member_file or member in self.known)
        is_anonymous = not member
        if member and not is_registered:
            is_registered = self.conventions.unregistered_ids == "member"
            if self.conventions.unregistered_ids == "guest":
                member = ""
        net = order.paid_amount
        if self.conventions.refunds == "net":
            net -= sum((amount for _, amount in refunds), ZERO)
        sale = Purchase(date, order.store_id, member, is_registered, is_anonymous, net)
        if order.paid_amount < 0:
            if self.conventions.refunds == "net":
                self.returns.append(sale)
        elif order.paid_amount > 0 or self.conventions.zero_amount_orders == "keep":
            paid = PaidOrder(date, order.store_id, order.paid_amount, refunds)
            self.paid_orders.append(paid)
            if net > 0 or order.paid_amount == 0:
                self.purchases.append(sale)

    @cached_property
    def refund_maturity_days(self) -> Decimal:
        """Days after which refunds of a window's orders have come, as a rule."""
        lags = sorted(
            (date - order.date).days for order in self.paid_orders for date, _ in order.refunds
        )
        usual = interpolate(lags, Decimal("0.95")) if lags else ZERO
        return max(usual, Decimal(self.conventions.return_window_days))

    @cached_property
    def first_valid_date(self) -> dict[str, datetime.date]:
        """The date of each member's first valid order in any store."""
        dates: dict[str, datetime.date] = {}
        for purchase in self.purchases:
            if purchase.member:
                dates.setdefault(purchase.member, purchase.date)
        return dates

    def measure(self, scope_type: str, scope: str) -> dict[Key, Number]:
        """Return every number of a scope: `all`, a store, or a brand of one store."""
        view = View(self, scope_type, scope)
        return {
            Key(metric, scope_type, scope, window.window_type, window.start): number
            for window in self.list_windows(scope_type)
            for metric, number in view.measure(window)
        }

    def measure_recency(self, scope_type: str, scope: str) -> dict[Key, Number]:
        """Return the numbers of a scope that rest on the purchase cycle alone."""
        view = View(self, scope_type, scope)
        return {
            Key(metric, scope_type, scope, window.window_type, window.start): number
            for window in self.list_windows(scope_type)
            for metric, number in view.measure_recency(window)
        }

    def sells_in(self, store: str) -> bool:
        """Whether a store has a valid order or a return; another is no scope."""
        return any(sale.store == store for sale in (*self.purchases, *self.returns))

    def list_windows(self, scope_type: str) -> list[Window]:
        """Return the windows of a kind of scope."""
        return list_windows(self.first, self.conventions.as_of, scope_type == "all")


class View:
    """A shop as one scope sees it: new and repeat are meant within the scope."""

    def __init__(self, shop: Shop, scope_type: str, scope: str) -> None:
        self.shop, self.scope_type, self.scope = shop, scope_type, scope
        self.conventions = shop.conventions
        self.purchases = [sale for sale in shop.purchases if self.holds(sale.store)]
        self.returns = [sale for sale in shop.returns if self.holds(sale.store)]
        self.paid_orders = [order for order in shop.paid_orders if self.holds(order.store)]
        self.purchase_dates = [sale.date for sale in self.purchases]
        self.return_dates = [sale.date for sale in self.returns]
        self.paid_dates = [order.date for order in self.paid_orders]
        orders: dict[str, list[datetime.date]] = defaultdict(list)
        for sale in self.purchases:
            if sale.member:
                orders[sale.member].append(sale.date)
        self.order_dates = dict(orders)
        self.occasions = {member: sorted(set(dates)) for member, dates in orders.items()}
        self.gaps = sorted(
            (later, (later - earlier).days)
            for dates in self.occasions.values()
            for earlier, later in itertools.pairwise(dates)
        )
        self.gap_dates = [date for date, _ in self.gaps]
        self.waits = sorted(
            (
                date,
                (
                    (dates[place + 1] if place + 1 < len(dates) else self.conventions.as_of) - date
                ).days,
                place + 1 < len(dates),
            )
            for dates in self.occasions.values()
            for place, date in enumerate(dates)
        )
        self.wait_dates = [date for date, _, _ in self.waits]
        self.firsts = sorted((dates[0], member) for member, dates in self.occasions.items())
        self.first_dates = [date for date, _ in self.firsts]
        self.refunds = sorted(
            (date, amount, place)
            for place, order in enumerate(self.paid_orders)
            for date, amount in order.refunds
        )
        self.refund_dates = [date for date, _, _ in self.refunds]
        self.buyers_of: dict[tuple[datetime.date, datetime.date], dict[str, Buyer]] = {}

    def holds(self, store: str) -> bool:
        """Whether what a store sold belongs to the scope."""
        return self.scope_type == "all" or store == self.scope

    def list_buyers(self, start: datetime.date, end: datetime.date) -> dict[str, Buyer]:
        """Return B(w): the canonical members with a valid order in a window, and what they bought.

        Their net amount holds their returns in it too.
        """
        if (start, end) not in self.buyers_of:
            buyers: dict[str, Buyer] = {}
            for sale in cut(self.purchases, self.purchase_dates, start, end):
                if sale.member:
                    buyer = buyers.setdefault(sale.member, Buyer())
                    buyer.orders += 1
                    buyer.occasions += buyer.last != sale.date
                    buyer.net += sale.net
                    buyer.last = sale.date
            for sale in cut(self.returns, self.return_dates, start, end):
                if sale.member in buyers:
                    buyers[sale.member].net += sale.net
            self.buyers_of[start, end] = buyers
        return self.buyers_of[start, end]

    def measure(self, window: Window) -> Iterator[tuple[str, Number]]:
        """Yield every metric of a window."""
        buyers = self.list_buyers(window.start, window.end)
        yield from self.measure_sales(window, buyers)
        yield from self.measure_buyers(window, buyers)
        yield from self.measure_lifecycle(window, buyers)
        yield from self.measure_cohort(window)
        yield from self.measure_intervals(window)
        yield from self.measure_refunds(window)
        yield from self.measure_registrations(window, buyers)
        if self.scope_type in ("all", "brand"):
            yield from self.measure_recency(window)

    def measure_sales(
        self, window: Window, buyers: dict[str, Buyer]
    ) -> Iterator[tuple[str, Number]]:
        """Yield sales and orders of members and guests, apart and together."""
        orders = member_orders = registered_orders = 0
        sales = member_sales = registered_sales = ZERO
        purchases = cut(self.purchases, self.purchase_dates, window.start, window.end)
        for sale in purchases:
            orders += 1
            member_orders += bool(sale.member)
            registered_orders += sale.is_registered
        for sale in [
            *purchases,
            *cut(self.returns, self.return_dates, window.start, window.end),
        ]:
            sales += sale.net
            member_sales += sale.net if sale.member else ZERO
            registered_sales += sale.net if sale.is_registered else ZERO
        yield "orders", count(orders)
        yield "orders_member", count(member_orders)
        yield "orders_guest", count(orders - member_orders)
        yield "net_sales", count(sales)
        yield "net_sales_member", count(member_sales)
        yield "net_sales_guest", count(sales - member_sales)
        yield "average_order_value", divide(sales, orders)
        yield "average_order_value_member", divide(member_sales, member_orders)
        yield (
            "average_order_value_guest",
            divide(sales - member_sales, orders - member_orders),
        )
        yield "revenue_per_buyer", divide(member_sales, len(buyers))
        yield "member_order_share", divide(registered_orders, orders)
        yield "member_sales_share", divide(registered_sales, sales)

    def measure_buyers(
        self, window: Window, buyers: dict[str, Buyer]
    ) -> Iterator[tuple[str, Number]]:
        """Yield what is said of the members who bought in the window."""
        size = len(buyers)
        orders = sum(buyer.orders for buyer in buyers.values())
        occasions = sum(buyer.occasions for buyer in buyers.values())
        by_order = sum(buyer.orders >= 2 for buyer in buyers.values())
        by_occasion = sum(buyer.occasions >= 2 for buyer in buyers.values())
        by_unit = by_order if self.counts_orders else by_occasion
        new = len(cut(self.firsts, self.first_dates, window.start, window.end))
        yield "active_members", count(size)
        yield "repurchase_rate", divide(by_unit, size)
        yield "repurchase_rate_by_order", divide(by_order, size)
        yield "repeat_order_share", divide(orders - size, orders)
        yield "returning_order_share", divide(orders - new, orders)
        yield "returning_member_rate", divide(size - new, size)
        yield "new_buyers", count(new)
        yield "new_buyer_share", divide(new, size)
        yield "orders_per_buyer", divide(orders, size)
        yield "occasions_per_buyer", divide(occasions, size)
        if window.window_type == "trailing_365d":
            yield "aipl_p", count(size - by_unit)
            yield "aipl_l", count(by_unit)
        amounts = sorted((buyer.net for buyer in buyers.values()), reverse=True)
        top = -(-size // 5)
        yield "top_20_sales_share", divide(sum(amounts[:top], ZERO), sum(amounts, ZERO))

    @property
    def counts_orders(self) -> bool:
        """Whether a second order on the same date is a second purchase."""
        return self.conventions.purchase_unit == "order"

    def measure_lifecycle(
        self, window: Window, buyers: dict[str, Buyer]
    ) -> Iterator[tuple[str, Number]]:
        """Yield who is new, stayed, came back and went, and who buys again afterwards."""
        before = self.list_buyers(window.previous_start, window.previous_end)
        new = len(cut(self.firsts, self.first_dates, window.start, window.end))
        retained = len(buyers.keys() & before.keys())
        yield "lifecycle_new", count(new)
        yield "lifecycle_retained", count(retained)
        yield "lifecycle_reactivated", count(len(buyers) - new - retained)
        yield "lifecycle_lapsed", count(len(before) - retained)
        if window.next_end > self.conventions.as_of:
            yield "buyback_rate", refuse("immature")
        else:
            after = self.list_buyers(window.next_start, window.next_end)
            yield "buyback_rate", divide(len(buyers.keys() & after.keys()), len(buyers))

    def measure_cohort(self, window: Window) -> Iterator[tuple[str, Number]]:
        """Yield the shares of the window's first buyers who bought again within so many days."""
        cohort = cut(self.firsts, self.first_dates, window.start, window.end)
        waits = []
        for first, member in cohort:
            orders, occasions = self.order_dates[member], self.occasions[member]
            dates = orders if self.counts_orders else occasions
            waits.append((dates[1] - first).days if len(dates) > 1 else None)
        for days in REPURCHASE_DAYS:
            metric = f"repurchase_within_{days}d"
            if window.end + days * ONE_DAY > self.conventions.as_of:
                yield metric, refuse("immature")
            else:
                again = sum(wait is not None and wait <= days for wait in waits)
                yield metric, divide(again, len(cohort))

    def measure_intervals(self, window: Window) -> Iterator[tuple[str, Number]]:
        """Yield the gaps between occasions that end in the window, and the censored median."""
        gaps = sorted(days for _, days in cut(self.gaps, self.gap_dates, window.start, window.end))
        yield (
            "purchase_interval_mean",
            divide(sum(gaps), len(gaps)) if gaps else refuse("no_gaps"),
        )
        for metric, share in (("median", "0.5"), ("p80", "0.8"), ("p90", "0.9")):
            yield (
                f"purchase_interval_{metric}",
                count(interpolate(gaps, Decimal(share))) if gaps else refuse("no_gaps"),
            )
        waits = cut(self.waits, self.wait_dates, window.start, window.end)
        median = find_censored_median((days, is_over) for _, days, is_over in waits)
        yield (
            "purchase_interval_km_median",
            refuse("not_reached") if median is None else count(median),
        )

    def measure_refunds(self, window: Window) -> Iterator[tuple[str, Number]]:
        """Yield refunds by the date of their order and by their own."""
        orders = cut(self.paid_orders, self.paid_dates, window.start, window.end)
        paid = sum((order.paid for order in orders), ZERO)
        left = (self.conventions.as_of - window.end).days
        if left < self.shop.refund_maturity_days:
            yield "refund_rate", refuse("immature")
            yield "refund_order_rate", refuse("immature")
        else:
            back = sum((amount for order in orders for _, amount in order.refunds), ZERO)
            yield "refund_rate", divide(back, paid)
            yield "refund_order_rate", divide(sum(bool(o.refunds) for o in orders), len(orders))
        refunds = cut(self.refunds, self.refund_dates, window.start, window.end)
        back = sum((amount for _, amount, _ in refunds), ZERO)
        refunded = {place for _, _, place in refunds}
        yield "refund_rate_on_refund_date", divide(back, paid)
        yield "refund_order_rate_on_refund_date", divide(len(refunded), len(orders))

    def measure_registrations(
        self, window: Window, buyers: dict[str, Buyer]
    ) -> Iterator[tuple[str, Number]]:
        """Yield what rests on dates of registration; a store's members are those it owns."""
        shop = self.shop
        if not shop.has_member_file:
            for metric in sorted(NEEDS_MEMBER_FILE):
                yield metric, refuse("no_member_file")
            return
        if self.scope_type == "all" or (self.scope_type == "store" and self.owned):
            registered = self.count_registered(window.end)
            before = self.count_registered(window.start - ONE_DAY)
            yield "registered_members", count(registered)
            yield "new_members", count(registered - before)
        if self.scope_type == "all":
            active = sum(shop.registered_on.get(m, datetime.date.max) <= window.end for m in buyers)
            yield "member_active_rate", divide(active, registered)
        elif self.scope_type == "store":
            yield "member_active_rate", self.measure_owned(window)
        else:
            yield "member_active_rate", refuse("no_owner")
        yield "enrolment_rate", self.measure_enrolment(window)

    @cached_property
    def registrations(self) -> list[datetime.date]:
        """The dates of registration, in order; in a store those of the members it owns."""
        dates = self.shop.registered_on
        members = dates if self.scope_type == "all" else self.owned
        return sorted(dates[member] for member in members)

    @cached_property
    def owned(self) -> list[str]:
        """The registered members whose home is this store."""
        homes, registered = self.shop.home_store, self.shop.registered_on
        return [member for member in registered if homes.get(member) == self.scope]

    @cached_property
    def anywhere(self) -> dict[str, list[datetime.date]]:
        """The dates of valid orders of the owned members in whatever store."""
        owned, dates = set(self.owned), defaultdict(list)
        for sale in self.shop.purchases:
            if sale.member in owned:
                dates[sale.member].append(sale.date)
        return dates

    def count_registered(self, end: datetime.date) -> int:
        """Count the members registered by a date."""
        return bisect.bisect_right(self.registrations, end)

    def measure_owned(self, window: Window) -> Number:
        """Return the share of a store's own members who bought, in whatever store."""
        if not self.owned:
            return refuse("no_owner")
        registered = [m for m in self.owned if self.shop.registered_on[m] <= window.end]
        active = sum(
            bool(cut(self.anywhere[m], self.anywhere[m], window.start, window.end))
            for m in registered
        )
        return divide(active, len(registered))

    def measure_enrolment(self, window: Window) -> Number:
        """Return the share of tickets without a member that became a member's first."""
        enrolled = sum(
            self.shop.registered_on.get(member) == date == self.shop.first_valid_date[member]
            for date, member in cut(self.firsts, self.first_dates, window.start, window.end)
        )
        anonymous = sum(
            sale.is_anonymous
            for sale in cut(self.purchases, self.purchase_dates, window.start, window.end)
        )
        return divide(enrolled, enrolled + anonymous)

    def find_last(self, dates: list[datetime.date], end: datetime.date) -> int | None:
        """Return the recency in days at the end of a date; nothing before a first occasion."""
        place = bisect.bisect_right(dates, end)
        return (end - dates[place - 1]).days if place else None

    def measure_recency(self, window: Window) -> Iterator[tuple[str, Number]]:
        """Yield who is lost, asleep or won back, and the states of members' own cycles."""
        if window.end > self.conventions.as_of:
            for metric in ("churn_rate", "dormant_rate", "win_back_rate"):
                yield metric, refuse("immature")
            if window.window_type == "month":
                for state in NES_STATES:
                    yield state, refuse("immature")
            return
        buyers = self.list_buyers(window.start, window.end)
        cycle = self.conventions.cycle_days
        lost = 4 * cycle
        kept = churned = gone = returned = dormant = reachable = 0
        for member, dates in self.occasions.items():
            if dates[0] > window.end:
                continue
            before = self.find_last(dates, window.start - ONE_DAY)
            after = self.find_last(dates, window.end)
            assert after is not None
            if before is not None:
                kept += before <= lost
                churned += before <= lost < after
                gone += lost < before <= lost + 365
                returned += lost < before <= lost + 365 and member in buyers
            dormant += 2 * cycle < after <= lost
            reachable += after <= lost + 365
        yield "churn_rate", divide(churned, kept)
        yield "dormant_rate", divide(dormant, reachable)
        yield "win_back_rate", divide(returned, gone)
        if window.window_type == "month":
            yield from self.measure_nes(window)

    def measure_nes(self, window: Window) -> Iterator[tuple[str, Number]]:
        """Yield the shares of members by recency in their own cycles, shrunk to the scope's."""
        states = dict.fromkeys(NES_STATES, 0)
        for member, dates in self.occasions.items():
            known = bisect.bisect_right(dates, window.end)
            if not known:
                continue
            orders = bisect.bisect_right(self.order_dates[member], window.end)
            purchases = orders if self.counts_orders else known
            gaps, span = known - 1, (dates[known - 1] - dates[0]).days
            cycle = Fraction(span + 2 * self.conventions.cycle_days, gaps + 2)
            recency = (window.end - dates[known - 1]).days
            if purchases == 1:
                state = "nes_n" if recency <= cycle else "nes_once"
            elif recency <= cycle:
                state = "nes_e0"
            elif recency <= 2 * cycle:
                state = "nes_s1"
            else:
                state = "nes_s2" if recency <= 3 * cycle else "nes_s3"
            states[state] += 1
        for state, members in states.items():
            yield state, divide(members, sum(states.values()))


def cut(
    rows: list[Row], dates: list[datetime.date], start: datetime.date, end: datetime.date
) -> list[Row]:
    """Return the rows whose dates, in order, lie in a window."""
    return rows[bisect.bisect_left(dates, start) : bisect.bisect_right(dates, end)]
