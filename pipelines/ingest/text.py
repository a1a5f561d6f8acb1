"""Text exports as record batches of text: encoding, delimiter, header, rows that do not fit.

Nothing is interpreted here; cells become values in `pipelines.ingest.cells`.
"""

import codecs
import csv
import gzip
import io
import itertools
import re
import sys
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO, cast

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from pipelines.errors import InputError

CHUNK_BYTES = 1 << 17
MAX_ROW_BYTES = 8_000_000
ORDINAL = "row_ordinal"
MARK = "\ufeff"
DELIMITERS = ",\t;"  # the first wins where the header has as many cells by another
# Written with three bytes in UTF-8; bytes of GB18030 that could be such a character are rare.
WIDE = re.compile("[\u2e80-\uffef]")
LINE_END = re.compile("\r\n|\r|\n")
BLANK = frozenset({"\n", "\r\n", "\r"})
QUOTED = re.compile('"(?:[^"]++|"")*+"')
CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
SEPARATOR = re.compile(f"[{DELIMITERS}\r\n]")

GZIP_MAGIC = b"\x1f\x8b"
# Exports shrink to a tenth or a fiftieth; what is beyond these was made to fill memory or disk.
MAX_GZIP_RATIO = 200
MAX_GZIP_BYTES = 1 << 36
FREE_GZIP_BYTES = 1 << 26  # so much may be as repetitive as it likes

# A row that is left out may hide no more lines than this: a quote that opens by mistake takes
# every line up to the next one.
MAX_HIDDEN_LINES = 100
WRONG_COUNT, UNCLEAR_QUOTES = "wrong_column_count", "unclear_quotes"


@dataclass
class TextFile:
    """A text export: its encoding, its header, and the rows that cannot be taken.

    `header` names the columns as they stand, stripped: some may be empty, some equal. Rows are
    numbered from 0 after the header; blank lines are no rows. `rows` counts them all, `misfits`
    gives a reason code to those left out; both are complete when all batches have been read. A row
    may run over several lines only where `has_long_rows`.
    """

    path: Path
    name: str
    encoding: str
    delimiter: str
    header: list[str]
    unclear: frozenset[int] = frozenset()
    has_long_rows: bool = True
    longest_bytes: int = CHUNK_BYTES
    misfits: dict[int, str] = field(default_factory=dict)
    rows: int = 0

    def read_batches(self, positions: Collection[int] | None = None) -> pa.RecordBatchReader:
        """Return all rows as text, columns named by position, with their ordinal among all rows.

        `positions` chooses columns; others are not made. Left out, and kept in `misfits`, are rows
        that have other columns than the header (wrong_column_count) and rows whose quotes do not
        tell where their cells end (unclear_quotes).
        """
        chosen = range(len(self.header)) if positions is None else sorted(set(positions))
        names = [str(position) for position in chosen]
        schema = pa.schema([(ORDINAL, pa.int64()), *((name, pa.string()) for name in names)])
        return pa.RecordBatchReader.from_batches(schema, self.iterate_batches(schema, names))

    def iterate_batches(self, schema: pa.Schema, names: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield the batches of `read_batches`."""
        self.misfits, self.rows = dict.fromkeys(self.unclear, UNCLEAR_QUOTES), 0
        unclear = np.array(sorted(self.unclear), np.int64)
        skipped: list[int] = []

        def skip(row: pa_csv.InvalidRow) -> str:
            skipped.append(row.number - 2)  # counted from 1, and the header is a row
            return "skip"

        every = [str(position) for position in range(len(self.header))]
        with pa_csv.open_csv(
            self.open_stream(),
            read_options=pa_csv.ReadOptions(
                column_names=every,
                block_size=max(4 * CHUNK_BYTES, 2 * self.longest_bytes),
                use_threads=False,
            ),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=skip, delimiter=self.delimiter
            ),
            convert_options=pa_csv.ConvertOptions(
                include_columns=names or every[:1],
                column_types=dict.fromkeys(every, pa.string()),
                strings_can_be_null=False,
                null_values=[],
                check_utf8=False,  # every byte was decoded when the file was opened
            ),
        ) as reader:
            start, passed = -1, 0  # the first row is the header
            for batch in reader:
                stop, begin = start + batch.num_rows, passed
                while passed < len(skipped) and skipped[passed] < stop:
                    stop, passed = stop + 1, passed + 1
                ordinals = np.arange(start, stop)
                if passed > begin:
                    ordinals = np.delete(ordinals, np.array(skipped[begin:passed]) - start)
                columns = [wrap_integers(ordinals), *batch.columns[: len(names)]]
                numbered = pa.RecordBatch.from_arrays(columns, schema=schema)
                if unclear.size and np.isin(ordinals, unclear).any():
                    numbered = numbered.filter(pa.array(~np.isin(ordinals, unclear)))
                yield numbered.slice(1) if start == -1 else numbered
                start = stop
        for ordinal in skipped:
            self.misfits.setdefault(ordinal, WRONG_COUNT)
        self.rows = max(start, 0) + len(skipped) - passed

    def open_stream(self) -> pa.NativeFile:
        """Return the file's text as bytes of UTF-8."""
        stream = pa.OSFile(str(self.path))
        if is_gzip(self.path):
            stream = pa.CompressedInputStream(stream, "gzip")
        if self.encoding == "utf-8":
            return stream
        return pa.transcoding_input_stream(stream, self.encoding, "utf-8")

    def read_rows(self, ordinals: Collection[int]) -> dict[int, tuple[int, str]]:
        """Return the line on which rows of the given ordinals begin, and their text as it stands.

        Lines count from 1 and a row's own line end is left off. The file is read again, up to the
        last of the rows.
        """
        wanted = frozenset(ordinals)
        found: dict[int, tuple[int, str]] = {}
        if not wanted:
            return found
        with open_lines(self.path, self.encoding) as text:
            rows = number_lines(text)
            if self.has_long_rows:
                rows = ((line, raw) for line, raw, _ in number_rows(text, self.delimiter))
            for ordinal, (line, raw) in enumerate(rows, -1):
                if ordinal in wanted:
                    found[ordinal] = line, strip_line_end(raw)
                    if len(found) == len(wanted):
                        break
        return found


def open_text(path: Path, name: str, encoding: str) -> TextFile:
    """Return a text export with its encoding settled and its header read.

    `encoding` is auto, utf-8, gb18030 or utf-16; the file may be compressed by gzip. Raises
    InputError where the bytes are no text of a known encoding, where there is no header, where a
    quote that is never closed would swallow the rest of the file, and where a quote may have
    swallowed many lines.
    """
    settled, scan = settle_encoding(path, name, encoding)
    delimiter, header = read_header(path, settled)
    if not any(cell.strip() for cell in header):
        raise InputError(f"{name}, line 1: there is no header; export the file with column names.")
    text = TextFile(path, name, settled, delimiter, [cell.strip() for cell in header])
    text.longest_bytes = scan.longest_bytes
    text.has_long_rows = scan.has_quotes and not has_plain_quotes(
        read_plain(path, name, settled), delimiter
    )
    if text.has_long_rows:
        examine_quotes(text)
    return text


def read_header(path: Path, encoding: str) -> tuple[str, list[str]]:
    """Return the delimiter of the header, and the header's cells as they stand.

    It is the one that leaves no quotes but around whole cells, then the one with most cells.
    """
    with open_lines(path, encoding) as text:
        lines = list(itertools.islice(text, MAX_HIDDEN_LINES))
    bare = LINE_END.split(QUOTED.sub('""', "".join(lines)), maxsplit=1)[0]
    chosen, best = DELIMITERS[0], (False, 0)
    for delimiter in DELIMITERS:
        cells = bare.split(delimiter)
        rank = all(cell == '""' or '"' not in cell for cell in cells), len(cells)
        if rank > best:
            chosen, best = delimiter, rank
    csv.field_size_limit(sys.maxsize)
    return chosen, next(csv.reader(lines, delimiter=chosen), [])


def is_gzip(path: Path) -> bool:
    """Return whether a file's content is compressed by gzip, whatever its name says."""
    with path.open("rb") as stream:
        return stream.read(2) == GZIP_MAGIC


def open_content(path: Path) -> BinaryIO:
    """Open a file's content, decompressed."""
    return cast(BinaryIO, gzip.open(path)) if is_gzip(path) else path.open("rb")


@contextmanager
def open_lines(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a file as text, its line ends as they are and without a byte order mark."""
    with (
        open_content(path) as stream,
        io.TextIOWrapper(stream, encoding=encoding, newline="") as text,
    ):
        if text.read(1) != MARK:
            text.seek(0)
        yield text


def read_chunks(path: Path, name: str) -> Iterator[bytes]:
    """Yield a file's content, decompressed, in pieces.

    Raises InputError where a compressed file is damaged, or grows beyond what exports do.
    """
    size, count = path.stat().st_size, 0
    is_compressed = is_gzip(path)
    with path.open("rb") as raw:
        stream = gzip.GzipFile(fileobj=raw) if is_compressed else raw
        try:
            while chunk := stream.read(CHUNK_BYTES):
                count += len(chunk)
                if is_compressed and (
                    count > MAX_GZIP_BYTES
                    or (count > FREE_GZIP_BYTES and count > MAX_GZIP_RATIO * raw.tell())
                ):
                    raise InputError(
                        f"{name}: the compressed file of {size:,} bytes grows beyond {count:,} "
                        "bytes, more than any export does; bring it uncompressed."
                    )
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(
                f"{name}: the compressed file is damaged or incomplete; copy or export it again."
            ) from error


def read_plain(path: Path, name: str, encoding: str) -> Iterator[bytes]:
    """Yield a file's content in bytes that mean themselves where they are ASCII.

    No character of UTF-8 or GB18030 has a delimiter, a quote or a line end among its other bytes.
    """
    if not encoding.startswith("utf-16"):
        yield from read_chunks(path, name)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for chunk in read_chunks(path, name):
        yield decoder.decode(chunk).encode()


def wrap_integers(values: np.ndarray) -> pa.Array:
    """Return whole numbers as an Arrow array over the same memory.

    `pyarrow.array` would import pandas for this, which takes longer than reading a million rows.
    """
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def strip_line_end(raw: str) -> str:
    """Return a row's text without its own line end."""
    return raw[:-2] if raw.endswith("\r\n") else raw.removesuffix("\n").removesuffix("\r")


def number_rows(text: Iterable[str], delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each row with the line on which it begins and its text; a cell may be of any length.

    A row whose last quote is never closed has the end of the file in its last cell.
    """
    csv.field_size_limit(sys.maxsize)
    lines: list[str] = []
    line = 1

    def keep_lines() -> Iterator[str]:
        for each in text:
            lines.append(each)
            yield each

    for row in csv.reader(keep_lines(), delimiter=delimiter):
        if row:
            yield line, "".join(lines), row
        line += len(lines)
        lines.clear()


def number_lines(text: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank with its number: the rows, where none is longer."""
    for line, raw in enumerate(text, 1):
        if raw not in BLANK:
            yield line, raw


def has_plain_quotes(chunks: Iterable[bytes], delimiter: str) -> bool:
    """Return whether each quote opens a cell, closes one or is doubled in one, all on one line.

    Then all readers agree on the rows, and no quote can have swallowed the end of a line.
    """
    is_neighbour = np.zeros(256, np.bool_)
    is_neighbour[[ord(letter) for letter in f'{delimiter}\r\n"']] = True
    mark = tuple(MARK.encode(encoding) for encoding in ("utf-8", "gb18030"))
    last, kept, is_open = b"\n", b"", False
    for chunk in itertools.chain(chunks, [b"\n"]):
        if last == b"\n" and not kept and chunk.startswith(mark):
            chunk = chunk[3 if chunk.startswith(mark[0]) else 4 :]
        piece = (kept + chunk).rstrip(b'"')  # what stands after a quote must be in sight
        kept = (kept + chunk)[len(piece) :]
        if not piece:
            continue
        letters = np.frombuffer(last + piece, np.uint8)
        quotes = np.flatnonzero(letters == ord('"'))
        ends = np.flatnonzero((letters[1:] == ord("\n")) | (letters[1:] == ord("\r"))) + 1
        opening, closing = quotes[is_open::2], quotes[not is_open :: 2]
        if not (
            is_neighbour[letters[opening - 1]].all() and is_neighbour[letters[closing + 1]].all()
        ):
            return False
        if ((np.searchsorted(quotes, ends) + is_open) % 2).any():
            return False
        is_open ^= bool(quotes.size % 2)
        last = piece[-1:]
    return not is_open


def examine_quotes(text: TextFile) -> None:
    """Find the rows whose quotes are unclear, row by row, and the longest row.

    Quotes are unclear where text follows a closing quote, and where a row runs over several lines
    each of which (or very many of which), if quotes were mere characters, would have as many cells
    as the header. Raises InputError where a quote is never closed, and where a row to be left out
    hides many lines.
    """
    unclear: set[int] = set()
    is_strict = compile_strict_row(text.delimiter)
    end, line, row = "\0", 1, [""]  # no file that gets here has this character
    with open_lines(text.path, text.encoding) as lines:
        rows = number_rows(itertools.chain(lines, [end]), text.delimiter)
        for ordinal, (line, raw, row) in enumerate(rows, -1):
            if '"' not in raw or raw.endswith(end):
                continue
            parts = LINE_END.split(strip_line_end(raw))
            length = len(raw.encode())
            if length > MAX_ROW_BYTES:
                refuse_long_row(text.name, line)
            text.longest_bytes = max(text.longest_bytes, length)
            if is_strict.fullmatch(strip_line_end(raw)) is None or are_rows(parts, text):
                unclear.add(ordinal)
            elif len(row) == len(text.header):
                continue
            if len(parts) > MAX_HIDDEN_LINES:
                raise InputError(
                    f"{text.name}, line {line}: a quote that opens here takes {len(parts):,} "
                    "lines into one row, which does not fit; write quotes inside cells twice, or "
                    "export the file again."
                )
    if row != [end]:
        opened = line + sum(len(LINE_END.findall(cell)) for cell in row[:-1])
        raise InputError(
            f"{text.name}, line {opened}: a quote opens here and is never closed, so the rows "
            "after it cannot be told apart; close it, or export the file again."
        )
    if -1 in unclear:
        raise InputError(
            f"{text.name}, line 1: the quotes in the header do not tell where its cells end; "
            "correct them, or export the file again."
        )
    text.unclear = frozenset(unclear)


def compile_strict_row(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of a row in which a quote that closes a cell is the cell's last letter."""
    cell = rf'(?:"(?:[^"]++|"")*+"|[^"{delimiter}\r\n][^{delimiter}\r\n]*+|)'
    return re.compile(f"{cell}(?:{delimiter}{cell})*+")


def are_rows(parts: list[str], text: TextFile) -> bool:
    """Return whether lines that quotes make one row are, all or many, rows without quotes."""
    cells = len(text.header)
    fitting = sum(part.count(text.delimiter) == cells - 1 for part in parts)
    return cells > 1 < len(parts) and (fitting == len(parts) or fitting > MAX_HIDDEN_LINES)


def refuse_long_row(name: str, line: int) -> NoReturn:
    """Raise InputError for a row that no table has."""
    raise InputError(
        f"{name}, line {line}: a row of more than {MAX_ROW_BYTES:,} bytes begins here, so "
        "this is no table; export it again as CSV."
    )


@dataclass
class Scan:
    """What one pass over a file's text saw in one encoding.

    `flaw` is the line of the first bytes that are no text; `longest_bytes` is not less than the
    longest line takes in UTF-8.
    """

    flaw: int | None = None
    is_wide: bool = False
    has_quotes: bool = False
    longest_bytes: int = 2 * CHUNK_BYTES


def settle_encoding(path: Path, name: str, encoding: str) -> tuple[str, Scan]:
    """Return the encoding that the whole file is in: UTF-8 where it could be GB18030 too.

    UTF-16 is known by its byte order mark, or by zero bytes where only one order makes a table.
    Raises InputError where it is none, and where UTF-8 with Chinese in it breaks off: the other
    encoding would take such bytes for other characters.
    """
    candidates = ["utf-8", "gb18030"] if encoding == "auto" else [encoding]
    if encoding in ("auto", "utf-16"):
        order = find_byte_order(next(read_chunks(path, name), b""))
        if order is not None:
            candidates = [order]
    for candidate in candidates:
        scan = Scan(flaw=1) if candidate == "utf-16" else scan_text(path, name, candidate)
        if scan.flaw is None:
            return candidate, scan
        if scan.is_wide and candidate == "utf-8":
            candidates = [candidate]
            break
    wanted = " nor ".join(candidates)
    raise InputError(
        f"{name}, line {scan.flaw}: the bytes are not {wanted} text; save the file as UTF-8 or GBK."
    )


def find_byte_order(beginning: bytes) -> str | None:
    """Return utf-16-le or utf-16-be by the first bytes of a file, or None where it is neither."""
    if beginning.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if beginning.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    possible = []
    has_zeros = beginning.count(0) * 8 >= len(beginning)  # a zero may be a mere slip
    for encoding in ("utf-16-le", "utf-16-be") if has_zeros else ():
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(beginning)
        except UnicodeDecodeError:
            continue
        if SEPARATOR.search(text) and not CONTROL.search(text):
            possible.append(encoding)
    return possible[0] if len(possible) == 1 else None


def scan_text(path: Path, name: str, encoding: str) -> Scan:
    """Read a file once, up to the first line that is not text of the encoding.

    Raises InputError where a line is longer than any row of a table.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    scan, begun = Scan(), 0
    for number, chunk in enumerate(itertools.chain(read_chunks(path, name), [b""])):
        try:
            text, is_flawed = decoder.decode(chunk, final=not chunk), False
        except UnicodeDecodeError as error:
            text, is_flawed = error.object[: error.start].decode(encoding), True
        plain = text.encode() if encoding.startswith("utf-16") else chunk
        if is_flawed or b"\0" in plain:
            text = text.partition("\0")[0]
            scan.flaw = 1 + count_line_ends(path, name, encoding, number, text)
        scan.is_wide = scan.is_wide or (not text.isascii() and WIDE.search(text) is not None)
        if scan.flaw is not None:
            return scan
        scan.has_quotes = scan.has_quotes or b'"' in plain
        end = b"\n" if b"\n" in plain else b"\r"
        if end in plain:
            scan.longest_bytes = max(scan.longest_bytes, 2 * (begun + plain.find(end)))
            begun = len(plain) - plain.rfind(end)
        else:
            begun += len(plain)
            scan.longest_bytes = max(scan.longest_bytes, 2 * begun)
        if begun > MAX_ROW_BYTES:
            refuse_long_row(name, 1 + count_line_ends(path, name, encoding, number, ""))
    return scan


def count_line_ends(path: Path, name: str, encoding: str, pieces: int, rest: str) -> int:
    """Return the line ends in the first pieces of a file and the text that follows them."""
    decoder = codecs.getincrementaldecoder(encoding)()
    count, follows_return = 0, False
    chunks = itertools.islice(read_chunks(path, name), pieces)
    for text in itertools.chain(map(decoder.decode, chunks), [rest]):
        count += len(LINE_END.findall(text)) - (follows_return and text.startswith("\n"))
        follows_return = text.endswith("\r")
    return count
