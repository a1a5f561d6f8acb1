"""HTML tables, which old systems export under the name of a workbook, as text tables.

Scripts and styles of a page are never looked at; what is a page is told in
`pipelines.ingest.formats`.
"""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import InputError
from pipelines.ingest.text import ORDINAL, WRONG_COUNT

MAX_BYTES = 256 << 20
CHUNK_CHARACTERS = 1 << 16
MAX_OPEN_CHARACTERS = 1 << 20
MAX_COLUMNS = 2_000
BATCH_ROWS = 10_000
DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
NAMES = {"utf-8": "utf-8", "utf8": "utf-8", "gb2312": "gb18030", "gbk": "gb18030"}
NAMES |= {"gb18030": "gb18030", "gb-2312": "gb18030", "x-gbk": "gb18030", "utf-16": "utf-16"}
# What a browser shows as one space; the no-break space is kept inside of texts.
SPACES = re.compile(r"[ \t\n\r\f]+")
HIDDEN = {"script", "style", "title", "noscript", "template"}

WebRow = tuple[int, list[str]]


@dataclass
class WebTable:
    """The table of a page: its rows as text, those that do not fit apart, each with its line."""

    name: str
    encoding: str
    header: list[str]
    batches: list[pa.Table]
    lines: list[int]
    misfit_rows: dict[int, str]
    misfits: dict[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Return how many rows there are, misfits among them."""
        return len(self.lines)

    def read_batches(self, positions: Collection[int] | None = None) -> pa.RecordBatchReader:
        """Return all rows as text, columns named by position, with their ordinal among all rows.

        `positions` chooses columns. Rows with more or fewer cells than the header are left out and
        kept in `misfits`.
        """
        chosen = range(len(self.header)) if positions is None else sorted(set(positions))
        table = pa.concat_tables([make_schema(len(self.header)).empty_table(), *self.batches])
        return table.select([ORDINAL, *map(str, chosen)]).to_reader()

    def read_rows(self, ordinals: Collection[int]) -> dict[int, tuple[int, str]]:
        """Return the rows of given ordinals: the line on which they begin and their text as CSV."""
        found = {}
        wanted = set(ordinals)
        for ordinal in sorted(wanted & self.misfit_rows.keys()):
            found[ordinal] = self.lines[ordinal], self.misfit_rows[ordinal]
        sought = pa.array(sorted(wanted), pa.int64())
        for batch in self.batches if wanted else ():
            for row in batch.filter(pc.is_in(batch.column(ORDINAL), value_set=sought)).to_pylist():
                cells = [row[str(position)] for position in range(len(self.header))]
                found[row[ORDINAL]] = self.lines[row[ORDINAL]], join_cells(cells)
        return found

    def read_misfits(self) -> Iterator[tuple[int, str]]:
        """Yield line and text of the rows with more or fewer cells than the header."""
        for ordinal, text in self.misfit_rows.items():
            yield self.lines[ordinal], text


def join_cells(cells: list[str]) -> str:
    """Return cells as one line of CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="").writerow(cells)
    return stream.getvalue()


def make_schema(width: int) -> pa.Schema:
    """Return the schema of a table's rows."""
    cells = [(str(position), pa.string()) for position in range(width)]
    return pa.schema([(ORDINAL, pa.int64()), *cells])


def open_web_table(path: Path, name: str, encoding: str, header_row: int) -> WebTable:
    """Return the first table of a page that has a header, wholly read.

    The header is the first row of it, not above `header_row`, with at least two filled cells.
    Raises InputError where cells are merged or tables nested, where the page holds several such
    tables, breaks off, is too large, or is no text of its encoding.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{name}: the page is larger than {MAX_BYTES >> 20} MB; save it as CSV.")
    settled = settle_encoding(path, name, encoding)
    header: list[str] | None = None
    gathered: list[list[str]] = []
    ordinals: list[int] = []
    batches: list[pa.Table] = []
    lines: list[int] = []
    misfits: dict[int, str] = {}
    for line, cells in iterate_rows(path, settled, TableReader(name, header_row)):
        if header is None:
            header = cells
            continue
        if len(cells) == len(header):
            ordinals.append(len(lines))
            gathered.append(cells)
        else:
            misfits[len(lines)] = join_cells(cells)
        lines.append(line)
        if len(gathered) == BATCH_ROWS:
            batches.append(make_batch(ordinals, gathered))
            ordinals, gathered = [], []
    if header is None:
        raise InputError(f"{name}: the page has no table with a header; export it as CSV.")
    if gathered:
        batches.append(make_batch(ordinals, gathered))
    encoding = f"html {settled} {header_row}"
    reasons = dict.fromkeys(misfits, WRONG_COUNT)
    return WebTable(name, encoding, header, batches, lines, misfits, reasons)


def make_batch(ordinals: list[int], rows: list[list[str]]) -> pa.Table:
    """Return rows as Arrow columns, numbered."""
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    numbered = [pa.array(ordinals, pa.int64()), *columns]
    return pa.Table.from_arrays(numbered, schema=make_schema(len(columns)))


def settle_encoding(path: Path, name: str, encoding: str) -> str:
    """Return the encoding of a page: declared, marked, or UTF-8 before GB18030 if all of it fits.

    A page that says it is UTF-8 and is not has lost bytes: it is not tried as anything else.
    """
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    marks = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = next((found for mark, found in marks.items() if head.startswith(mark)), None)
    told = DECLARED.search(head)
    named = told[1].decode().lower() if told else None
    if encoding != "auto":
        candidates = [encoding]
    elif marked is not None:
        candidates = [marked]
    elif head[:200].count(0) > 50:
        candidates = ["utf-16-le" if head[1:2] == b"\0" else "utf-16-be"]
    elif named is not None and named not in NAMES:
        raise InputError(
            f"{name}: the page says that it is {named} text; set `encoding` in dataset.yaml, or "
            "save it as UTF-8 or GBK."
        )
    else:
        candidates = ["utf-8"] if named in ("utf-8", "utf8") else ["utf-8", "gb18030"]
    for candidate in candidates:
        if is_text(path, candidate):
            return candidate
    raise InputError(
        f"{name}: the bytes are not {' nor '.join(candidates)} text; save the page as UTF-8 or GBK."
    )


def is_text(path: Path, encoding: str) -> bool:
    """Whether all bytes of a file are text of an encoding."""
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while chunk := stream.read(CHUNK_CHARACTERS):
                if "\0" in chunk:
                    return False
    except UnicodeError:
        return False
    return True


def iterate_rows(path: Path, encoding: str, reader: "TableReader") -> Iterator[WebRow]:
    """Yield the header and the rows of a page's table, each with its line."""
    with path.open(encoding=encoding, newline="") as stream:
        while chunk := stream.read(CHUNK_CHARACTERS):
            reader.feed(chunk)
            # Markup that is never closed would be looked through again with every chunk.
            if len(reader.rawdata) > MAX_OPEN_CHARACTERS:
                raise reader.refuse("the markup is never closed; export the file again")
            yield from reader.take_rows()
    reader.close()
    reader.finish()
    yield from reader.take_rows()


class TableReader(HTMLParser):
    """Finds the table with a header, and cuts it into rows of text."""

    def __init__(self, name: str, header_row: int) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.header_row = name, header_row
        self.rows: list[WebRow] = []
        self.width = 0
        self.is_done = self.is_table = False
        self.title: int | None = None
        self.row_number = 0
        self.row_line = 0
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.hidden = ""
        self.merged = ""

    def refuse(self, problem: str) -> InputError:
        """Return an error at the line that is being read."""
        return InputError(f"{self.name}, line {self.getpos()[0]}: {problem}.")

    def take_rows(self) -> list[WebRow]:
        """Return the rows since the last call."""
        rows, self.rows = self.rows, []
        return rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell; what is not closed before is closed by it."""
        if self.hidden:
            return
        if tag in HIDDEN:
            self.hidden = tag
        elif tag == "table":
            if self.is_table:
                raise self.refuse("a table stands inside of another; save the rows as XLSX or CSV")
            self.is_table, self.row_number, self.title = True, 0, None
        elif not self.is_table:
            return
        elif tag == "tr":
            self.begin_row()
        elif tag in ("td", "th"):
            if self.row is None:
                self.begin_row()
            self.end_cell()
            self.cell = []
            self.note_merged(tag, attrs)
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        if self.hidden:
            self.hidden = "" if tag == self.hidden else self.hidden
        elif tag == "table" and self.is_table:
            self.end_row()
            self.is_table = False
            self.is_done = self.width > 0
        elif tag == "tr":
            self.end_row()
        elif tag in ("td", "th"):
            self.end_cell()

    def handle_data(self, data: str) -> None:
        """Take the text of a cell."""
        if self.cell is not None and not self.hidden:
            self.cell.append(data)

    def note_merged(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep in mind that a cell of this row spans others."""
        for key, value in attrs:
            if key in ("colspan", "rowspan") and (value or "1").strip() not in ("", "0", "1"):
                self.merged = f"a cell has {key}={value!r}"

    def begin_row(self) -> None:
        """Begin a row."""
        self.end_row()
        self.row, self.merged = [], ""
        self.row_number += 1
        self.row_line = self.getpos()[0]

    def end_cell(self) -> None:
        """End the cell that is open, if one is."""
        if self.cell is not None and self.row is not None:
            text = SPACES.sub(" ", "".join(self.cell)).strip(" \xa0")
            self.row.append(text)
        self.cell = None

    def end_row(self) -> None:
        """End the row that is open, if one is; empty rows are no rows."""
        self.end_cell()
        cells, self.row = self.row, None
        filled = sum(map(bool, cells or []))
        if not cells or not filled or self.row_number < self.header_row:
            return
        if filled < 2 and (self.width == 0 or self.is_done):
            self.title = self.title or self.row_line
            return
        if self.is_done:
            raise self.refuse("a second table begins; save the one with the rows as XLSX or CSV")
        if self.merged:
            raise self.refuse(f"{self.merged}, so columns cannot be told apart; save it as CSV")
        if self.width == 0 and self.title is not None:
            raise InputError(
                f"{self.name}, line {self.title}: this row has one filled cell, as a title has; "
                "set `header_row` in dataset.yaml to the row of the column names."
            )
        if self.width == 0 and len(cells) > MAX_COLUMNS:
            raise self.refuse(f"the header has {len(cells):,} cells; an export has fewer columns")
        self.width = self.width or len(cells)
        self.rows.append((self.row_line, cells))

    def finish(self) -> None:
        """Refuse a table that is still open when the page ends: rows may be missing."""
        if self.is_table:
            raise self.refuse("the table breaks off; export the file again")
