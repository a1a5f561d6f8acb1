"""Counts KPIs and RFM scores from a data set's files with sqlite3, from the metric contract alone.
Nothing of the pipeline or its models is imported or read here: agreement would prove nothing.
"""

import calendar
import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import yaml

TRAILING_DAYS = (30, 90, 180, 365)
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
WITHIN_DAYS = (30, 60, 90, 180, 365)
PERCENTILES = {"median": 50, "p80": 80, "p90": 90}
# Percentiles of kinds with more scopes than this are told of the newest trailing windows only.
MANY_SCOPES = 50
# The purchase cycle of each trade in days, for as long as none was fitted and promoted.
PRESET_CYCLE_DAYS = {"frequent": 30, "fashion": 120, "durable": 300}
LOST_AFTER_CYCLES = 4
# How long the lost can still be won back.
LOST_FOR_DAYS = 365
AMOUNT_METRICS = {
    "net_sales",
    "net_sales_member",
    "net_sales_guest",
    "member_sales_share",
    "average_order_value",
    "average_order_value_member",
    "average_order_value_guest",
    "revenue_per_buyer",
    "average_unit_price",
    "discount_rate",
    "full_price_share",
    "top_20_sales_share",
}


class KpiKey(NamedTuple):
    """What one number is about: metric, scope and window, both dates inclusive."""

    metric: str
    scope_type: str
    scope: str
    window_type: str
    window_start: date
    window_end: date


class KpiNumber(NamedTuple):
    """One number: exact parts (orders, members, or an amount in the data set's currency)."""

    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None
    null_reason: str | None


# Scope type, scope and the number of the window.
Place = tuple[str, str, int]
Counted = dict[Place, dict[str, KpiNumber]]


class MemberScore(NamedTuple):
    """What member_rfm must hold of a member; counts and amount are those of the RFM window."""

    first_order_on: date
    last_order_on: date
    recency_days: int
    order_count: int
    occasion_count: int
    net_amount: Decimal
    r_score: int
    f_score: int
    m_score: int


@dataclass(frozen=True)
class Window:
    """A window, both dates inclusive, and those of the same kind before and after it."""

    window_type: str
    start: date
    end: date
    previous_start: date
    next_end: date

    @property
    def is_for_scopes(self) -> bool:
        """Every scope has it; dates and weeks are those of the whole data set only."""
        return self.window_type not in ("day", "week")


def list_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of one kind in name order; no file is an error."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise FileNotFoundError(f"{pattern} in {folder}")
    return paths


def read_records(folder: Path, settings: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """Return one table's rows under canonical names, columns without one under their own."""
    source = settings["files"][table]
    names = {column: canonical for canonical, column in source.get("columns", {}).items()}
    records: list[dict[str, Any]] = []
    for path in list_files(folder, source["path"]):
        if path.suffix == ".parquet":
            rows = pq.read_table(path).to_pylist()
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [
                    {name: text or None for name, text in row.items()}
                    for row in csv.DictReader(file)
                ]
        records.extend({names.get(name, name): cell for name, cell in row.items()} for row in rows)
    return records


def read_day(cell: datetime | str) -> str:
    """Return the local date of a naive local time as ISO text."""
    moment = datetime.fromisoformat(cell) if isinstance(cell, str) else cell
    if moment.tzinfo is not None:
        raise ValueError("the oracle reads naive local times only")
    return moment.date().isoformat()


def read_cents(cell: Decimal | str) -> int:
    """Return an amount as whole cents; a fraction of a cent is an error."""
    cents = Decimal(cell) * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{cell} is not a whole number of cents")
    return int(cents)


def find_month_end(day: date) -> date:
    """Return the last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def list_periods(first: date, last: date, months: int) -> Iterator[tuple[date, date]]:
    """Yield the calendar periods of that many months which hold a day of first..last."""
    start = date(first.year, (first.month - 1) // months * months + 1, 1)
    while start <= last:
        end = start
        for _ in range(months):
            end = find_month_end(end) + timedelta(days=1)
        yield start, end - timedelta(days=1)
        start = end


def list_windows(first: date, as_of: date) -> list[Window]:
    """Return dates, weeks, calendar periods and trailing windows of data from first to as_of."""
    windows: list[Window] = []
    monday = first - timedelta(days=first.weekday())
    for window_type, opening, days in (("day", first, 1), ("week", monday, 7)):
        span = timedelta(days=days)
        for number in range(((as_of - opening) // span) + 1):
            start = opening + number * span
            end = start + span - timedelta(days=1)
            windows.append(Window(window_type, start, end, start - span, end + span))
    for window_type, months in MONTHS_OF.items():
        for start, end in list_periods(first, as_of, months):
            before, following = start - timedelta(days=1), end + timedelta(days=1)
            previous_start, _ = next(list_periods(before, before, months))
            _, next_end = next(list_periods(following, following, months))
            windows.append(Window(window_type, start, end, previous_start, next_end))
    month_ends = {end for _, end in list_periods(first, as_of, 1) if end <= as_of}
    for end in sorted(month_ends | {as_of}):
        for days in TRAILING_DAYS:
            span = timedelta(days=days)
            start = end - span + timedelta(days=1)
            windows.append(Window(f"trailing_{days}d", start, end, start - span, end + span))
    return windows


class SourceOracle:
    """A data set's orders, lines and members in a private sqlite3 database, amounts in cents.

    Reads orders, lines (one Parquet file) and members in the canonical layout, without refunds,
    merges or exclusions.
    """

    def __init__(self, folder: Path) -> None:
        settings = yaml.safe_load((folder / "dataset.yaml").read_text(encoding="utf-8"))
        self.settings: dict[str, Any] = settings
        self.scope_types: list[str] = settings.get("scopes", [])
        self.connection = sqlite3.connect(":memory:")
        self._load_lines(folder / settings["files"]["order_lines"]["path"])
        self._load_orders(read_records(folder, settings, "orders"))
        self._load_members(read_records(folder, settings, "members"))
        first, last = self._select("select min(day), max(day) from orders")[0]
        self.first_day = date.fromisoformat(first)
        self.as_of = date.fromisoformat(last)
        self._make_valid()
        self.kinds_of_many = {
            scope_type
            for scope_type, scopes in self._select(
                "select scope_type, count(distinct scope) from scoped group by scope_type"
            )
            if scopes > MANY_SCOPES
        }

    def _select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values).fetchall()

    def _load_lines(self, path: Path) -> None:
        """Read the lines, and what they come to by order: pieces, list prices, what was paid."""
        columns = ["order_id", "category", "brand", "quantity", "amount", "list_amount"]
        cells = pq.read_table(path, columns=columns).to_pydict()
        for name in ("amount", "list_amount"):
            cells[name] = [None if cell is None else read_cents(cell) for cell in cells[name]]
        self.connection.execute(
            "create table lines (order_id text, category text, brand text, pieces integer,"
            " cents integer, list_cents integer)"
        )
        self.connection.executemany(
            "insert into lines values (?, ?, ?, ?, ?, ?)",
            zip(*(cells[name] for name in columns), strict=True),
        )
        self.connection.executescript(
            """
            create table goods as
            select order_id, sum(pieces) as pieces,
                total(list_cents) as list_cents,
                total(case when list_cents is not null then cents end) as listed_cents,
                total(case when cents >= list_cents then cents end) as full_cents
            from lines group by order_id;
            create unique index goods_by_order on goods (order_id);
            """
        )

    def _load_orders(self, records: list[dict[str, Any]]) -> None:
        self.connection.execute(
            "create table orders (order_id text primary key, member_id text, store text,"
            " channel text, day text not null, cents integer not null, status text,"
            " has_coupon integer not null, pieces integer)"
        )
        self.connection.executemany(
            "insert into orders values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    record["order_id"],
                    record.get("member_id"),
                    record.get("store_id"),
                    record.get("channel"),
                    read_day(record["paid_at"]),
                    read_cents(record["paid_amount"]),
                    record.get("status"),
                    read_cents(record.get("coupon_amount") or "0") > 0,
                    record.get("units"),
                )
                for record in records
            ),
        )

    def _load_members(self, records: list[dict[str, Any]]) -> None:
        self.connection.execute(
            "create table members (member_id text primary key, registered_on text, home_store text)"
        )
        self.connection.executemany(
            "insert into members values (?, ?, ?)",
            (
                (
                    record["member_id"],
                    read_day(record["registered_at"]) if record.get("registered_at") else None,
                    record.get("home_store_id"),
                )
                for record in records
            ),
        )

    def _make_valid(self) -> None:
        conventions = self.settings.get("conventions", {})
        statuses = conventions.get("paid_statuses", ["paid"])
        self.connection.execute("create table paid_statuses (status text)")
        self.connection.executemany(
            "insert into paid_statuses values (?)", [(status,) for status in statuses]
        )
        self.connection.execute(
            """
            create table valid as
            select orders.order_id, member_id, store, channel, day, cents, has_coupon,
                member_id in (select member_id from members) as is_registered,
                coalesce(goods.pieces, orders.pieces) as pieces,
                coalesce(list_cents, 0) as list_cents,
                coalesce(listed_cents, 0) as listed_cents,
                coalesce(full_cents, 0) as full_cents
            from orders
            left join goods on goods.order_id = orders.order_id
            where status in (select status from paid_statuses) and cents > 0
            """
        )
        self.connection.execute(
            "create table scoped as select 'all' as scope_type, 'all' as scope, * from valid"
        )
        for scope_type in self.scope_types:
            column = {"store": "store", "channel": "channel"}[scope_type]
            self.connection.execute(
                f"insert into scoped select '{scope_type}', {column}, * from valid"
                f" where {column} is not null"
            )
        self.connection.execute(
            "create index by_day on scoped"
            " (scope_type, scope, day, member_id, is_registered, cents, has_coupon)"
        )
        self.connection.execute(
            "create index by_member on scoped (scope_type, scope, member_id, day)"
        )

    def _make_windows(self) -> list[Window]:
        """Make the tables that are asked: windows, occasions of members, and who bought when."""
        windows = list_windows(self.first_day, self.as_of)
        self.connection.executescript(
            """
            drop table if exists windows;
            drop table if exists keys;
            drop table if exists occasions;
            drop table if exists firsts;
            drop table if exists gaps;
            drop table if exists bought;
            drop table if exists before;
            create table windows (
                id integer primary key, window_type text, start text, end text,
                previous_start text, next_end text, is_for_scopes integer
            );
            """
        )
        self.connection.executemany(
            "insert into windows values (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    position,
                    window.window_type,
                    window.start.isoformat(),
                    window.end.isoformat(),
                    window.previous_start.isoformat(),
                    window.next_end.isoformat(),
                    window.is_for_scopes,
                )
                for position, window in enumerate(windows)
            ),
        )
        self.connection.executescript(
            """
            -- Each scope has each window, but for dates and weeks.
            create table keys as
            select scopes.scope_type, scopes.scope, w.*
            from (select distinct scope_type, scope from scoped) as scopes
            join windows as w on w.is_for_scopes or scopes.scope_type = 'all';

            -- A member and a date; gap and rank are those within the scope.
            create table occasions as
            select scope_type, scope, member_id, day,
                julianday(day) - julianday(lag(day) over one) as gap,
                row_number() over one as rank
            from (
                select distinct scope_type, scope, member_id, day from scoped
                where member_id is not null
            )
            window one as (partition by scope_type, scope, member_id order by day);
            create index occasions_by_scope on occasions (scope_type, scope, day, gap);
            create index occasions_by_member on occasions (scope_type, scope, member_id, day);

            create table gaps as
            select k.scope_type, k.scope, k.id, cast(o.gap as integer) as gap, count(*) as number
            from keys as k
            join occasions as o
                on o.scope_type = k.scope_type and o.scope = k.scope
                and o.day between k.start and k.end
            where o.gap is not null
            group by k.scope_type, k.scope, k.id, o.gap;
            create index gaps_by_place on gaps (scope_type, scope, id, gap, number);

            create table firsts as
            select first.scope_type, first.scope, first.member_id, first.day,
                cast(second.gap as integer) as second_after
            from occasions as first
            left join occasions as second
                on second.scope_type = first.scope_type and second.scope = first.scope
                and second.member_id = first.member_id and second.rank = 2
            where first.rank = 1;
            create index firsts_by_scope on firsts (scope_type, scope, day);

            create table bought as
            select k.scope_type, k.scope, k.id, s.member_id,
                max(s.is_registered) as is_registered, count(*) as orders,
                count(distinct s.day) as occasions, sum(s.cents) as cents,
                sum(s.has_coupon) as coupon_orders, count(s.pieces) as pieces_orders,
                sum(s.pieces) as pieces,
                sum(case when s.pieces is not null then s.cents end) as pieces_cents,
                sum(s.list_cents) as list_cents, sum(s.listed_cents) as listed_cents,
                sum(s.full_cents) as full_cents
            from keys as k
            join scoped as s
                on s.scope_type = k.scope_type and s.scope = k.scope
                and s.day between k.start and k.end
            group by k.scope_type, k.scope, k.id, s.member_id;
            create index bought_by_member on bought (scope_type, scope, id, member_id);

            create table before as
            select distinct k.scope_type, k.scope, k.id, o.member_id
            from keys as k
            join occasions as o
                on o.scope_type = k.scope_type and o.scope = k.scope
                and o.day >= k.previous_start and o.day < k.start;
            create index before_by_member on before (scope_type, scope, id, member_id);
            """
        )
        return windows

    def count_kpis(self) -> dict[KpiKey, KpiNumber]:
        """Return every KPI of every scope and window: a store has all windows but dates and weeks.

        What the contract defines beyond these needs columns that the files do not have, or is
        counted elsewhere.
        """
        windows = self._make_windows()
        kpis: dict[KpiKey, KpiNumber] = {}
        for counted in (
            self._count_sales(windows),
            self._count_flows(windows),
            self._count_second_occasions(windows),
            self._count_gaps(),
            self._count_lost(windows),
            self._count_cycles(),
            self._count_crossings(),
        ):
            for (scope_type, scope, position), parts in counted.items():
                window = windows[position]
                for metric, number in parts.items():
                    if self._is_told(metric, scope_type, window):
                        key = KpiKey(
                            metric, scope_type, scope, window.window_type, window.start, window.end
                        )
                        kpis[key] = number
        return kpis

    def _is_told(self, metric: str, scope_type: str, window: Window) -> bool:
        """Say whether a metric is published for a window: some cost too much to tell of each."""
        is_period = window.window_type in MONTHS_OF
        is_newest = window.end == self.as_of and not is_period
        if metric == "top_20_sales_share":
            return scope_type == "all" and (
                is_period or (window.window_type == "trailing_365d" and is_newest)
            )
        if metric in {f"purchase_interval_{name}" for name in PERCENTILES}:
            return scope_type not in self.kinds_of_many or is_period or is_newest
        return True

    def _count_sales(self, windows: list[Window]) -> Counted:
        """Return what follows from each member's orders in a window."""
        top_cents = self._sum_top_buyers()
        rows = self._select(
            """
            select k.scope_type, k.scope, k.id,
                count(b.member_id),
                coalesce(sum(b.orders), 0),
                coalesce(sum(b.cents), 0),
                coalesce(sum(case when b.member_id is not null then b.orders end), 0),
                coalesce(sum(case when b.member_id is not null then b.cents end), 0),
                coalesce(sum(case when b.member_id is not null then b.occasions end), 0),
                coalesce(sum(case when b.is_registered then b.orders end), 0),
                coalesce(sum(case when b.is_registered then b.cents end), 0),
                coalesce(sum(b.is_registered), 0),
                count(case when b.member_id is not null and b.occasions >= 2 then 1 end),
                count(case when b.member_id is not null and b.orders >= 2 then 1 end),
                coalesce(sum(b.coupon_orders), 0),
                coalesce(sum(b.pieces_orders), 0),
                coalesce(sum(b.pieces), 0),
                coalesce(sum(b.pieces_cents), 0),
                cast(total(b.list_cents) as integer),
                cast(total(b.listed_cents) as integer),
                cast(total(b.full_cents) as integer)
            from keys as k
            left join bought as b
                on b.scope_type = k.scope_type and b.scope = k.scope and b.id = k.id
            group by k.scope_type, k.scope, k.id
            """
        )
        counted: Counted = {}
        for scope_type, scope, position, *counts in rows:
            (
                buyers,
                orders,
                cents,
                with_id,
                with_id_cents,
                occasions,
                of_registered,
                registered_cents,
                registered_buyers,
                twice,
                twice_by_order,
                with_coupon,
                with_pieces,
                pieces,
                pieces_cents,
                list_cents,
                listed_cents,
                full_cents,
            ) = counts
            amount, of_members = Fraction(cents, 100), Fraction(with_id_cents, 100)
            of_guests = amount - of_members
            parts = {
                "active_members": count(buyers),
                "member_order_share": divide(of_registered, orders),
                "member_sales_share": divide(Fraction(registered_cents, 100), amount),
                "repurchase_rate": divide(twice, buyers),
                "repurchase_rate_by_order": divide(twice_by_order, buyers),
                "repeat_order_share": divide(with_id - buyers, with_id),
                "orders_per_buyer": divide(with_id, buyers),
                "occasions_per_buyer": divide(occasions, buyers),
                "revenue_per_buyer": divide(of_members, buyers),
                "net_sales": count(amount),
                "net_sales_member": count(of_members),
                "net_sales_guest": count(of_guests),
                "orders": count(orders),
                "orders_member": count(with_id),
                "orders_guest": count(orders - with_id),
                "average_order_value": divide(amount, orders),
                "average_order_value_member": divide(of_members, with_id),
                "average_order_value_guest": divide(of_guests, orders - with_id),
                "coupon_order_share": divide(with_coupon, orders),
                "units_per_order": divide(pieces, with_pieces),
                "average_unit_price": divide(Fraction(pieces_cents, 100), pieces),
                "discount_rate": divide(
                    Fraction(list_cents - listed_cents, 100), Fraction(list_cents, 100)
                ),
                "full_price_share": divide(Fraction(full_cents, 100), Fraction(listed_cents, 100)),
                "top_20_sales_share": divide(
                    Fraction(top_cents.get((scope_type, scope, position), 0), 100), of_members
                ),
            }
            window = windows[position]
            if window.window_type == "trailing_365d":
                parts["aipl_p"] = count(buyers - twice)
                parts["aipl_l"] = count(twice)
            registered = self._count_registrations(scope_type, scope, window)
            parts |= registered
            # The sample tells no home stores: nobody belongs to a store.
            parts["member_active_rate"] = refuse("no_owner")
            if scope_type == "all":
                of_file = registered["registered_members"].numerator or 0
                parts["member_active_rate"] = divide(registered_buyers, of_file)
            counted[scope_type, scope, position] = parts
        return counted

    def _sum_top_buyers(self) -> dict[Place, int]:
        """Return the cents of the fifth of the buyers, rounded up, who spent most."""
        return {
            (scope_type, scope, position): cents
            for scope_type, scope, position, cents in self._select(
                """
                select scope_type, scope, id, sum(cents)
                from (
                    select scope_type, scope, id, cents,
                        row_number() over (
                            partition by scope_type, scope, id order by cents desc, member_id
                        ) as rank,
                        count(*) over (partition by scope_type, scope, id) as buyers
                    from bought where member_id is not null
                )
                where (rank - 1) * 5 < buyers
                group by scope_type, scope, id
                """
            )
        }

    def _count_flows(self, windows: list[Window]) -> Counted:
        """Return who is new, stayed, came back, is gone, and who buys again in the window after."""
        rows = self._select(
            """
            select k.scope_type, k.scope, k.id,
                coalesce(now.buyers, 0),
                coalesce(now.orders, 0),
                coalesce(now.retained, 0),
                coalesce(now.back, 0),
                (
                    select count(*) from firsts as f
                    where f.scope_type = k.scope_type and f.scope = k.scope
                        and f.day between k.start and k.end
                ),
                (
                    select count(*) from before as p
                    where p.scope_type = k.scope_type and p.scope = k.scope and p.id = k.id
                )
            from keys as k
            left join (
                select b.scope_type, b.scope, b.id,
                    count(*) as buyers,
                    sum(b.orders) as orders,
                    count(p.member_id) as retained,
                    sum(
                        exists (
                            select 1 from scoped as s
                            where s.scope_type = b.scope_type and s.scope = b.scope
                                and s.member_id = b.member_id
                                and s.day > w.end and s.day <= w.next_end
                        )
                    ) as back
                from bought as b
                join windows as w on w.id = b.id
                left join before as p
                    on p.scope_type = b.scope_type and p.scope = b.scope and p.id = b.id
                    and p.member_id = b.member_id
                where b.member_id is not null
                group by b.scope_type, b.scope, b.id
            ) as now
                on now.scope_type = k.scope_type and now.scope = k.scope and now.id = k.id
            """
        )
        counted: Counted = {}
        for scope_type, scope, position, buyers, orders, retained, back, new, earlier in rows:
            is_known = windows[position].next_end <= self.as_of
            counted[scope_type, scope, position] = {
                "buyback_rate": divide(back, buyers) if is_known else wait(buyers),
                "new_buyers": count(new),
                "new_buyer_share": divide(new, buyers),
                "returning_member_rate": divide(buyers - new, buyers),
                "returning_order_share": divide(orders - new, orders),
                "lifecycle_new": count(new),
                "lifecycle_retained": count(retained),
                "lifecycle_reactivated": count(buyers - new - retained),
                "lifecycle_lapsed": count(earlier - retained),
            }
        return counted

    def _count_second_occasions(self, windows: list[Window]) -> Counted:
        """Return the shares of a window's new buyers who came a second time within so many days."""
        within = ", ".join(
            f"count(case when f.second_after <= {days} then 1 end)" for days in WITHIN_DAYS
        )
        rows = self._select(
            f"""
            select k.scope_type, k.scope, k.id, count(f.member_id), {within}
            from keys as k
            left join firsts as f
                on f.scope_type = k.scope_type and f.scope = k.scope
                and f.day between k.start and k.end
            group by k.scope_type, k.scope, k.id
            """
        )
        counted: Counted = {}
        for scope_type, scope, position, cohort, *again in rows:
            counted[scope_type, scope, position] = {
                f"repurchase_within_{days}d": (
                    divide(number, cohort)
                    if windows[position].end + timedelta(days=days) <= self.as_of
                    else wait(cohort)
                )
                for days, number in zip(WITHIN_DAYS, again, strict=True)
            }
        return counted

    def _count_gaps(self) -> Counted:
        """Return mean and percentiles of the gaps that ended in a window."""
        counted: Counted = {}
        for scope_type, scope, position, number, days in self._select(
            """
            select k.scope_type, k.scope, k.id,
                cast(total(g.number) as integer), cast(total(g.number * g.gap) as integer)
            from keys as k
            left join gaps as g
                on g.scope_type = k.scope_type and g.scope = k.scope and g.id = k.id
            group by k.scope_type, k.scope, k.id
            """
        ):
            parts = {"purchase_interval_mean": divide(days, number)}
            if number == 0:
                parts["purchase_interval_mean"] = KpiNumber(None, Fraction(0), None, "no_gaps")
            for name in PERCENTILES:
                parts[f"purchase_interval_{name}"] = refuse("no_gaps")
            counted[scope_type, scope, position] = parts
        # A percentile lies between two neighbours, so many hundredths of the way from one to the
        # other; gaps stand at the places above `below` up to `reached`, counted from 1.
        for name, percent in PERCENTILES.items():
            for scope_type, scope, position, hundredths in self._select(
                """
                with ordered as (
                    select *,
                        sum(number) over one as reached,
                        sum(number) over one - number as below,
                        lead(gap, 1, gap) over one as following,
                        (sum(number) over (partition by scope_type, scope, id) - 1) * ?1
                            as hundredths
                    from gaps
                    window one as (partition by scope_type, scope, id order by gap)
                )
                select scope_type, scope, id,
                    gap * 100
                    + case
                        when hundredths / 100 + 1 = reached
                            then (following - gap) * (hundredths % 100)
                        else 0
                    end
                from ordered
                where hundredths / 100 + 1 > below and hundredths / 100 + 1 <= reached
                """,
                percent,
            ):
                counted[scope_type, scope, position][f"purchase_interval_{name}"] = count(
                    Fraction(hundredths, 100)
                )
        return counted

    def _count_lost(self, windows: list[Window]) -> Counted:
        """Return who was lost, fell asleep or was won back in a window, in the whole data set."""
        cycle = PRESET_CYCLE_DAYS[self.settings.get("trade", "frequent")]
        rows = self._select(
            """
            with visits as (
                select k.id, k.start, k.end,
                    (
                        select max(o.day) from occasions as o
                        where o.scope_type = 'all' and o.scope = 'all'
                            and o.member_id = f.member_id and o.day < k.start
                    ) as last_before,
                    (
                        select max(o.day) from occasions as o
                        where o.scope_type = 'all' and o.scope = 'all'
                            and o.member_id = f.member_id and o.day <= k.end
                    ) as last
                from keys as k
                join firsts as f on f.scope_type = k.scope_type and f.scope = k.scope
                where k.scope_type = 'all'
            ),

            told as (
                select id,
                    julianday(start) - 1 - julianday(last_before) as before,
                    julianday(end) - julianday(last) as after,
                    coalesce(last >= start, 0) as bought
                from visits
            )
            select id,
                count(case when before <= ?2 and after > ?2 then 1 end),
                count(case when before <= ?2 then 1 end),
                count(case when after > ?1 and after <= ?2 then 1 end),
                count(case when after <= ?2 + ?3 then 1 end),
                count(case when before > ?2 and before <= ?2 + ?3 and bought then 1 end),
                count(case when before > ?2 and before <= ?2 + ?3 then 1 end)
            from told group by id
            """,
            2 * cycle,
            LOST_AFTER_CYCLES * cycle,
            LOST_FOR_DAYS,
        )
        counted: Counted = {}
        for position, gone, kept, asleep, known, won, lost in rows:
            if windows[position].end > self.as_of:
                parts = {
                    metric: refuse("immature")
                    for metric in ("churn_rate", "dormant_rate", "win_back_rate")
                }
            else:
                parts = {
                    "churn_rate": divide(gone, kept),
                    "dormant_rate": divide(asleep, known),
                    "win_back_rate": divide(won, lost),
                }
            counted["all", "all", position] = parts
        return counted

    def _count_cycles(self) -> Counted:
        """Return how many of their own cycles members are away at the end of a month."""
        cycle = PRESET_CYCLE_DAYS[self.settings.get("trade", "frequent")]
        counted: Counted = {}
        for position, members, *counts in self._select(
            """
            with away as (
                select k.id, count(*) as occasions,
                    julianday(k.end) - julianday(max(o.day)) as recency,
                    (total(o.gap) + 2 * ?1) / (count(o.gap) + 2) as cycle
                from keys as k
                join occasions as o
                    on o.scope_type = 'all' and o.scope = 'all' and o.day <= k.end
                where k.scope_type = 'all' and k.window_type = 'month'
                group by k.id, o.member_id
            )
            select id, count(*),
                count(case when occasions = 1 and recency <= cycle then 1 end),
                count(case when occasions > 1 and recency <= cycle then 1 end),
                count(
                    case when occasions > 1 and recency > cycle and recency <= 2 * cycle then 1 end
                ),
                count(
                    case
                        when occasions > 1 and recency > 2 * cycle and recency <= 3 * cycle then 1
                    end
                ),
                count(case when occasions > 1 and recency > 3 * cycle then 1 end),
                count(case when occasions = 1 and recency > cycle then 1 end)
            from away group by id
            """,
            cycle,
        ):
            counted["all", "all", position] = {
                f"nes_{group}": divide(number, members)
                for group, number in zip(("n", "e0", "s1", "s2", "s3", "once"), counts, strict=True)
            }
        return counted

    def _count_crossings(self) -> Counted:
        """Return which buyers of the whole data set bought goods of two or more kinds."""
        counted: Counted = {}
        for metric, column in (("cross_category_rate", "category"), ("cross_brand_rate", "brand")):
            for position, crossed, buyers in self._select(
                f"""
                with kinds as (
                    select distinct valid.member_id, valid.day, lines.{column} as kind
                    from valid join lines on lines.order_id = valid.order_id
                    where valid.member_id is not null
                ),

                bought_kinds as (
                    select k.id, kinds.member_id, count(distinct kinds.kind) as number
                    from keys as k
                    join kinds on kinds.day between k.start and k.end
                    where k.scope_type = 'all'
                        and k.window_type in ('month', 'quarter', 'half', 'year', 'trailing_365d')
                    group by k.id, kinds.member_id
                )

                select id, count(case when number >= 2 then 1 end), count(*)
                from bought_kinds group by id
                """
            ):
                parts = counted.setdefault(("all", "all", position), {})
                parts[metric] = divide(crossed, buyers)
        return counted

    def _count_registrations(
        self, scope_type: str, scope: str, window: Window
    ) -> dict[str, KpiNumber]:
        """Return registered and new members; a store has them only where home stores are known."""
        dated, homed = self._select("select count(registered_on), count(home_store) from members")[
            0
        ]
        if scope_type != "all" and not (scope_type == "store" and homed):
            return {}
        registered, new = self._select(
            """
            select
                count(case when registered_on is null or registered_on <= ?2 then 1 end),
                count(case when registered_on between ?1 and ?2 then 1 end)
            from members where ?3 = 'all' or home_store = ?4
            """,
            window.start.isoformat(),
            window.end.isoformat(),
            scope_type,
            scope,
        )[0]
        return {
            "registered_members": count(registered),
            "new_members": count(new) if dated else refuse("no_registration_date"),
        }

    def score_members(self) -> dict[str, MemberScore]:
        """Return the RFM row of each member with a valid order."""
        rfm = self.settings["rfm"]
        cuts = rfm["cuts"]
        since = (self.as_of - timedelta(days=rfm["window_days"] - 1)).isoformat()
        recency_cuts: list[int] = cuts["recency_days"]
        frequency_cuts: list[int] = cuts["frequency"]
        monetary_cuts = [read_cents(str(cut)) for cut in cuts["monetary"]]
        rows = self._select(
            """
            select member_id, min(day), max(day),
                cast(julianday(?1) - julianday(max(day)) as integer),
                count(case when day >= ?2 then 1 end),
                count(distinct case when day >= ?2 then day end),
                coalesce(sum(case when day >= ?2 then cents end), 0)
            from valid where member_id is not null group by member_id
            """,
            self.as_of.isoformat(),
            since,
        )
        return {
            member_id: MemberScore(
                date.fromisoformat(first),
                date.fromisoformat(last),
                recency,
                orders,
                occasions,
                Decimal(cents).scaleb(-2),
                1 + sum(recency <= cut for cut in recency_cuts),
                1 + sum(occasions >= cut for cut in frequency_cuts),
                1 + sum(cents >= cut for cut in monetary_cuts),
            )
            for member_id, first, last, recency, orders, occasions, cents in rows
        }


def count(number: int | Fraction) -> KpiNumber:
    """Return a count or a sum."""
    return KpiNumber(Fraction(number), None, Fraction(number), None)


def divide(numerator: int | Fraction, denominator: int | Fraction) -> KpiNumber:
    """Return a fraction, or the reason why it has no value."""
    top, bottom = Fraction(numerator), Fraction(denominator)
    if bottom == 0:
        return KpiNumber(top, bottom, None, "no_denominator")
    return KpiNumber(top, bottom, top / bottom, None)


def wait(denominator: int) -> KpiNumber:
    """Return the fraction of which only the denominator is known yet."""
    return KpiNumber(None, Fraction(denominator), None, "immature")


def refuse(reason: str) -> KpiNumber:
    """Return no number and the reason why."""
    return KpiNumber(None, None, None, reason)


def name_segment(r_score: int, f_score: int, m_score: int) -> str:
    """Return the group of the eleven to which the three scores belong."""
    level = (f_score + m_score + 1) // 2
    if r_score >= 4:
        if level >= 4:
            return "champions" if r_score == 5 else "loyal"
        if level >= 2:
            return "potential"
        return "recent" if r_score == 5 else "promising"
    if r_score == 3:
        return "attention" if level >= 3 else "about_to_sleep"
    if level >= 4:
        return "cannot_lose"
    if level == 3:
        return "at_risk"
    return "hibernating" if r_score == 2 else "lost"
