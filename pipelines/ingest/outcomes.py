"""What reading a landed file gave, kept by its content: the query for its rows, and their counts.

How files are read stands in `pipelines.ingest.text_files` and `pipelines.ingest.typed_files`.
"""

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from pipelines.canonical import CANONICAL_TABLES
from pipelines.ingest.formats import TextTable
from pipelines.ingest.identities import Key, set_token_key
from pipelines.ingest.landing import LandedFile
from pipelines.ingest.profiles import Layout
from pipelines.ingest.quarantine import REJECTED_ROWS, open_quarantine, write_rejected
from pipelines.raw import RAW_TABLES

PARSER_VERSION = 3
FAULT, BELONGS = "fault", "belongs"
NO_AMOUNT = "cast(null as decimal(18, 2))"
AMOUNTS = {"orders": "paid_amount", "refunds": "amount"}
OUTCOME = b"outcome"


@dataclass(frozen=True)
class Room:
    """Where files are read: copies that are typed, rejected rows, and the key of the tokens.

    `opened` holds tables that were looked at and are to be read, by the names of their shapes.
    """

    parsed: Path
    quarantine: Path
    key: Key | None = None
    opened: dict[str, TextTable] = field(default_factory=dict)

    @property
    def rejected(self) -> Path:
        """The folder of each file's rejected rows."""
        return self.quarantine / "rows"


def make_room(parsed: Path, quarantine: Path, key: Key | None = None) -> Room:
    """Return a room whose folders exist; only their owner may look into them."""
    room = Room(parsed, quarantine, key)
    parsed.mkdir(mode=0o700, parents=True, exist_ok=True)
    parsed.chmod(0o700)
    open_quarantine(quarantine)
    open_quarantine(room.rejected)
    return room


@dataclass(frozen=True)
class RowCounts:
    """Where the rows of one file went, for one table, in rows and in money.

    row_count = accepted_count + quarantined_count + continuation_count; continuations repeat or
    continue an order, or belong to another table. Amounts are what was paid or refunded.
    """

    row_count: int
    accepted_count: int
    quarantined_count: int
    continuation_count: int
    accepted_amount: Decimal | None = None
    quarantined_amount: Decimal | None = None
    first_on: datetime.date | None = None
    last_on: datetime.date | None = None


@dataclass(frozen=True)
class Outcome:
    """What reading a file gave: a query for its good rows, and where its rows went.

    In the query `{paths}` stands for the file, so that files of one shape are read as one.
    """

    query: str
    counts: RowCounts


@dataclass(frozen=True)
class ParsedFile:
    """A landed file ready to be read as rows of one table.

    An empty file, and one that is refused and left out, has no layout and no query; `is_used` says
    whether any figure rests on its table.
    """

    file: LandedFile
    counts: RowCounts
    layout: Layout | None = None
    header: tuple[str, ...] = ()
    path: Path | None = None
    rejected: Path | None = None
    query: str | None = None
    refusal: str | None = None
    is_used: bool = True


def connect_reader(key: Key | None) -> duckdb.DuckDBPyConnection:
    """Open a database in memory for one file, silent and in one time zone on every machine."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute("set TimeZone = 'UTC'")
    if key is not None:
        set_token_key(connection, key)
    return connection


def count_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    good: str,
    faulty: list[Any],
    row_count: int,
    misfit_count: int = 0,
) -> RowCounts:
    """Return where a file's rows went; `good` is the query for those that are accepted.

    `faulty` holds rows of ordinal, fault and amount, beside the misfits that could not be split
    into cells.
    """
    amount = AMOUNTS.get(table, NO_AMOUNT)
    dated = CANONICAL_TABLES[table].dated
    date = dated[0] if dated else "cast(null as date)"
    accepted = connection.execute(
        f"select count(*), sum({amount}), min({date}), max({date}) from ({good}) as good"
    ).fetchall()[0]
    quarantined = len(faulty) + misfit_count
    amounts = [row[2] for row in faulty if row[2] is not None]
    return RowCounts(
        row_count=row_count,
        accepted_count=accepted[0],
        quarantined_count=quarantined,
        continuation_count=row_count - accepted[0] - quarantined,
        accepted_amount=accepted[1],
        quarantined_amount=sum(amounts, Decimal(0)) if table in AMOUNTS else None,
        first_on=accepted[2],
        last_on=accepted[3],
    )


def name_outcome(file: LandedFile, layout: Layout, recipe: list[str], room: Room) -> str:
    """Return the name under which reading a file is kept: its content, and how it is read.

    What was read for a table of other columns is not taken for it.
    """
    filled = RAW_TABLES[f"raw.{layout.table}"].schema.names
    key = room.key.id if layout.has_tokens and room.key is not None else ""
    digest = hashlib.sha256(
        json.dumps([PARSER_VERSION, file.table, filled, layout.rows, key, *recipe]).encode()
    )
    return f"{file.sha256}-{digest.hexdigest()[:16]}"


def write_outcome(rows: list[Any], rejected: Path, outcome: Outcome) -> None:
    """Keep the rejected rows of a file, and with them where all its rows went."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in REJECTED_ROWS]
    arrays = [
        pa.array(column, field.type) for column, field in zip(columns, REJECTED_ROWS, strict=True)
    ]
    schema = REJECTED_ROWS.with_metadata({OUTCOME: TypeAdapter(Outcome).dump_json(outcome)})
    write_rejected(pa.Table.from_arrays(arrays, schema=schema), rejected)


def load_outcome(rejected: Path) -> Outcome:
    """Return what was kept of reading a file."""
    return TypeAdapter(Outcome).validate_json(pq.read_schema(rejected).metadata[OUTCOME])


def escape_braces(text: str) -> str:
    """Return text that `str.format` gives back as it is."""
    return text.replace("{", "{{").replace("}", "}}")
