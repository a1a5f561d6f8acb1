"""A process of its own with limits for one workbook: `list` and `peek` at headers, or `read`.

It writes JSON or buffers of Arrow arrays to its output and one sentence to its errors; how cells
become text stands in `pipelines.ingest.workbook_xml`, and nothing here knows of raw tables.
"""

import array
import csv
import gc
import io
import itertools
import json
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from pipelines.errors import InputError
from pipelines.ingest.workbook_xml import (
    Book,
    Cells,
    LazyTexts,
    Row,
    Sheet,
    SheetRows,
    name_column,
    number_column,
    open_book,
)

MEMORY_BYTES = 2 << 30
START_SECONDS = 20
# Ten times what reading takes.
BYTES_A_SECOND = 2 << 20
REFUSED = 3
MAX_COLUMNS = 2_000
LISTED_SHEETS = 20
BATCH_CELLS = 200_000
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
    expat.ExpatError,
)


@dataclass(frozen=True)
class Header:
    """A sheet's header: its row, its columns' letters and their names."""

    row: int
    letters: tuple[str, ...]
    names: tuple[str, ...]


def main() -> None:
    """Do what the arguments say: peek or read, the file, the row of the header, sheet or sheets."""
    # Nothing here makes cycles, and millions of cells would be looked through for them.
    gc.disable()
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CPU, START_SECONDS)
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CORE, 0)
    act, path, header_row, *sheets = sys.argv[1:]
    try:
        book = open_book(Path(path))
        limit(resource.RLIMIT_CPU, START_SECONDS + book.total_bytes // BYTES_A_SECOND)
        if act == "peek":
            sys.stdout.write(json.dumps(peek_book(book, int(header_row), sheets)))
        elif act == "list":
            sys.stdout.write(json.dumps(list_headers(book, int(header_row))))
        else:
            stream_sheets(book, int(header_row), sheets)
    except InputError as error:
        refuse(str(error))
    except DAMAGED:
        refuse("the workbook is damaged or was not copied to its end; export it again.")


def limit(kind: int, amount: int) -> None:
    """Set one limit of this process, never above what it was given."""
    hard = resource.getrlimit(kind)[1]
    soft = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    resource.setrlimit(kind, (soft, hard))


def refuse(sentence: str) -> None:
    """End with a sentence for the user."""
    sys.stderr.write(sentence)
    sys.exit(REFUSED)


def peek_book(book: Book, header_row: int, wanted: list[str]) -> dict[str, list[str]]:
    """Return the header and the sheets that are read: the one wanted, or the filled ones.

    Raises InputError where several are filled and their headers differ.
    """
    sheets = book.sheets
    if wanted:
        sheets = [sheet for sheet in sheets if sheet.name == wanted[0]]
        if not sheets:
            raise InputError(
                f"there is no sheet {wanted[0]!r}; the sheets are {list_names(book.sheets)}. "
                "Correct `sheet` in dataset.yaml."
            )
    found = {sheet: read_header(book, sheet, header_row) for sheet in sheets}
    filled = {sheet: header for sheet, header in found.items() if header is not None}
    if not filled:
        raise InputError(
            f"row {header_row} and those below it are empty in {list_names(sheets)}; export the "
            "file with column names."
        )
    if len({header.names for header in filled.values()}) > 1:
        raise InputError(
            f"the sheets {list_names(list(filled))} have different headers; name the one to read "
            "as `sheet` in dataset.yaml."
        )
    names = next(iter(filled.values())).names
    return {"header": list(names), "sheets": [sheet.name for sheet in filled]}


def list_headers(book: Book, header_row: int) -> dict[str, list[str]]:
    """Return the header of each sheet that has one; a sheet that begins with a title has none."""
    headers: dict[str, list[str]] = {}
    for sheet in book.sheets:
        try:
            header = read_header(book, sheet, header_row)
        except InputError:
            continue
        if header is not None:
            headers[sheet.name] = list(header.names)
    return headers


def list_names(sheets: list[Sheet]) -> str:
    """Return the names of sheets for a sentence."""
    names = [f"{sheet.name!r}{' (hidden)' if sheet.is_hidden else ''}" for sheet in sheets]
    more = [f"and {len(names) - LISTED_SHEETS} more"] if len(names) > LISTED_SHEETS else []
    return ", ".join(names[:LISTED_SHEETS] + more) or "the workbook"


def iterate_filled(book: Book, sheet: Sheet, header_row: int) -> Iterator[Row]:
    """Yield the filled rows from the header's on, one by one."""
    for rows in SheetRows(book, sheet):
        for row in rows:
            if row[0] >= header_row:
                yield row


def read_header(book: Book, sheet: Sheet, header_row: int) -> Header | None:
    """Return the first filled row of a sheet, not above `header_row`; None where there is none.

    Raises InputError where it is wider than any export, or where it looks like a title.
    """
    rows = iterate_filled(book, sheet, header_row)
    first = next(rows, None)
    if first is None:
        return None
    row, cells = first
    filled = sorted(number_column(letters) for letters, text in cells.items() if text.strip())
    if not filled:
        raise InputError(f"sheet {sheet.name!r}, row {row}: the header holds nothing but spaces.")
    width = filled[-1] - filled[0] + 1
    if width > MAX_COLUMNS:
        raise InputError(
            f"sheet {sheet.name!r}, row {row}: the header reaches from column "
            f"{name_column(filled[0])} to {name_column(filled[-1])}; an export has at most "
            f"{MAX_COLUMNS:,} columns."
        )
    below = next(rows, None)
    if len(filled) == 1 and below is not None and sum(map(bool, below[1].values())) > 1:
        raise InputError(
            f"sheet {sheet.name!r}, row {row} has one filled cell, as a title has; set "
            "`header_row` in dataset.yaml to the row of the column names, or, if it is no table, "
            "name in `sheet` the one to read."
        )
    letters = tuple(name_column(filled[0] + step) for step in range(width))
    return Header(row, letters, tuple(cells.get(column, "").strip() for column in letters))


def stream_sheets(book: Book, header_row: int, names: list[str]) -> None:
    """Write all rows of the sheets in batches, as the buffers of Arrow arrays.

    A batch is the number of its rows and the position of its sheet in the names; the rows' numbers
    in the sheet; and columns of texts, each the ends of its texts and their bytes: first `misfit`
    (the text of a row with cells beyond the header, else empty), then the cells. pyarrow itself is
    not needed for this, and would take longer to import than most workbooks to read.
    """
    if isinstance(book.texts, LazyTexts):
        book.texts = book.texts.read_all()
    output = sys.stdout.buffer
    for position, name in enumerate(names):
        sheet = next(sheet for sheet in book.sheets if sheet.name == name)
        header = read_header(book, sheet, header_row)
        if header is None:
            continue
        for rows in gather_rows(book, sheet, header):
            output.write(array.array("q", [len(rows), position, *(number for number, _ in rows)]))
            for column in lay_columns(rows, header):
                for buffer in pack_texts(column):
                    output.write(buffer)


def pack_texts(texts: list[str]) -> "tuple[array.array[int], bytes]":
    """Return the ends of texts, from 0 on, and their bytes in UTF-8."""
    joined = "".join(texts)
    pieces: list[str] | list[bytes] = texts
    if joined.isascii():
        data = joined.encode()
    else:
        pieces = [text.encode() for text in texts]
        data = b"".join(pieces)
    return array.array("i", itertools.accumulate(map(len, pieces), initial=0)), data


def gather_rows(book: Book, sheet: Sheet, header: Header) -> Iterator[list[Row]]:
    """Yield the rows below the header in lists of about as many cells."""
    most = max(1, BATCH_CELLS // len(header.letters))
    gathered: list[Row] = []
    for rows in SheetRows(book, sheet):
        gathered += rows if rows and rows[0][0] > header.row else below_header(rows, header)
        while len(gathered) >= most:
            yield gathered[:most]
            gathered = gathered[most:]
    if gathered:
        yield gathered


def below_header(rows: list[Row], header: Header) -> list[Row]:
    """Return the rows that come after the header."""
    return [row for row in rows if row[0] > header.row]


def lay_columns(rows: list[Row], header: Header) -> Iterator[list[str]]:
    """Yield the texts of the misfits, and the cells column by column."""
    known = set(header.letters)
    yield [
        "" if cells.keys() <= known or fits(cells, known) else join_misfit(cells, header)
        for _, cells in rows
    ]
    for letters in header.letters:
        yield [cells.get(letters, "") for _, cells in rows]


def fits(cells: Cells, known: set[str]) -> bool:
    """Whether all filled cells of a row are in columns of the header."""
    return all(letters in known for letters, text in cells.items() if text)


def join_misfit(cells: Cells, header: Header) -> str:
    """Return a row as CSV, from the first to the last of its own columns and the header's."""
    filled = [letters for letters, text in cells.items() if text]
    numbers = [number_column(letters) for letters in (*filled, *header.letters)]
    columns = map(name_column, range(min(numbers), max(numbers) + 1))
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="").writerow([cells.get(each, "") for each in columns])
    return stream.getvalue()


if __name__ == "__main__":
    main()
