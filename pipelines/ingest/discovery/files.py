"""The files of a folder as discovery sees them: kind, columns, and a sample of a few columns.

What the columns mean stands in `pipelines.ingest.discovery.guesses`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dataset import SETTINGS_FILES, FileSource
from pipelines.errors import InputError
from pipelines.ingest.discovery.names import quote
from pipelines.ingest.formats import FileKind, identify, open_table
from pipelines.ingest.words import Note
from pipelines.ingest.workbook import list_headers

SAMPLE_ROWS = 100_000
TITLE_ROWS = 3  # so many rows may stand above the header of a workbook
# Text that is no export, whatever commas it holds.
OTHER_TEXTS = (".py", ".md", ".yaml", ".yml", ".json", ".sql", ".sh", ".log", ".ini", ".toml")


@dataclass(frozen=True, eq=False)
class FoundFile:
    """A file that can be read, or one sheet of it, with its columns; Parquet has types, too."""

    path: Path
    columns: tuple[str, ...]
    schema: pa.Schema | None = None
    sheet: str | None = None
    header_row: int = 1

    @property
    def label(self) -> str:
        """The file's name in quotes, with the sheet where it has several."""
        name = quote(self.path.name)
        return name if self.sheet is None else f"{name}[{quote(self.sheet)}]"

    @property
    def source(self) -> FileSource:
        """The settings with which the file is opened."""
        return FileSource(path="any", sheet=self.sheet, header_row=self.header_row)


def find_files(folder: Path) -> tuple[list[FoundFile], list[Note]]:
    """Return the readable files of a folder by name, and what is to be said of the others."""
    found: list[FoundFile] = []
    notes = []
    for path in sorted(folder.iterdir()):
        if path.name in SETTINGS_FILES or not path.is_file():
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
    kind = identify(path)
    if kind is FileKind.PARQUET:
        schema = read_schema(path)
        return [FoundFile(path, tuple(schema.names), schema)]
    if kind is FileKind.XLSX:
        return read_sheets(path)
    if kind is FileKind.TEXT and path.suffix.lower() in OTHER_TEXTS:
        return []
    file = FoundFile(path, ())
    return [FoundFile(path, tuple(open_table(path, quote(path.name), file.source).header))]


def read_sheets(path: Path) -> list[FoundFile]:
    """Return a workbook, or each of its sheets where their headers differ.

    Rows of titles above the header are passed over. Raises InputError where it cannot be read.
    """
    for header_row in range(1, TITLE_ROWS + 2):
        headers = list_headers(path, quote(path.name), header_row)
        if headers:
            shapes = {tuple(header) for header in headers.values()}
            if len(shapes) == 1:
                return [FoundFile(path, shapes.pop(), header_row=header_row)]
            return [
                FoundFile(path, tuple(header), sheet=sheet, header_row=header_row)
                for sheet, header in headers.items()
            ]
    return []


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
    table = open_table(file.path, file.label, file.source)
    places = [str(table.header.index(name)) for name in columns.values()]
    for batch in table.read_batches([int(place) for place in places]):
        yield clean(columns, [batch.column(place) for place in places])


def clean(columns: Mapping[str, str], arrays: list[pa.Array]) -> pa.RecordBatch:
    """Return a batch of cells as text without what surrounds it."""
    texts = []
    for array in arrays:
        text = pc.utf8_trim_whitespace(array.cast(pa.string()))
        texts.append(pc.replace_substring_regex(text, r'^(=")(.*)"$|^\'', r"\2"))
    return pa.RecordBatch.from_arrays(texts, names=list(columns))
