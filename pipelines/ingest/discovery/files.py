"""The files of a folder as discovery sees them: kind, columns, and a sample of a few columns.

What the columns mean stands in `pipelines.ingest.discovery.guesses`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dataset import FileSource
from pipelines.errors import InputError
from pipelines.ingest.discovery.names import quote
from pipelines.ingest.formats import open_table
from pipelines.ingest.words import Note

SAMPLE_ROWS = 100_000
PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True, eq=False)
class FoundFile:
    """A file that can be read, or one sheet of it, with its columns; Parquet has types, too."""

    path: Path
    columns: tuple[str, ...]
    schema: pa.Schema | None = None
    sheet: str | None = None
    is_only_sheet: bool = True

    @property
    def label(self) -> str:
        """The file's name in quotes, with the sheet where it has several."""
        name = quote(self.path.name)
        return name if self.is_only_sheet or self.sheet is None else f"{name}[{quote(self.sheet)}]"


def find_files(folder: Path) -> tuple[list[FoundFile], list[Note]]:
    """Return the readable files of a folder by name, and what is to be said of the others."""
    found: list[FoundFile] = []
    notes = []
    for path in sorted(folder.iterdir()):
        if path.name == "dataset.yaml" or not path.is_file():
            continue
        name = quote(path.name)
        try:
            path.name.encode()
            inside = path.resolve().is_relative_to(folder.resolve())
            files = read_headers(path) if inside else []
        except UnicodeEncodeError:
            notes.append(Note("ignored_name", {"file": name}))
            continue
        except InputError as error:
            notes.append(Note("ignored_unreadable", {"problem": str(error)}))
            continue
        except OSError as error:
            notes.append(Note("ignored_error", {"file": name, "problem": error.strerror}))
            continue
        if not files:
            notes.append(Note("ignored_kind", {"file": name}))
        found += files
    return found, notes


def read_headers(path: Path) -> list[FoundFile]:
    """Return a file with its columns, one entry per sheet that has any; none for another kind.

    Raises InputError where it looks like an export and cannot be read.
    """
    with path.open("rb") as stream:
        is_parquet = stream.read(4) == PARQUET_MAGIC
    if is_parquet:
        schema = read_schema(path)
        return [FoundFile(path, tuple(schema.names), schema)]
    source = FileSource(path="any")
    return [FoundFile(path, tuple(open_table(path, quote(path.name), source).header))]


def read_schema(path: Path) -> pa.Schema:
    """Return the columns and types of a Parquet file.

    Raises InputError where it is damaged.
    """
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{quote(path.name)} is not a readable Parquet file.") from error


def sample_columns(file: FoundFile, columns: Mapping[str, str]) -> pa.Table:
    """Return the first rows of a file, text of the given columns under the given names.

    Cells are without the white space around them, Excel's `="…"` and the apostrophe that marks
    text. Raises InputError where the file cannot be read as rows.
    """
    present = {name: column for name, column in columns.items() if column in file.columns}
    batches: list[pa.RecordBatch] = []
    count = 0
    try:
        for batch in read_batches(file, present):
            batches.append(batch.slice(0, SAMPLE_ROWS - count))
            count += batches[-1].num_rows
            if count >= SAMPLE_ROWS:
                break
    except pa.ArrowException as error:
        raise InputError(f"{file.label} cannot be read as rows; export it again.") from error
    schema = pa.schema([(name, pa.string()) for name in present])
    return pa.Table.from_batches(batches, schema) if present else schema.empty_table()


def read_batches(file: FoundFile, columns: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows from its first, cleaned text of the given columns."""
    if file.schema is not None:
        parquet = pq.ParquetFile(file.path)
        names = list(columns.values())
        for batch in parquet.iter_batches(columns=list(dict.fromkeys(names))):
            yield clean(columns, [batch.column(name) for name in names])
        return
    table = open_table(file.path, file.label, FileSource(path="any", sheet=file.sheet))
    places = [str(table.header.index(name)) for name in columns.values()]
    for batch in table.read_batches():
        yield clean(columns, [batch.column(place) for place in places])


def clean(columns: Mapping[str, str], arrays: list[pa.Array]) -> pa.RecordBatch:
    """Return a batch of cells as text without what surrounds it."""
    texts = []
    for array in arrays:
        text = pc.utf8_trim_whitespace(array.cast(pa.string()))
        texts.append(pc.replace_substring_regex(text, r'^(=")(.*)"$|^\'', r"\2"))
    return pa.RecordBatch.from_arrays(texts, names=list(columns))
