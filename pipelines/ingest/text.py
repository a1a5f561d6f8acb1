"""Text exports as record batches of text: encoding, header, rows that do not fit.

Nothing is interpreted here; cells become values in `pipelines.ingest.cells`.
"""

import codecs
import collections
import csv
import io
import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as pa_csv

from pipelines.errors import InputError

CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 1 << 23
ORDINAL = "row_ordinal"
MARK = "\ufeff"
# Written with three bytes in UTF-8; bytes of GB18030 that could be such a character are rare.
WIDE = re.compile("[\u2e80-\uffef]")


@dataclass
class TextFile:
    """A text export: its encoding, its header, and the rows that have other columns than it."""

    path: Path
    name: str
    encoding: str
    delimiter: str
    header: list[str]
    misfits: list[int] = field(default_factory=list)

    def read_batches(self) -> pa.RecordBatchReader:
        """Return all rows as text, columns named by position, with their ordinal from 0.

        Rows with more or fewer columns than the header are left out and kept in `misfits`, as
        ordinals among all rows.
        """
        names = [str(position) for position in range(len(self.header))]
        schema = pa.schema([(ORDINAL, pa.int64()), *((name, pa.string()) for name in names)])
        return pa.RecordBatchReader.from_batches(schema, self.iterate_batches(schema, names))

    def iterate_batches(self, schema: pa.Schema, names: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield the batches of `read_batches`."""

        def skip(row: pa_csv.InvalidRow) -> str:
            self.misfits.append(-1 if row.number is None else row.number - 1)
            return "skip"

        with pa_csv.open_csv(
            self.open_stream(),
            read_options=pa_csv.ReadOptions(
                column_names=names, skip_rows=0, block_size=BLOCK_BYTES, use_threads=False
            ),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=skip, delimiter=self.delimiter
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
                null_values=[],
            ),
        ) as reader:
            ordinal = -1
            for batch in reader:
                count = batch.num_rows
                ordinals = pa.array(range(ordinal, ordinal + count), pa.int64())
                numbered = pa.RecordBatch.from_arrays([ordinals, *batch.columns], schema=schema)
                yield numbered.slice(1) if ordinal == -1 else numbered
                ordinal += count

    def open_stream(self) -> pa.NativeFile:
        """Return the file's bytes as UTF-8."""
        stream = pa.OSFile(str(self.path))
        if self.encoding == "utf-8":
            return stream
        return pa.transcoding_input_stream(stream, self.encoding, "utf-8")

    def locate_rows(self, ordinals: set[int]) -> tuple[dict[int, int], list[int]]:
        """Return the lines on which rows of the given ordinals begin, and those of the misfits."""
        lines: dict[int, int] = {}
        misfit_lines: list[int] = []
        ordinal = 0
        with self.path.open(encoding=skip_mark(self.encoding), newline="") as text:
            rows = number_rows(text, self.delimiter)
            next(rows)
            for line, row in rows:
                if len(row) == len(self.header):
                    if ordinal in ordinals:
                        lines[ordinal] = line
                    ordinal += 1
                elif row:
                    misfit_lines.append(line)
        return lines, misfit_lines


def open_text(path: Path, name: str, encoding: str) -> TextFile:
    """Return a text export with its encoding settled and its header read.

    Raises InputError where the bytes are no text of a known encoding, where there is no header,
    or where a quote that is never closed would swallow the rest of the file.
    """
    settled, scan = settle_encoding(path, name, encoding)
    with path.open(encoding=skip_mark(settled), newline="") as text:
        first = text.readline().removeprefix(MARK)
        delimiter = "\t" if first.count("\t") > first.count(",") else ","
        header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    if not any(cell.strip() for cell in header):
        raise InputError(f"{name}, line 1: there is no header; export the file with column names.")
    if scan.may_end_in_quotes:
        refuse_open_quote(path, name, settled, delimiter)
    return TextFile(path, name, settled, delimiter, [cell.strip() for cell in header])


def skip_mark(encoding: str) -> str:
    """Return the codec that passes over a byte order mark, for reading as text."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def number_rows(text: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it begins; a cell may be of any length."""
    csv.field_size_limit(sys.maxsize)
    reader, line = csv.reader(text, delimiter=delimiter), 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def refuse_open_quote(path: Path, name: str, encoding: str, delimiter: str) -> None:
    """Raise InputError with the line of a quote that is still open when the file ends."""
    with path.open(encoding=skip_mark(encoding), newline="") as text:
        rows = number_rows(itertools.chain(text, ["end"]), delimiter)
        line, last = collections.deque(rows, maxlen=1).pop()
    if last != ["end"]:
        opened = line + sum(cell.count("\n") for cell in last[:-1])
        raise InputError(
            f"{name}, line {opened}: a quote opens here and is never closed, so the rows after it "
            "cannot be told apart; close it, or export the file again."
        )


@dataclass
class Scan:
    """What one pass over a file's bytes saw in one encoding: undecodable line, Chinese, quotes."""

    flaw: int | None = None
    is_wide: bool = False
    quotes: int = 0
    after_quote: bytes = b""

    @property
    def may_end_in_quotes(self) -> bool:
        """Whether the last quote may have opened a cell, so that the rows must be looked at."""
        return self.quotes % 2 == 1 or (self.quotes > 0 and self.after_quote not in b",\t\r\n")


def settle_encoding(path: Path, name: str, encoding: str) -> tuple[str, Scan]:
    """Return utf-8 or gb18030, whichever the whole file is; the former where it is both.

    Raises InputError where it is neither, and where UTF-8 with Chinese in it breaks off: the other
    encoding would take such bytes for other characters.
    """
    candidates = ["utf-8", "gb18030"] if encoding == "auto" else [encoding]
    for candidate in candidates:
        scan = scan_bytes(path, candidate)
        if scan.flaw is None:
            return candidate, scan
        if scan.is_wide and candidate == "utf-8":
            candidates = [candidate]
            break
    wanted = " nor ".join(candidates)
    raise InputError(
        f"{name}, line {scan.flaw}: the bytes are not {wanted} text; save the file as UTF-8 or GBK."
    )


def scan_bytes(path: Path, encoding: str) -> Scan:
    """Read a file once, up to the first line that is not text of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    scan, line = Scan(), 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK_BYTES)
            if b"\0" in chunk:
                scan.flaw = line + chunk[: chunk.index(b"\0")].count(b"\n")
                return scan
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                decoded = error.object[: error.start]
                scan.flaw = line + decoded.count(b"\n")
                scan.is_wide |= WIDE.search(decoded.decode(encoding)) is not None
                return scan
            if not chunk:
                return scan
            line += chunk.count(b"\n")
            scan.is_wide = scan.is_wide or WIDE.search(text) is not None
            count_quotes(scan, chunk)


def count_quotes(scan: Scan, chunk: bytes) -> None:
    """Add a chunk's quotes; no character of either encoding has a quote among its other bytes."""
    last = chunk.rfind(b'"')
    if last >= 0:
        scan.quotes += chunk.count(b'"')
        scan.after_quote = chunk[last + 1 : last + 2]
    elif scan.quotes and not scan.after_quote:
        scan.after_quote = chunk[:1]
