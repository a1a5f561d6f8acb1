"""XLSX workbooks as text tables; every look into one is a child process with limits.

What a cell's text is stands in `pipelines.ingest.workbook_xml`; no workbook is parsed here.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import InputError
from pipelines.ingest.text import ORDINAL, WRONG_COUNT, wrap_integers

CHILD = "pipelines.ingest.workbook_child"
ROOT = Path(__file__).parents[2]
REFUSED = 3
# Raised when cells become other text, so that copies of workbooks are read again.
RENDERING = 1


@dataclass
class Workbook:
    """The sheets of a workbook that have one header, one after the other.

    `encoding` says how the workbook is read: the kind, the sheets and the row of the header.
    """

    path: Path
    name: str
    sheets: list[str]
    header_row: int
    header: list[str]
    misfits: dict[int, str] = field(default_factory=dict)
    rows: int = 0

    @property
    def encoding(self) -> str:
        """Return how the workbook is read; another text is another reading of its bytes."""
        return json.dumps(["xlsx", RENDERING, self.header_row, *self.sheets], ensure_ascii=False)

    def read_batches(self, positions: Collection[int] | None = None) -> pa.RecordBatchReader:
        """Return all rows as text, columns named by position, with their ordinal among all rows.

        `positions` chooses columns. Empty rows are no rows. Rows with cells beyond the header are
        left out and kept in `misfits`, which with `rows` is complete when all batches have been
        read. Raises InputError where the workbook is damaged further down.
        """
        chosen = range(len(self.header)) if positions is None else sorted(set(positions))
        names = [str(position) for position in chosen]
        schema = pa.schema([(ORDINAL, pa.int64()), *((name, pa.string()) for name in names)])
        return pa.RecordBatchReader.from_batches(schema, self.number_batches(schema))

    def number_batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the batches of `read_batches`."""
        self.misfits, self.rows = {}, 0
        for first, batch in self.iterate_batches():
            ordinals = wrap_integers(np.arange(first, first + batch.num_rows))
            columns = [ordinals, *(batch.column(name) for name in schema.names[1:])]
            numbered = pa.RecordBatch.from_arrays(columns, schema=schema)
            misfits = find_misfits(batch)
            if misfits.size:
                self.misfits |= dict.fromkeys((first + misfits).tolist(), WRONG_COUNT)
                numbered = numbered.filter(pc.equal(batch.column("misfit"), ""))
            self.rows = first + batch.num_rows
            yield numbered

    def iterate_batches(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield what the child writes, each batch with the ordinal of its first row."""
        arguments = ["read", str(self.path), str(self.header_row), *self.sheets]
        first = 0
        with run_child(self.name, arguments) as process:
            for batch in unpack_batches(process.stdout, len(self.header)):
                yield first, batch
                first += batch.num_rows

    def read_rows(self, ordinals: Collection[int]) -> dict[int, tuple[int, str]]:
        """Return the rows of given ordinals: their number in the sheet and their text as CSV.

        Where several sheets are read, the text begins with sheet and row, as in `'May'!7: `. The
        whole workbook is read again.
        """
        wanted = np.array(sorted(ordinals), np.int64)
        found: dict[int, tuple[int, str]] = {}
        for first, batch in self.iterate_batches():
            low, high = np.searchsorted(wanted, [first, first + batch.num_rows])
            for ordinal in wanted[low:high].tolist():
                row = batch.slice(ordinal - first, 1).to_pylist()[0]
                place = ""
                if len(self.sheets) > 1:
                    quoted = self.sheets[row["sheet"]].replace("'", "''")
                    place = f"'{quoted}'!{row['row']}: "
                found[ordinal] = row["row"], place + self.join_row(row)
        return found

    def read_misfits(self) -> Iterator[tuple[int, str]]:
        """Yield number and text of the rows with cells beyond the header; it has more cells."""
        for _, batch in self.iterate_batches():
            for row in batch.filter(pc.not_equal(batch.column("misfit"), "")).to_pylist():
                yield row["row"], row["misfit"]

    def join_row(self, row: dict[str, str]) -> str:
        """Return a row's text as CSV."""
        cells = [row[str(position)] for position in range(len(self.header))]
        return row["misfit"] or join_cells(cells)


def find_misfits(batch: pa.RecordBatch) -> np.ndarray:
    """Return the places of rows with cells beyond the header, by the ends of their texts.

    To compare them with an empty text pyarrow would import pandas.
    """
    return np.flatnonzero(np.diff(np.frombuffer(batch.column("misfit").buffers()[1], np.int32)))


def unpack_batches(stream: IO[bytes] | None, width: int) -> Iterator[pa.RecordBatch]:
    """Yield the batches that the child writes: sheet, row, misfit, and the cells by position.

    What it had no time to write to its end is left out; why, its end tells.
    """
    names = ["sheet", "row", "misfit", *(str(position) for position in range(width))]
    while stream is not None and len(head := stream.read(16)) == 16:
        count, sheet = np.frombuffer(head, np.int64).tolist()
        rows = stream.read(8 * count)
        arrays = [
            wrap_integers(np.full(count, sheet)),
            wrap_integers(np.frombuffer(rows, np.int64)),
        ]
        for _ in range(width + 1):
            ends = stream.read(4 * (count + 1))
            if len(ends) < 4 * (count + 1):
                return
            length = int(np.frombuffer(ends, np.int32)[-1])
            data = stream.read(length)
            if len(data) < length:
                return
            arrays.append(
                pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(data))
            )
        yield pa.RecordBatch.from_arrays(arrays, names)


def join_cells(cells: list[str]) -> str:
    """Return cells as one line of CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="").writerow(cells)
    return stream.getvalue()


def open_workbook(path: Path, name: str, sheet: str | None, header_row: int) -> Workbook:
    """Return a workbook with its header read and its sheets chosen.

    The header is the first filled row that is not above `header_row`. Raises InputError where the
    workbook is damaged, encrypted or a bomb, or where it is not clear which sheet is meant.
    """
    wanted = [] if sheet is None else [sheet]
    with run_child(name, ["peek", str(path), str(header_row), *wanted]) as process:
        answer = process.stdout.read() if process.stdout else b""
    found = json.loads(answer)
    return Workbook(path, name, found["sheets"], header_row, found["header"])


def list_headers(path: Path, name: str, header_row: int) -> dict[str, list[str]]:
    """Return the header of each sheet of a workbook, of those that have one at that row or below.

    Raises InputError where the workbook is damaged, encrypted or a bomb.
    """
    with run_child(name, ["list", str(path), str(header_row)]) as process:
        answer = process.stdout.read() if process.stdout else b""
    headers: dict[str, list[str]] = json.loads(answer)
    return headers


@contextmanager
def run_child(name: str, arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child, give it to read from, and end it.

    Raises InputError with its sentence where it refuses the workbook, and with one of ours where
    its limits end it; then what was read from it does not count.
    """
    process = subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", CHILD, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=choose_environment(),
    )
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    else:
        explain_end(process, name)
    finally:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()


def choose_environment() -> dict[str, str]:
    """Return the little that the child needs; secrets of the environment stay here."""
    kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def explain_end(process: subprocess.Popen[bytes], name: str) -> None:
    """Raise InputError where the child did not end well."""
    sentence = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
    code = process.wait()
    if code == REFUSED:
        raise InputError(f"{name}: {sentence}")
    if code != 0:
        raise InputError(
            f"{name}: the workbook takes more memory or time than any export does, or is damaged; "
            "save it as CSV."
        )
