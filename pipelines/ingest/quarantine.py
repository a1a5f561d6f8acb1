"""The restricted place where rejected rows stay with their text: file, line, column, reason, row.

Why a row is rejected is decided in `pipelines.ingest.tables`; nothing of a row's text goes anywhere
else.
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ingest.landing import flush

# The rows of one file that were rejected; `amount` is what was paid or refunded, where readable.
REJECTED_ROWS = pa.schema(
    [
        ("line", pa.int64()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
        ("amount", pa.decimal128(18, 2)),
        ("row_text", pa.string()),
    ]
)
HEADER = ("source_table", "file_name", "line", "column_name", "reason", "row_text")


def open_quarantine(folder: Path) -> None:
    """Make the folder, which only its owner may look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_rejected(rows: pa.Table, path: Path) -> None:
    """Write the rejected rows of one file, whole or not at all, readable by the owner alone."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    pq.write_table(rows, part)
    flush(part)
    part.replace(path)


def write_list(
    rejected: list[tuple[str, str, Path]], path: Path, conflicts: Sequence[str] = ()
) -> None:
    """Write the list that a person reads, from (table, file name, rejected rows' file).

    `conflicts` are texts of versions of one order that contradict each other. Sorted by table, file
    and line; a cell that a spreadsheet would take for a formula is quoted.
    """
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for table, name, rows_path in sorted(rejected):
            for batch in pq.ParquetFile(rows_path).iter_batches():
                for row in batch.to_pylist():
                    cells = (row["line"], row["column_name"], row["reason"], row["row_text"])
                    writer.writerow([table, name, *(guard_formula(cell) for cell in cells)])
        for text in conflicts:
            writer.writerow(["orders", "", "", "", "conflicting_versions", text])
    part.replace(path)


def guard_formula(cell: object) -> object:
    """Return a text that no spreadsheet runs as a formula."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell
