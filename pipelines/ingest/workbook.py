"""XLSX workbooks as text tables; every look into one is a child process with limits.

What a cell's text is stands in `pipelines.ingest.workbook_xml`; no workbook is parsed here.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import InputError
from pipelines.ingest.text import ORDINAL

CHILD = "pipelines.ingest.workbook_child"
ROOT = Path(__file__).parents[2]
REFUSED = 3
# Raised when cells become other text, so that copies of workbooks are read again.
RENDERING = 1
FIXED_COLUMNS = 3


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
    misfits: list[int] = field(default_factory=list)

    @property
    def encoding(self) -> str:
        """Return how the workbook is read; another text is another reading of its bytes."""
        return json.dumps(["xlsx", RENDERING, self.header_row, *self.sheets], ensure_ascii=False)

    def read_batches(self) -> pa.RecordBatchReader:
        """Return all rows as text, columns named by position, with their ordinal from 0.

        Empty rows are no rows. Rows with cells beyond the header are left out and kept in
        `misfits`, as ordinals among all rows. Raises InputError where the workbook is damaged
        further down.
        """
        names = [str(position) for position in range(len(self.header))]
        schema = pa.schema([(ORDINAL, pa.int64()), *((name, pa.string()) for name in names)])
        return pa.RecordBatchReader.from_batches(schema, self.number_batches(schema))

    def number_batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the batches of `read_batches`."""
        self.misfits.clear()
        ordinal = total = 0
        for batch in self.iterate_batches():
            misfit = batch.column("misfit")
            total += batch.num_rows
            if misfit.null_count < batch.num_rows:
                is_row = misfit.is_null()
                first = total - batch.num_rows
                self.misfits += [
                    first + place for place, fits in enumerate(is_row.to_pylist()) if not fits
                ]
                batch = batch.filter(is_row)
            ordinals = pa.array(range(ordinal, ordinal + batch.num_rows), pa.int64())
            columns = batch.columns[FIXED_COLUMNS:]
            yield pa.RecordBatch.from_arrays([ordinals, *columns], schema=schema)
            ordinal += batch.num_rows

    def iterate_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield what the child writes."""
        arguments = ["read", str(self.path), str(self.header_row), *self.sheets]
        with run_child(self.name, arguments) as process, pa.ipc.open_stream(process.stdout) as rows:
            yield from rows

    def read_rows(self, ordinals: Iterable[int]) -> dict[int, tuple[int, str]]:
        """Return the rows of given ordinals: their number in the sheet and their text as CSV.

        Where several sheets are read, the text begins with sheet and row, as in `'May'!7: `.
        """
        wanted = pa.array(sorted(ordinals), pa.int64())
        found: dict[int, tuple[int, str]] = {}
        ordinal = 0
        for batch in self.iterate_batches():
            rows = batch.filter(batch.column("misfit").is_null())
            numbers = pa.array(range(ordinal, ordinal + rows.num_rows), pa.int64())
            ordinal += rows.num_rows
            chosen = pc.is_in(numbers, value_set=wanted)
            for number, row in zip(
                numbers.filter(chosen).to_pylist(), rows.filter(chosen).to_pylist(), strict=True
            ):
                cells = [row[str(position)] for position in range(len(self.header))]
                found[number] = self.place_row(row["sheet"], row["row"], join_cells(cells))
        return found

    def read_misfits(self) -> Iterator[tuple[int, str]]:
        """Yield the rows with cells beyond the header as `read_rows` does, cells with columns."""
        for batch in self.iterate_batches():
            misfits = batch.select(["sheet", "row", "misfit"])
            for row in misfits.filter(batch.column("misfit").is_valid()).to_pylist():
                yield self.place_row(row["sheet"], row["row"], row["misfit"])

    def place_row(self, sheet: int, row: int, text: str) -> tuple[int, str]:
        """Return a row's number and its text, with its sheet where there are several."""
        if len(self.sheets) == 1:
            return row, text
        quoted = self.sheets[sheet].replace("'", "''")
        return row, f"'{quoted}'!{row}: {text}"


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
    except (pa.ArrowInvalid, OSError) as error:
        explain_end(process, name, error)
        raise
    except BaseException:
        process.kill()
        raise
    else:
        explain_end(process, name, None)
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
        # Allocators that reserve far more than they use would meet the limit of memory.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
    }


def explain_end(process: subprocess.Popen[bytes], name: str, cause: Exception | None) -> None:
    """Raise InputError where the child did not end well."""
    sentence = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
    code = process.wait()
    if code == REFUSED:
        raise InputError(f"{name}: {sentence}") from cause
    if code != 0:
        raise InputError(
            f"{name}: the workbook takes more memory or time than any export does, or is damaged; "
            "save it as CSV."
        ) from cause
