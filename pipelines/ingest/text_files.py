"""Exports as text, parsed once into Parquet: good and rejected rows in one pass over the file.

How a cell is read stands in `pipelines.ingest.cells`; Parquet in `pipelines.ingest.typed_files`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.canonical import Column
from pipelines.dataset import Dataset
from pipelines.engines.duckdb import quote_list, quote_name, quote_text
from pipelines.errors import InputError
from pipelines.ingest.cells import CellRules, Reading, is_total_row, prepare, read_text
from pipelines.ingest.formats import TextTable, open_table
from pipelines.ingest.landing import LandedFile, flush
from pipelines.ingest.outcomes import (
    AMOUNTS,
    BELONGS,
    FAULT,
    NO_AMOUNT,
    PARSER_VERSION,
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
from pipelines.ingest.profiles import lay_out
from pipelines.ingest.readings import Rows, date_export, finish_rows, read_columns
from pipelines.ingest.reasons import REASONS
from pipelines.ingest.text import ORDINAL

MAX_REJECTED = 1_000_000
TOTALLED = 2  # columns in which a line of totals says so


@dataclass(frozen=True)
class Shape:
    """How a file is encoded, and the names of its columns."""

    encoding: str
    header: list[str]


def name_shape(file: LandedFile) -> str:
    """Return the name under which a file's shape is kept: its content, and how it is opened."""
    source = file.source
    settings = json.dumps([PARSER_VERSION, source.encoding, source.sheet, source.header_row])
    return f"{file.sha256}-{hashlib.sha256(settings.encode()).hexdigest()[:16]}.shape.json"


def look_up_shape(file: LandedFile, room: Room) -> Shape:
    """Return the shape of a text table; a file that was opened before is not looked at again."""
    name = name_shape(file)
    path = room.parsed / name
    if not path.exists():
        text = room.opened[name] = open_table(file.path, file.name, file.source)
        part = path.with_suffix(".part")
        part.write_text(json.dumps([text.encoding, text.header]), encoding="utf-8")
        part.replace(path)
    return Shape(*json.loads(path.read_text(encoding="utf-8")))


def parse_text_table(file: LandedFile, dataset: Dataset, room: Room) -> ParsedFile:
    """Parse anything but Parquet once into Parquet, good and rejected rows in one pass."""
    shape = look_up_shape(file, room)
    layout = lay_out(file.table, file.key_table, file.name, file.source, shape.header)
    read: set[int] = set()

    def name_cell(name: str) -> str:
        position = shape.header.index(name)
        read.add(position)
        return str(position)

    def read_cell(name: str, column: Column, rules: CellRules) -> Reading:
        return read_text(name_cell(name), column, rules)

    readings = read_columns(layout, file.source, dataset, read_cell)
    readings |= date_export(layout, file.source, file.name)
    key = next(iter(layout.columns.values()), None)
    cells = [str(position) for position in range(len(shape.header))][:TOTALLED]
    read.update(map(int, cells))
    rows = finish_rows(
        layout,
        readings,
        dataset,
        lambda name: quote_name(name_cell(name)),
        is_total_row(cells, name_cell(key[0]) if key else None),
    )
    # What is the same on every row is not written: columns of nothing cost a quarter of the time.
    kept = [name for name in rows.readings if rows.varies(name)]
    selected = ", ".join(f"{rows.readings[name].value} as {name}" for name in kept)
    query = (
        f"select {selected}, {file.number} as file_number, {rows.fault} as {FAULT},"
        f" {rows.belongs or 'true'} as {BELONGS}, {ORDINAL}"
        f" from {prepare('batches', rows.readings.values())}"
    )
    names = ", ".join(
        quote_name(name) if rows.varies(name) else f"{reading.value} as {name}"
        for name, reading in rows.readings.items()
    )
    distinct = "distinct " if layout.rows == "repeated" else ""
    good = escape_braces(f"select {distinct}{names}, file_number from ")
    good += "read_parquet({paths})"
    stem = name_outcome(file, layout, [query, names, shape.encoding], room)
    target, rejected = room.parsed / f"{stem}.parquet", room.rejected / f"{stem}.parquet"
    if not (target.exists() and rejected.exists()):
        text = room.opened.pop(name_shape(file), None)
        text = text or open_table(file.path, file.name, file.source)
        write_parsed(text, read, query, rows, target, rejected, file, good, room)
    outcome = load_outcome(rejected)
    return ParsedFile(
        file, outcome.counts, layout, tuple(shape.header), target, rejected, outcome.query
    )


def write_parsed(
    text: TextTable,
    read: set[int],
    query: str,
    rows: Rows,
    target: Path,
    rejected: Path,
    file: LandedFile,
    good: str,
    room: Room,
) -> None:
    """Parse a text table into `target` and its rejected rows into `rejected`."""
    part = target.with_suffix(".part")
    amount = AMOUNTS.get(file.table, NO_AMOUNT)
    with connect_reader(room.key) as connection:
        refusals: list[InputError] = []
        connection.register("batches", watch(text.read_batches(read), refusals))
        # There is nothing to optimize, and looking for it takes longer than reading a small file.
        connection.execute("pragma disable_optimizer")
        ordinal = f"case when {FAULT} is not null then {ORDINAL} end as {ORDINAL}"
        belongs = "" if rows.belongs is not None else f" exclude ({BELONGS})"
        keep = f"*{belongs} replace ({ordinal})"
        try:
            connection.execute(
                f"copy (select {keep} from ({query})) to {quote_text(str(part))}"
                " (format parquet, compression zstd)"
            )
        except (duckdb.IOException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error as error:
            if refusals:
                raise refusals[0] from error
            raise InputError(
                f"{text.name}: the rows cannot be told apart; export the file again as CSV."
            ) from error
        connection.execute("pragma enable_optimizer")
        parsed = f"read_parquet({quote_text(str(part))})"
        found = connection.execute(
            f"select {ORDINAL}, {FAULT}, {amount} as amount from {parsed}"
            f" where {FAULT} is not null order by {ORDINAL}"
        ).fetchall()
        refuse_wrong_file(text.name, rows, Counter(row[1] for row in found))
        conditions = [f"{FAULT} is null"] if found else []
        conditions += [BELONGS] if rows.belongs is not None else []
        good += f" where {' and '.join(conditions)}" if conditions else ""
        counted = good.format(paths=quote_list([str(part)]))
        counts = count_rows(connection, file.table, counted, found, text.rows, len(text.misfits))
    texts = text.read_rows({row[0] for row in found} | text.misfits.keys())
    faulty = [
        (texts[ordinal][0], *rows.faults[fault - 1][1:], paid, texts[ordinal][1])
        for ordinal, fault, paid in found
    ]
    faulty += [
        (texts[ordinal][0], "", reason, None, texts[ordinal][1])
        for ordinal, reason in text.misfits.items()
    ]
    write_outcome(sorted(faulty, key=lambda row: row[0]), rejected, Outcome(good, counts))
    flush(part)
    part.replace(target)


def watch(reader: pa.RecordBatchReader, refusals: list[InputError]) -> pa.RecordBatchReader:
    """Return the same batches; what refuses the file while they are read is kept in `refusals`."""

    def pass_on() -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except InputError as error:
            refusals.append(error)
            raise

    return pa.RecordBatchReader.from_batches(reader.schema, pass_on())


def refuse_wrong_file(name: str, rows: Rows, counts: Counter[int]) -> None:
    """Raise InputError where so many rows are faulty that the file is not what it was taken for."""
    if counts.total() <= MAX_REJECTED:
        return
    fault, count = counts.most_common(1)[0]
    _, column, reason = rows.faults[fault - 1]
    raise InputError(
        f"{name}: {counts.total():,} rows cannot be read, {count:,} of them for {column} "
        f"({REASONS[reason].en.lower()}); correct the mapping in dataset.yaml or export it again."
    )
