"""Questions to the parsed files of a data set, all in one database that keeps nothing.

What becomes of the answers stands in `pipelines.ingest.doctor.examination`.
"""

import datetime
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.canonical import CANONICAL_TABLES
from pipelines.engines.duckdb import quote_list, quote_name, quote_text
from pipelines.ingest.doctor.findings import Overlap, Proposed
from pipelines.ingest.identities import identify_sql
from pipelines.ingest.outcomes import ParsedFile, RowCounts, connect_reader
from pipelines.ingest.profiles import Layout
from pipelines.settings import PROPOSAL_DATES, PROPOSAL_TICKETS

# What two files of a table have in common is told by these; elsewhere by the whole row.
KEYS = {
    "orders": "order_id",
    "members": "member_id",
    "member_merges": "member_id",
    "products": "sku",
    "stores": "store_id",
    "guides": "guide_id",
}
# Where the row came from and when it was exported is no content of it.
NO_CONTENT = ("file_number", "exported_at")
FAR_DAYS = 365  # a date behind such a gap, with few others, is a slip or another shop's
FAR_SHARE = 0.01
Row = tuple[Any, ...]


@dataclass(frozen=True)
class ReadFile:
    """A file that could be read as rows of one table, all of it there."""

    table: str
    name: str
    header: tuple[str, ...]
    layout: Layout
    counts: RowCounts
    query: str
    rejected: Path

    @classmethod
    def of(cls, file: ParsedFile) -> "ReadFile":
        """Return a parsed file that is neither empty nor refused."""
        if file.layout is None or file.query is None or file.path is None or file.rejected is None:
            raise ValueError(f"{file.file.name} was not read")
        query = file.query.format(paths=quote_list([str(file.path)]))
        return cls(
            file.file.table,
            file.file.name,
            file.header,
            file.layout,
            file.counts,
            query,
            file.rejected,
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the member, where they become tokens."""
        columns = self.layout.columns.get("member_id", ())
        return columns if any(name in self.layout.personal for name in columns) else ()

    @property
    def used(self) -> set[str]:
        """Every column of the file that is read."""
        layout = self.layout
        used = {name for names in layout.columns.values() for name in names}
        used |= {name for names in layout.minus.values() for name in names}
        used |= {name for name, _ in layout.overruled.values()}
        return used | {*layout.times.values(), *([layout.filled] if layout.filled else [])}


def open_questions(files: Sequence[ReadFile], spill: Path) -> duckdb.DuckDBPyConnection:
    """Open a database with a view per table that any file fills, `place` being the file's index."""
    connection = connect_reader(None)
    connection.execute(f"set temp_directory = {quote_text(str(spill))}")
    for table in CANONICAL_TABLES:
        queries = [
            f"select {place} as place, * from ({file.query})"
            for place, file in enumerate(files)
            if file.table == table
        ]
        if queries:
            connection.execute(f"create view {table} as {' union all by name '.join(queries)}")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Return all rows of a small answer."""
    return connection.execute(query).fetchall()


def has_view(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether any file fills a table."""
    return bool(ask(connection, f"from duckdb_views() where view_name = '{table}' limit 1"))


def hash_content(table: str) -> str:
    """Return SQL for what a row says, as one number; equal rows have equal ones."""
    dated = CANONICAL_TABLES[table].dated
    columns = [*CANONICAL_TABLES[table].columns, *([dated[0]] if dated else [])]
    return f"hash({', '.join(quote_name(name) for name in columns if name not in NO_CONTENT)})"


def count_repeats(connection: duckdb.DuckDBPyConnection, table: str) -> dict[int, tuple[int, int]]:
    """Return, for each file of a table: identical rows beyond the first, and keys in versions."""
    key = KEYS.get(table, hash_content(table))
    rows = ask(
        connection,
        "with contents as (select place, key, content, count(*) as row_count from ("
        f"select place, {key} as key, {hash_content(table)} as content from {table})"
        " group by all), keys as (select place, key, count(*) as versions,"
        " sum(row_count - 1) as repeats from contents group by all)"
        " select place, sum(repeats), count(*) filter (versions > 1) from keys group by place",
    )
    return {place: (int(repeats), versions) for place, repeats, versions in rows}


def find_overlaps(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]
) -> dict[int, list[Overlap]]:
    """Return, for each file of a table, the other files that hold keys of it, most first.

    A key counts as differing where the two files do not say the same of it.
    """
    key = KEYS.get(table, hash_content(table))
    rows = ask(
        connection,
        "with keys as (select place, key, list_sort(list(distinct content)) as contents from ("
        f"select place, {key} as key, {hash_content(table)} as content from {table})"
        " where key is not null group by all),"
        " shared as (select * from keys where key in"
        " (select key from keys group by key having count(*) > 1))"
        " select a.place, b.place, count(*), count(*) filter (a.contents <> b.contents)"
        " from shared as a inner join shared as b on a.key = b.key and a.place <> b.place"
        " group by all order by 3 desc, 2",
    )
    overlaps: dict[int, list[Overlap]] = {}
    for place, other, count, differing in rows:
        overlaps.setdefault(place, []).append(Overlap(names[other], count, differing))
    return overlaps


def count_words(connection: duckdb.DuckDBPyConnection, column: str) -> dict[int, list[Row]]:
    """Return, for each orders file, (word, rows) of a column, most first."""
    rows = ask(
        connection,
        f"select place, {column}, count(*) from orders where {column} is not null"
        " group by all order by 3 desc, 2",
    )
    words: dict[int, list[Row]] = {}
    for place, word, count in rows:
        words.setdefault(place, []).append((word, count))
    return words


def count_masked(rows: pa.RecordBatchReader | pq.ParquetFile, columns: list[str]) -> int:
    """Return how many rows have a member's key in the first filled of the columns, but masked."""
    if not columns:
        return 0
    if isinstance(rows, pq.ParquetFile):
        rows = pa.RecordBatchReader.from_batches(rows.schema_arrow, rows.iter_batches())
    texts = [f"nullif(trim(cast({quote_name(name)} as varchar)), '')" for name in columns]
    cell = texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})"
    with duckdb.connect() as connection:
        connection.register("batches", rows)
        cells = f"select {cell} as cell from batches"
        is_masked = f"cell is not null and {identify_sql('cell')} is null"
        return int(ask(connection, f"select count(*) from ({cells}) where {is_masked}")[0][0])


def count_guests(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Return, for each orders file, the rows without a member."""
    query = "select place, count(*) filter (member_id is null) from orders group by place"
    return dict(ask(connection, query))


def find_far_dates(
    connection: duckdb.DuckDBPyConnection, table: str
) -> dict[int, tuple[int, tuple[datetime.date, datetime.date]]]:
    """Return, for each file that has any, rows whose date lies far from the table's other dates.

    With them the range of the other dates.
    """
    dated = CANONICAL_TABLES[table].dated
    if dated is None:
        return {}
    counted = ask(
        connection,
        f"select {dated[0]}, count(*) from {table} where {dated[0]} is not null"
        " group by all order by 1",
    )
    usual = settle_usual(counted)
    if usual is None:
        return {}
    first, last = usual
    rows = ask(
        connection,
        f"select place, count(*) from {table} where {dated[0]} < date '{first}'"
        f" or {dated[0]} > date '{last}' group by place",
    )
    return {place: (count, usual) for place, count in rows}


def settle_usual(counted: list[Row]) -> tuple[datetime.date, datetime.date] | None:
    """Return the range of dates without the few that lie behind a gap of a year, if there are any.

    `counted` is (date, rows), by date.
    """
    total = sum(count for _, count in counted)
    few = max(1, int(total * FAR_SHARE))
    start, stop = 0, len(counted)
    passed = 0
    for place, ((day, count), (after, _)) in enumerate(itertools.pairwise(counted)):
        passed += count
        if (after - day).days > FAR_DAYS:
            if passed <= few:
                start = place + 1
            elif total - passed <= few:
                stop = min(stop, place + 1)
    if (start, stop) == (0, len(counted)):
        return None
    return counted[start][0], counted[stop - 1][0]


def count_unregistered(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Return how many orders have a member id, and of how many it is not in the member file.

    A number that was merged into another is known.
    """
    known = "select member_id from members"
    if has_view(connection, "member_merges"):
        known += " union all select member_id from member_merges"
    rows = ask(
        connection,
        "with buyers as (select order_id, min(member_id) as member_id from orders"
        f" where member_id is not null group by order_id),"
        f" known as (select distinct * from ({known}))"
        " select count(*), count(*) filter (known.member_id is null) from buyers"
        " left join known on buyers.member_id = known.member_id",
    )
    return rows[0][0], rows[0][1]


def count_orphans(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Return how many refunds there are, and how many are of an order that no file holds."""
    rows = ask(
        connection,
        "with known as (select order_id from orders union select parent_order_id from orders)"
        " select count(*), count(*) filter (known.order_id is null) from refunds"
        " left join known on refunds.order_id = known.order_id",
    )
    return rows[0][0], rows[0][1]


def propose_exclusions(
    connection: duckdb.DuckDBPyConnection, limit: int
) -> tuple[int, list[Proposed]]:
    """Return how many members buy as no customer does, and the first of them, most dates first."""
    excluded = ""
    if has_view(connection, "exclusions"):
        excluded = " and member_id not in (select member_id from exclusions)"
    busy = (
        "select member_id, count(*) as dates, sum(tickets) as tickets from ("
        "select member_id, business_date, count(distinct order_id) as tickets from orders"
        f" where member_id is not null{excluded} group by all having count(distinct order_id)"
        f" >= {PROPOSAL_TICKETS}) group by member_id having count(*) >= {PROPOSAL_DATES}"
    )
    count = ask(connection, f"select count(*) from ({busy})")[0][0]
    rows = ask(connection, f"{busy} order by dates desc, tickets desc, member_id limit {limit}")
    return count, [Proposed(member, dates, int(tickets)) for member, dates, tickets in rows]


def sum_orders(connection: duckdb.DuckDBPyConnection) -> Row:
    """Return how many different orders there are, and their first and last date."""
    query = "select count(distinct order_id), min(business_date), max(business_date) from orders"
    return ask(connection, query)[0]


def list_currencies(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str, int]]:
    """Yield (file, currency, rows) of the orders that name a currency."""
    query = "select place, currency, count(*) from orders where currency is not null group by all"
    yield from ask(connection, f"{query} order by 1, 3 desc, 2")
