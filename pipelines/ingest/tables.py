"""From landed files to raw tables: each file made readable once, and the tables that they fill.

How a file is read stands in `pipelines.ingest.text_files` and `pipelines.ingest.typed_files`; what
the tables mean in `pipelines.canonical`.
"""

from collections.abc import Collection
from dataclasses import asdict, replace

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import Dataset, FileSource
from pipelines.engines.duckdb import quote_list
from pipelines.engines.protocol import Engine
from pipelines.errors import InputError
from pipelines.ingest.formats import FileKind, identify
from pipelines.ingest.landing import LandedFile
from pipelines.ingest.outcomes import ParsedFile, Room, RowCounts
from pipelines.ingest.profiles import Layout, lay_out
from pipelines.ingest.quarantine import REJECTED_ROWS
from pipelines.ingest.reasons import REASONS
from pipelines.ingest.text_files import look_up_shape, parse_text_table
from pipelines.ingest.typed_files import expose_typed_file, read_schema
from pipelines.raw import RAW_TABLES


def parse_files(
    files: list[LandedFile], dataset: Dataset, room: Room, unused: Collection[str] = ()
) -> list[ParsedFile]:
    """Make every landed file readable; a file that was parsed before is not parsed again.

    Every file is looked at, whatever is wrong with another. Raises InputError with file and column
    where one cannot be used at all, unless the gate `refused_file` says to go on without it, or it
    fills one of the `unused` tables, on which no figure rests.
    """
    parsed = [
        replace(parse_file(file, dataset, room), is_used=file.table not in unused) for file in files
    ]
    refusals = list(dict.fromkeys(f.refusal for f in parsed if f.is_used and f.refusal is not None))
    if refusals and dataset.gates.refused_file == "stop":
        more = f" And {len(refusals) - 1} more files cannot be used." if len(refusals) > 1 else ""
        raise InputError(refusals[0] + more)
    return parsed


def parse_file(file: LandedFile, dataset: Dataset, room: Room) -> ParsedFile:
    """Make one landed file readable, or say why it cannot be."""
    nothing = RowCounts(0, 0, 0, 0)
    if file.size_bytes == 0:
        return ParsedFile(file, nothing)
    try:
        if identify(file.path) is FileKind.PARQUET:
            return expose_typed_file(file, dataset, room)
        return parse_text_table(file, dataset, room)
    except InputError as error:
        return ParsedFile(file, nothing, refusal=str(error))


def needs_key(files: list[LandedFile], room: Room) -> bool:
    """Whether any id of the files is personal, so that it becomes a token."""
    return any(may_have_tokens(file) and has_tokens(file, room) for file in files)


def may_have_tokens(file: LandedFile) -> bool:
    """Whether a file's source names personal columns at all."""
    named = file.source.profile is not None or bool(file.source.personal)
    return named and file.size_bytes > 0


def has_tokens(file: LandedFile, room: Room) -> bool:
    """Whether a file has personal ids; one that cannot be used has none."""
    try:
        return lay_out_file(file, room).has_tokens
    except InputError:
        return False


def lay_out_file(file: LandedFile, room: Room) -> Layout:
    """Return how a landed file fills its table."""
    if identify(file.path) is FileKind.PARQUET:
        header = read_schema(file).names
    else:
        header = look_up_shape(file, room).header
    return lay_out(file.table, file.key_table, file.name, file.source, header)


def list_given(files: list[ParsedFile], room: Room) -> set[str]:
    """Return the tables and `table.column`s that the files fill, whatever stands in them."""
    given: set[str] = set()
    for parsed in files:
        if parsed.refusal is None and parsed.file.size_bytes:
            layout = lay_out_file(parsed.file, room)
            columns = {*layout.columns, *layout.constants}
            given |= {layout.table, *(f"{layout.table}.{column}" for column in columns)}
    return given


def fill_raw_tables(engine: Engine, files: list[ParsedFile]) -> dict[str, int]:
    """Make every raw table that files fill, empty where there is no file; return rows of rejects.

    The returned mapping counts the rejected rows by table.
    """
    for name in CANONICAL_TABLES:
        shapes: dict[str, list[str]] = {}
        for file in files:
            if file.file.table == name and file.query is not None:
                shapes.setdefault(file.query, []).append(str(file.path))
        if shapes:
            queries = [query.format(paths=quote_list(paths)) for query, paths in shapes.items()]
            engine.expose(f"raw.{name}", "\nunion all\n".join(queries))
        else:
            engine.write(f"raw.{name}", RAW_TABLES[f"raw.{name}"].schema.empty_table())
    schema = RAW_TABLES["raw.rejects"].schema
    rejects = [describe_rejects(file) for file in files if file.counts.quarantined_count]
    engine.write("raw.rejects", pa.concat_tables([schema.empty_table(), *rejects]))
    engine.write("raw.files", describe_files(files))
    counts: dict[str, int] = {}
    for file in files:
        table = file.file.table
        counts[table] = counts.get(table, 0) + file.counts.quarantined_count
    return counts


def describe_rejects(file: ParsedFile) -> pa.Table:
    """Return a file's rejected rows in the shape of raw.rejects, without their text."""
    schema = RAW_TABLES["raw.rejects"].schema
    kept = [field.name for field in REJECTED_ROWS if field.name in schema.names]
    rows = pq.read_table(file.rejected, columns=kept)
    count = rows.num_rows
    columns = {
        "source_table": pa.array([file.file.table] * count, pa.string()),
        "file_name": pa.array([file.file.label] * count, pa.string()),
        **{name: rows.column(name) for name in kept},
    }
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def describe_files(files: list[ParsedFile]) -> pa.Table:
    """Return one row per file and table in the shape of raw.files."""
    rows = [
        {
            "source_table": file.file.table,
            "file_number": file.file.number,
            "file_name": file.file.label,
            "pattern": name_source(file.file.source),
            "byte_count": file.file.size_bytes,
            **asdict(file.counts),
            "is_refused": file.refusal is not None,
            "is_used": file.is_used,
        }
        for file in files
    ]
    return pa.Table.from_pylist(rows, schema=RAW_TABLES["raw.files"].schema)


def name_source(source: FileSource) -> str:
    """Return the pattern of a source, with its sheet where that is named."""
    return source.path if source.sheet is None else f"{source.path}#{source.sheet}"


def list_reasons() -> list[dict[str, str]]:
    """Return the rows of raw.reasons."""
    return [
        {"reason": code, "reason_zh": reason.zh, "reason_en": reason.en}
        for code, reason in REASONS.items()
    ]
