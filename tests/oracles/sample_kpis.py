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
AMOUNT_METRICS = {"net_sales", "member_sales_share", "average_order_value"}


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
    """A window, both dates inclusive, and the window of the same kind that follows it."""

    window_type: str
    start: date
    end: date
    next_start: date
    next_end: date


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
    """Return all months, quarters and trailing windows of data from first to as_of."""
    windows: list[Window] = []
    for window_type, months in (("month", 1), ("quarter", 3)):
        for start, end in list_periods(first, as_of, months):
            following = end + timedelta(days=1)
            _, next_end = next(list_periods(following, following, months))
            windows.append(Window(window_type, start, end, following, next_end))
    month_ends = {end for _, end in list_periods(first, as_of, 1) if end <= as_of}
    for end in sorted(month_ends | {as_of}):
        for days in TRAILING_DAYS:
            windows.append(
                Window(
                    f"trailing_{days}d",
                    end - timedelta(days=days - 1),
                    end,
                    end + timedelta(days=1),
                    end + timedelta(days=days),
                )
            )
    return windows


class SourceOracle:
    """A data set's orders and members in a private sqlite3 database, amounts in whole cents.

    Reads orders and members in the canonical layout, without refunds, merges or exclusions.
    """

    def __init__(self, folder: Path) -> None:
        settings = yaml.safe_load((folder / "dataset.yaml").read_text(encoding="utf-8"))
        self.settings: dict[str, Any] = settings
        self.scope_types: list[str] = settings.get("scopes", [])
        self.connection = sqlite3.connect(":memory:")
        self._load_orders(read_records(folder, settings, "orders"))
        self._load_members(read_records(folder, settings, "members"))
        first, last = self._select("select min(day), max(day) from orders")[0]
        self.first_day = date.fromisoformat(first)
        self.as_of = date.fromisoformat(last)
        self._make_valid()

    def _select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values).fetchall()

    def _load_orders(self, records: list[dict[str, Any]]) -> None:
        self.connection.execute(
            "create table orders (order_id text primary key, member_id text, store text,"
            " channel text, day text not null, cents integer not null, status text)"
        )
        self.connection.executemany(
            "insert into orders values (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    record["order_id"],
                    record.get("member_id"),
                    record.get("store_id"),
                    record.get("channel"),
                    read_day(record["paid_at"]),
                    read_cents(record["paid_amount"]),
                    record.get("status"),
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
            select order_id, member_id, store, channel, day, cents,
                member_id in (select member_id from members) as is_registered
            from orders
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
            " (day, scope_type, scope, member_id, is_registered, cents)"
        )
        self.connection.execute(
            "create index by_member on scoped (scope_type, scope, member_id, day)"
        )

    def _make_windows(self) -> list[Window]:
        windows = list_windows(self.first_day, self.as_of)
        self.connection.execute("drop table if exists windows")
        self.connection.execute(
            "create table windows"
            " (id integer primary key, start text, end text, next_start text, next_end text)"
        )
        self.connection.executemany(
            "insert into windows values (?, ?, ?, ?, ?)",
            (
                (
                    position,
                    window.start.isoformat(),
                    window.end.isoformat(),
                    window.next_start.isoformat(),
                    window.next_end.isoformat(),
                )
                for position, window in enumerate(windows)
            ),
        )
        self.connection.execute("drop table if exists bought")
        self.connection.execute(
            """
            create table bought as
            select s.scope_type, s.scope, w.id, s.member_id,
                max(s.is_registered) as is_registered, count(*) as orders,
                count(distinct s.day) as occasions, sum(s.cents) as cents
            from windows as w cross join scoped as s
            where s.day between w.start and w.end
            group by s.scope_type, s.scope, w.id, s.member_id
            """
        )
        return windows

    def count_kpis(self) -> dict[KpiKey, KpiNumber]:
        """Return every KPI of every scope and window: a store has all windows of the data set."""
        windows = self._make_windows()
        came_back = {
            (scope_type, scope, position): count
            for scope_type, scope, position, count in self._select(
                """
                select b.scope_type, b.scope, b.id, count(*)
                from bought as b join windows as w on w.id = b.id
                where b.member_id is not null and exists (
                    select 1 from scoped as s
                    where s.scope_type = b.scope_type and s.scope = b.scope
                        and s.member_id = b.member_id and s.day between w.next_start and w.next_end
                )
                group by b.scope_type, b.scope, b.id
                """
            )
        }
        totals = self._select(
            """
            select k.scope_type, k.scope, k.id,
                count(b.member_id),
                coalesce(sum(b.orders), 0),
                coalesce(sum(b.cents), 0),
                coalesce(sum(case when b.member_id is not null then b.orders end), 0),
                coalesce(sum(case when b.is_registered then b.orders end), 0),
                coalesce(sum(case when b.is_registered then b.cents end), 0),
                count(case when b.member_id is not null and b.occasions >= 2 then 1 end),
                count(case when b.member_id is not null and b.orders >= 2 then 1 end)
            from (
                select * from (select distinct scope_type, scope from scoped) cross join windows
            ) as k
            left join bought as b
                on b.scope_type = k.scope_type and b.scope = k.scope and b.id = k.id
            group by k.scope_type, k.scope, k.id
            """
        )
        kpis: dict[KpiKey, KpiNumber] = {}
        for scope_type, scope, position, *counts in totals:
            window = windows[position]
            (
                buyers,
                orders,
                cents,
                with_id,
                of_registered,
                registered_cents,
                twice,
                twice_by_order,
            ) = counts
            is_mature = window.next_end <= self.as_of
            back = came_back.get((scope_type, scope, position), 0) if is_mature else None
            amount, registered_amount = Fraction(cents, 100), Fraction(registered_cents, 100)
            parts: dict[str, tuple[int | Fraction | None, int | Fraction | None]] = {
                "active_members": (buyers, None),
                "member_order_share": (of_registered, orders),
                "member_sales_share": (registered_amount, amount),
                "repurchase_rate": (twice, buyers),
                "repurchase_rate_by_order": (twice_by_order, buyers),
                "buyback_rate": (back, buyers),
                "orders_per_buyer": (with_id, buyers),
                "net_sales": (amount, None),
                "orders": (orders, None),
                "average_order_value": (amount, orders),
            }
            parts |= self._count_registrations(scope_type, scope, window)
            for metric, (numerator, denominator) in parts.items():
                key = KpiKey(
                    metric, scope_type, scope, window.window_type, window.start, window.end
                )
                kpis[key] = divide(metric, numerator, denominator)
        return kpis

    def _count_registrations(
        self, scope_type: str, scope: str, window: Window
    ) -> dict[str, tuple[int | Fraction | None, int | Fraction | None]]:
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
            "registered_members": (registered, None),
            "new_members": (new if dated else None, None),
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


def divide(
    metric: str, numerator: int | Fraction | None, denominator: int | Fraction | None
) -> KpiNumber:
    """Return the number with its value, or with the reason why it has none."""
    top = None if numerator is None else Fraction(numerator)
    bottom = None if denominator is None else Fraction(denominator)
    if top is None:
        reason = "immature" if metric == "buyback_rate" else "no_registration_date"
        return KpiNumber(top, bottom, None, reason)
    if bottom is None:
        return KpiNumber(top, bottom, top, None)
    if bottom == 0:
        return KpiNumber(top, bottom, None, "no_denominator")
    return KpiNumber(top, bottom, top / bottom, None)


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
