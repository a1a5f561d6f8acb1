"""Parquet exports, read in place: a query over the landed file, settled by one look through it.

How a typed cell is read stands in `pipelines.ingest.cells`; text in `pipelines.ingest.text_files`.
"""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.canonical import Column
from pipelines.dataset import Dataset
from pipelines.engines.duckdb import quote_list, quote_name, quote_text
from pipelines.errors import InputError
from pipelines.ingest.cells import CellRules, Reading, prepare, read_typed
from pipelines.ingest.landing import LandedFile, flush
from pipelines.ingest.outcomes import (
    AMOUNTS,
    FAULT,
    NO_AMOUNT,
    Outcome,
    ParsedFile,
    Room,
    connect_reader,
    count_rows,
    escape_braces,
    load_outcome,
    name_outcome,
    write_outcome,
)
from pipelines.ingest.profiles import Layout, lay_out
from pipelines.ingest.readings import Rows, date_export, finish_rows, read_columns
from pipelines.ingest.text import ORDINAL

DAMAGED = (duckdb.InvalidInputException, duckdb.IOException, duckdb.SerializationException)


def expose_typed_file(file: LandedFile, dataset: Dataset, room: Room) -> ParsedFile:
    """Return a Parquet export as a query over the landed file itself.

    Raises InputError where the file is damaged, or a column is of a type that cannot hold it.
    """
    try:
        return read_typed_file(file, dataset, room)
    except (pa.ArrowException, duckdb.Error, OSError) as error:
        # What damaged metadata makes the engine throw has no class of its own.
        if isinstance(error, duckdb.Error) and not (
            isinstance(error, DAMAGED) or type(error) is duckdb.Error
        ):
            raise
        raise InputError(f"{file.name} is not a readable Parquet file; export it again.") from error


def read_schema(file: LandedFile) -> pa.Schema:
    """Return the columns and types of a Parquet file.

    Raises InputError where the file is damaged.
    """
    try:
        return pq.read_schema(file.path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{file.name} is not a readable Parquet file; export it again.") from error


def read_typed_file(file: LandedFile, dataset: Dataset, room: Room) -> ParsedFile:
    """Return a Parquet export as a query, without a condition where all its rows are good.

    A file whose ids become tokens is copied with the tokens in their place, so that they are made
    once.
    """
    schema = read_schema(file)
    layout = lay_out(file.table, file.key_table, file.name, file.source, schema.names)
    refuse_twins(file, layout, schema.names)

    def read_cell(name: str, column: Column, rules: CellRules) -> Reading:
        kind = schema.field(name).type
        reading = read_typed(name, kind, column, rules)
        if reading is None:
            wanted = next(key for key, names in layout.columns.items() if name in names)
            raise InputError(
                f"{file.name}, column {name!r}: type {kind} cannot hold {wanted}, which is "
                f"{column.type.value}; export it as text or as another type."
            )
        return reading

    readings = read_columns(layout, file.source, dataset, read_cell)
    readings |= date_export(layout, file.source, file.name)
    shape = [f"{name}: {reading}" for name, reading in readings.items()]
    stem = name_outcome(file, layout, [*shape, dataset.conventions.day_starts_at], room)
    target, rejected = room.parsed / f"{stem}.parquet", room.rejected / f"{stem}.parquet"
    path = target if layout.has_tokens else file.path
    if not (path.exists() and rejected.exists()):
        with connect_reader(room.key) as connection:
            read_typed_rows(connection, file, layout, readings, dataset, target, rejected)
    outcome = load_outcome(rejected)
    return ParsedFile(
        file, outcome.counts, layout, tuple(schema.names), path, rejected, outcome.query
    )


def read_typed_rows(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    layout: Layout,
    readings: dict[str, Reading],
    dataset: Dataset,
    target: Path,
    rejected: Path,
) -> None:
    """Look through a Parquet file once and keep its rejected rows and the query for the others."""
    source = f"read_parquet({quote_text(str(file.path))})"
    metadata = pq.read_metadata(file.path)
    settle_doubts(connection, source, readings)
    full = {
        name
        for name, columns in layout.columns.items()
        if not readings[name].faults
        and readings[name].doubt is None
        and any(has_no_nulls(metadata, column) for column in columns)
    }
    rows = finish_rows(layout, readings, dataset, quote_name, None, full)
    prepared = prepare("{source}", rows.readings.values())
    faulty = read_faulty(connection, source, file, rows)
    conditions = [f"{rows.fault} is null"] if faulty else []
    conditions += [rows.belongs] if rows.belongs else []
    selected = ", ".join(f"{reading.value} as {name}" for name, reading in rows.readings.items())
    distinct = "distinct " if layout.rows == "repeated" else ""
    where = f" where {' and '.join(conditions)}" if conditions else ""
    inner = prepared.replace("{source}", "\0")
    query = escape_braces(
        f"select {distinct}{selected}, {file.number} as file_number from {inner}{where}"
    ).replace("\0", "read_parquet({paths})")
    counted = query.format(paths=quote_list([str(file.path)]))
    if layout.has_tokens:
        part = target.with_suffix(".part")
        connection.execute(
            f"copy ({counted}) to {quote_text(str(part))} (format parquet, compression zstd)"
        )
        flush(part)
        part.replace(target)
        query, counted = (
            "select * from read_parquet({paths})",
            (f"select * from read_parquet({quote_text(str(target))})"),
        )
    counts = count_rows(connection, file.table, counted, faulty, metadata.num_rows)
    lines = [(line, *rows.faults[fault - 1][1:], paid, text) for line, fault, paid, text in faulty]
    write_outcome(lines, rejected, Outcome(query, counts))


def read_faulty(
    connection: duckdb.DuckDBPyConnection, source: str, file: LandedFile, rows: Rows
) -> list[tuple[int, int, Decimal | None, str]]:
    """Return the rows of a Parquet file that cannot be read: row, fault, amount, text."""
    if not rows.faults:
        return []
    prepared = prepare(source, rows.readings.values())
    none = f"select exists (select 1 from {prepared} where {rows.fault} is not null)"
    if connection.execute(none).fetchall() == [(False,)]:
        return []
    amount = AMOUNTS.get(file.table)
    paid = rows.readings[amount].value if amount else NO_AMOUNT
    numbered = f"(select *, row_number() over () as {ORDINAL} from {source})"
    found = connection.execute(
        f"select {ORDINAL}, {rows.fault} as {FAULT}, {paid} as amount"
        f" from {prepare(numbered, rows.readings.values())}"
        f" where {rows.fault} is not null order by {ORDINAL}"
    ).fetchall()
    lines = [row[0] for row in found]
    texts = connection.execute(
        f"select * exclude {ORDINAL} from {numbered}"
        f" where {ORDINAL} in (select unnest($1)) order by {ORDINAL}",
        [lines],
    )
    columns = [column[0] for column in texts.description]
    written = [
        json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str)
        for row in texts.fetchall()
    ]
    return [(*row[:3], text) for row, text in zip(found, written, strict=True)]


def refuse_twins(file: LandedFile, layout: Layout, available: list[str]) -> None:
    """Raise InputError where a column that is read differs from another in upper case only."""
    for canonical, columns in layout.columns.items():
        for column in columns:
            twins = [name for name in available if name.lower() == column.lower()]
            if len(twins) > 1:
                raise InputError(
                    f"{file.name}: the columns {' and '.join(twins)} differ in upper case only, so "
                    f"{canonical} could be any of them; rename all but one."
                )


def settle_doubts(
    connection: duckdb.DuckDBPyConnection, source: str, readings: dict[str, Reading]
) -> None:
    """Put the plain reading in place of each whose doubt no row of the file meets."""
    for name, reading in readings.items():
        if reading.doubt is not None and reading.plain is not None:
            query = f"select exists (select 1 from {source} where {reading.doubt})"
            if connection.execute(query).fetchall() == [(False,)]:
                readings[name] = Reading(reading.plain)


def has_no_nulls(metadata: pq.FileMetaData, column: str) -> bool:
    """Whether the file's own statistics say that a column is never empty."""
    leaves = [metadata.schema.column(leaf).path for leaf in range(metadata.num_columns)]
    if leaves.count(column) != 1:
        return False
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(leaves.index(column)).statistics
        if statistics is None or not statistics.has_null_count or statistics.null_count:
            return False
    return True
