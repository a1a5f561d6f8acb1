"""A data set's files through the real parser, without a run: rows, rejected rows, and their counts.

What must come out is said by whoever asks.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.dataset import load_dataset
from pipelines.engines.duckdb import quote_list
from pipelines.ingest.landing import land_files
from pipelines.ingest.outcomes import ParsedFile, connect_reader, make_room
from pipelines.ingest.tables import describe_rejects, parse_files


@dataclass(frozen=True)
class Read:
    """What the parser made of some files: accepted and rejected rows of one table, in order."""

    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    files: list[ParsedFile]


def read_folder(folder: Path, work: Path, table: str = "orders") -> Read:
    """Land and parse the files of a data set, and read what fills one table."""
    dataset = load_dataset(folder)
    landed = land_files(folder, dataset, work / "landing")
    files = parse_files(landed, dataset, make_room(work / "parsed", work / "quarantine"))
    with connect_reader(None) as connection:
        return read_parsed([file for file in files if file.file.table == table], connection)


def read_parsed(files: list[ParsedFile], connection: duckdb.DuckDBPyConnection) -> Read:
    """Return the rows of parsed files."""
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    for file in files:
        if file.query is None:
            continue
        query = file.query.format(paths=quote_list([str(file.path)]))
        rows += connection.sql(query).to_arrow_table().to_pylist()
        if file.counts.quarantined_count:
            rejects += describe_rejects(file).to_pylist()
    return Read(rows, rejects, files)


def check_conservation(found: Read) -> None:
    """Compare the parser's own counts with the rows that it gave."""
    for file in found.files:
        counts = file.counts
        assert counts.row_count == (
            counts.accepted_count + counts.quarantined_count + counts.continuation_count
        )
    assert sum(file.counts.accepted_count for file in found.files) == len(found.rows)
    assert sum(file.counts.quarantined_count for file in found.files) == len(found.rejects)


def is_one_sentence(message: str) -> bool:
    """Whether a message is one line that ends as a sentence does."""
    return len(message.splitlines()) == 1 and message.endswith(".") and len(message) < 2_000
