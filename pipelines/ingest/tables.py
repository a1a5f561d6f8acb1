"""From landed files to raw tables: typed exports are read in place, text is parsed once.

Which cell is acceptable stands in `pipelines.ingest.cells`; what the tables mean in
`pipelines.canonical`.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.canonical import CANONICAL_TABLES, CanonicalTable
from pipelines.dataset import Dataset
from pipelines.engines.duckdb import quote_list, quote_text
from pipelines.engines.protocol import Engine
from pipelines.errors import InputError
from pipelines.ingest.cells import (
    CellRules,
    Reading,
    forbid_negative,
    read_absent,
    read_text,
    read_typed,
    require,
)
from pipelines.ingest.landing import LandedFile, flush
from pipelines.ingest.reasons import REASONS
from pipelines.ingest.text import ORDINAL, TextFile, open_text
from pipelines.raw import RAW_TABLES

PARSER_VERSION = 2
PARQUET_MAGIC = b"PAR1"
DAMAGED = (duckdb.InvalidInputException, duckdb.IOException, duckdb.SerializationException)
REJECT_COLUMN, REJECT_REASON, LINE = "reject_column", "reject_reason", "line"


@dataclass(frozen=True)
class ParsedFile:
    """A landed file ready to be read: a query for its good rows, and its rejected rows.

    In the query `{paths}` stands for the file, so that files of one shape are read as one.
    """

    file: LandedFile
    path: Path
    query: str
    rejects: pa.Table


def parse_files(files: list[LandedFile], dataset: Dataset, parsed: Path) -> list[ParsedFile]:
    """Make every landed file readable; a text file that was parsed before is not parsed again.

    Raises InputError with file and column where a file cannot be used at all.
    """
    parsed.mkdir(parents=True, exist_ok=True)
    ready = []
    for file in files:
        with file.path.open("rb") as stream:
            is_parquet = stream.read(4) == PARQUET_MAGIC
        read = expose_typed_file if is_parquet else parse_text_file
        ready.append(read(file, dataset, parsed))
    return ready


def fill_raw_tables(engine: Engine, files: list[ParsedFile]) -> dict[str, int]:
    """Make every raw table that files fill, empty where there is no file; return rows of rejects.

    The returned mapping counts the rejected rows by table.
    """
    for name in CANONICAL_TABLES:
        shapes: dict[str, list[str]] = {}
        for file in files:
            if file.file.table == name:
                shapes.setdefault(file.query, []).append(str(file.path))
        if shapes:
            queries = [query.format(paths=quote_list(paths)) for query, paths in shapes.items()]
            engine.expose(f"raw.{name}", "\nunion all\n".join(queries))
        else:
            engine.write(f"raw.{name}", RAW_TABLES[f"raw.{name}"].schema.empty_table())
    schema = RAW_TABLES["raw.rejects"].schema
    rejects = pa.concat_tables([schema.empty_table(), *(file.rejects for file in files)])
    engine.write("raw.rejects", rejects)
    counts: dict[str, int] = {}
    for table in rejects.column("source_table").to_pylist():
        counts[table] = counts.get(table, 0) + 1
    return counts


def choose_columns(file: LandedFile, dataset: Dataset, available: list[str]) -> dict[str, str]:
    """Return canonical column: column of the file, for those that the file has.

    Raises InputError where a mapped or required column is missing, or stands twice.
    """
    table, source = CANONICAL_TABLES[file.table], dataset.files[file.table]
    personal = {name.strip() for name in source.personal}
    mapping = {
        canonical: column if column in available else column.strip()
        for canonical, column in source.columns.items()
    } or {name: name for name in table.columns if name in available and name not in personal}
    found = ", ".join(available)
    for canonical, column in mapping.items():
        if column not in available:
            raise InputError(
                f"{file.name}, line 1: there is no column {column!r} for {canonical}; "
                f"the columns are {found}. Correct files.{file.table}.columns in dataset.yaml."
            )
        if available.count(column) > 1:
            raise InputError(
                f"{file.name}, line 1: {available.count(column)} columns are called {column!r}, "
                f"so {canonical} could be any of them; rename all but one."
            )
    for name, wanted in table.columns.items():
        if wanted.required and name not in mapping:
            raise InputError(
                f"{file.name}, line 1: there is no column for {name}; the columns are {found}. "
                f"Name it in files.{file.table}.columns in dataset.yaml."
            )
    times = table.dated[1] if table.dated is not None and table.needs_time else ()
    if times and not any(name in mapping for name in times):
        raise InputError(
            f"{file.name}, line 1: there is no column for {' or '.join(times)}; the columns are "
            f"{found}. Name it in files.{file.table}.columns in dataset.yaml."
        )
    return {name: column for name, column in mapping.items() if name in table.columns}


def expose_typed_file(file: LandedFile, dataset: Dataset, parsed: Path) -> ParsedFile:
    """Return a Parquet export as a query over the landed file itself.

    Raises InputError where the file is damaged, or a column is of a type that cannot hold it.
    """
    try:
        return read_typed_file(file, dataset)
    except (pa.ArrowException, *DAMAGED, OSError) as error:
        raise InputError(f"{file.name} is not a readable Parquet file; export it again.") from error


def read_typed_file(file: LandedFile, dataset: Dataset) -> ParsedFile:
    """Return a Parquet export as a query, without a condition where all its rows are good."""
    metadata = pq.read_metadata(file.path)
    schema = metadata.schema.to_arrow_schema()
    columns = choose_columns(file, dataset, schema.names)
    refuse_twins(file, columns, schema.names)
    table = CANONICAL_TABLES[file.table]
    source = f"read_parquet({quote_text(str(file.path))})"
    readings: dict[str, Reading] = {}
    for name, wanted in table.columns.items():
        if name not in columns:
            readings[name] = read_absent(wanted)
            continue
        kind = schema.field(columns[name]).type
        reading = read_typed(columns[name], kind, wanted, CellRules(dataset.timezone))
        if reading is None:
            raise InputError(
                f"{file.name}, column {columns[name]!r}: type {kind} cannot hold {name}, which is "
                f"{wanted.type.value}; export it as text or as another type."
            )
        readings[name] = reading
    with connect_reader() as connection:
        settle_doubts(connection, source, readings)
        full = {
            name
            for name, column in columns.items()
            if not readings[name].faults
            and readings[name].doubt is None
            and has_no_nulls(metadata, column)
        }
        for name, wanted in table.columns.items():
            if wanted.required and name not in full:
                readings[name] = require(readings[name])
        readings |= limit_amounts(file, readings)
        readings |= date_rows(table, columns, readings, dataset, full)
        rejects = read_rejects(connection, source, file, readings)
    filled = fill_status(file, dataset, columns, readings)
    selected = ", ".join(f"{reading.value} as {name}" for name, reading in filled.items())
    query = escape_braces(f"select {selected} from ") + "read_parquet({paths})"
    if rejects.num_rows:
        query += escape_braces(f" where {first_fault(readings, REJECT_REASON)} is null")
    return ParsedFile(file, file.path, query, describe_rejects(file, rejects))


def refuse_twins(file: LandedFile, columns: dict[str, str], available: list[str]) -> None:
    """Raise InputError where a column that is read differs from another in upper case only."""
    for canonical, column in columns.items():
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


def read_rejects(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    file: LandedFile,
    readings: Mapping[str, Reading],
) -> pa.Table:
    """Return the rows of a Parquet file that cannot be read: row, column, reason, amount."""
    fault = first_fault(readings, REJECT_REASON)
    shape = pa.schema(
        [
            (LINE, pa.int64()),
            (REJECT_COLUMN, pa.string()),
            (REJECT_REASON, pa.string()),
            ("amount", pa.decimal128(18, 2)),
        ]
    )
    none = f"select exists (select 1 from {source} where {fault} is not null)"
    if fault is None or connection.execute(none).fetchall() == [(False,)]:
        return shape.empty_table()
    amount = readings["paid_amount"].value if file.table == "orders" else "null"
    return connection.sql(
        f"select * from (select row_number() over (), {first_fault(readings, REJECT_COLUMN)},"
        f" {fault}, {amount} from {source}) as numbered ({', '.join(shape.names)})"
        f" where {REJECT_REASON} is not null order by {LINE}"
    ).to_arrow_table()


def escape_braces(text: str) -> str:
    """Return text that `str.format` gives back as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def connect_reader() -> duckdb.DuckDBPyConnection:
    """Open a database in memory for one file, silent and in one time zone on every machine."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute("set TimeZone = 'UTC'")
    return connection


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


def parse_text_file(file: LandedFile, dataset: Dataset, parsed: Path) -> ParsedFile:
    """Parse a text export once into Parquet, good and rejected rows in one pass."""
    source = dataset.files[file.table]
    text = open_text(file.path, file.name, source.encoding)
    columns = choose_columns(file, dataset, text.header)
    table = CANONICAL_TABLES[file.table]
    readings: dict[str, Reading] = {}
    for name, wanted in table.columns.items():
        if name not in columns:
            readings[name] = read_absent(wanted)
            continue
        cell = str(text.header.index(columns[name]))
        reading = read_text(cell, wanted, CellRules(dataset.timezone))
        readings[name] = require(reading) if wanted.required else reading
    readings |= limit_amounts(file, readings)
    readings |= date_rows(table, columns, readings, dataset)
    readings = fill_status(file, dataset, columns, readings)
    selected = ", ".join(f"{reading.value} as {name}" for name, reading in readings.items())
    query = (
        f"select {selected}, {ORDINAL}, {first_fault(readings, REJECT_COLUMN) or 'null'} as"
        f" {REJECT_COLUMN}, {first_fault(readings, REJECT_REASON) or 'null'} as {REJECT_REASON}"
        " from batches"
    )
    recipe = json.dumps([PARSER_VERSION, query, text.encoding]).encode()
    target = parsed / f"{file.sha256}-{hashlib.sha256(recipe).hexdigest()[:16]}.parquet"
    rejects_path = target.with_suffix(".rejects.parquet")
    if not (target.exists() and rejects_path.exists()):
        rejects = write_parsed(
            text, query, target, "paid_amount" if file.table == "orders" else None
        )
        write_atomically(rejects, rejects_path)
    rejects = pq.read_table(rejects_path)
    names = ", ".join(readings)
    good = escape_braces(f"select {names} from ") + "read_parquet({paths})"
    condition = f" where {REJECT_REASON} is null" if rejects.num_rows else ""
    return ParsedFile(file, target, good + condition, describe_rejects(file, rejects))


def write_parsed(text: TextFile, query: str, target: Path, amount: str | None) -> pa.Table:
    """Parse a text file into `target` and return its rejects: line, column, reason, amount."""
    part = target.with_suffix(".part")
    with connect_reader() as connection:
        connection.register("batches", text.read_batches())
        try:
            connection.execute(
                f"copy ({query}) to {quote_text(str(part))} (format parquet, compression zstd)"
            )
        except (duckdb.IOException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error as error:
            raise InputError(
                f"{text.name}: the rows cannot be told apart: {str(error).splitlines()[0]}; "
                "export the file again as CSV."
            ) from error
        rejected = connection.execute(
            f"select {ORDINAL}, {REJECT_COLUMN}, {REJECT_REASON},"
            f" {amount or 'cast(null as decimal(18, 2))'} as amount"
            f" from read_parquet({quote_text(str(part))})"
            f" where {REJECT_REASON} is not null order by {ORDINAL}"
        ).fetchall()
    has_rejects = bool(rejected or text.misfits)
    lines, misfit_lines = (
        text.locate_rows({row[0] for row in rejected}) if has_rejects else ({}, [])
    )
    rows = [(lines[row[0]], *row[1:]) for row in rejected]
    rows += [(line, "", "wrong_column_count", None) for line in misfit_lines]
    rows.sort(key=lambda row: row[0])
    flush(part)
    part.replace(target)
    return pa.table(
        {
            LINE: pa.array([row[0] for row in rows], pa.int64()),
            REJECT_COLUMN: pa.array([row[1] for row in rows], pa.string()),
            REJECT_REASON: pa.array([row[2] for row in rows], pa.string()),
            "amount": pa.array([row[3] for row in rows], pa.decimal128(18, 2)),
        }
    )


def write_atomically(table: pa.Table, path: Path) -> None:
    """Write a Parquet file that is there whole or not at all."""
    part = path.with_suffix(".part")
    pq.write_table(table, part)
    flush(part)
    part.replace(path)


def limit_amounts(file: LandedFile, readings: dict[str, Reading]) -> dict[str, Reading]:
    """Return the reading of refunds that must not be below zero; it would add to the sales."""
    return {"amount": forbid_negative(readings["amount"])} if file.table == "refunds" else {}


def date_rows(
    table: CanonicalTable,
    columns: dict[str, str],
    readings: dict[str, Reading],
    dataset: Dataset,
    full: Collection[str] = (),
) -> dict[str, Reading]:
    """Return the reading of the table's business date, from the first of its times that is there.

    `full` names columns in which no row is empty.
    """
    if table.dated is None:
        return {}
    name, times = table.dated
    present = [readings[time].value for time in times if time in columns]
    if not present:
        return {name: Reading("cast(null as date)")}
    time = present[0] if len(present) == 1 else f"coalesce({', '.join(present)})"
    minutes = dataset.conventions.day_start_minutes
    shifted = f"({time}) - to_minutes({minutes})" if minutes else time
    reading = Reading(f"cast({shifted} as date)")
    is_full = any(time in full for time in times)
    return {name: require(reading) if table.needs_time and not is_full else reading}


def fill_status(
    file: LandedFile, dataset: Dataset, columns: dict[str, str], readings: dict[str, Reading]
) -> dict[str, Reading]:
    """Return the readings with a paid status and no test where orders do not tell."""
    if file.table != "orders":
        return readings
    filled = dict(readings)
    if "status" not in columns:
        filled["status"] = Reading(quote_text(dataset.conventions.paid_statuses[0]))
    is_test = readings["is_test"]
    filled["is_test"] = Reading(f"coalesce({is_test.value}, false)", is_test.faults)
    return filled


def first_fault(readings: Mapping[str, Reading], wanted: str) -> str | None:
    """Return SQL for the first fault of a row: the column it is in, or its reason."""
    branches = [
        f"when {condition} then {quote_text(name if wanted == REJECT_COLUMN else reason)}"
        for name, reading in readings.items()
        for condition, reason in reading.faults
    ]
    return f"case {' '.join(branches)} end" if branches else None


def describe_rejects(file: LandedFile, rows: pa.Table) -> pa.Table:
    """Return rejected rows in the shape of raw.rejects."""
    count = rows.num_rows
    return pa.table(
        {
            "source_table": pa.array([file.table] * count, pa.string()),
            "file_name": pa.array([file.name] * count, pa.string()),
            "line": rows.column(LINE).cast(pa.int64()),
            "column_name": rows.column(REJECT_COLUMN).cast(pa.string()),
            "reason": rows.column(REJECT_REASON).cast(pa.string()),
            "amount": rows.column("amount").cast(pa.decimal128(18, 2)),
        },
        schema=RAW_TABLES["raw.rejects"].schema,
    )


def list_reasons() -> list[dict[str, str]]:
    """Return the rows of raw.reasons."""
    return [
        {"reason": code, "reason_zh": reason.zh, "reason_en": reason.en}
        for code, reason in REASONS.items()
    ]
