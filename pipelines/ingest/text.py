"""Text exports as record batches of text: encoding, header, rows that do not fit.

Nothing is interpreted here; cells become values in `pipelines.ingest.cells`.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as pa_csv

from pipelines.errors import InputError

CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 1 << 23
ORDINAL = "row_ordinal"


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
        with self.path.open(encoding=skip_mark(self.encoding), newline="") as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            next(reader)
            ordinal, line = 0, reader.line_num + 1
            for row in reader:
                if len(row) == len(self.header):
                    if ordinal in ordinals:
                        lines[ordinal] = line
                    ordinal += 1
                elif row:
                    misfit_lines.append(line)
                line = reader.line_num + 1
        return lines, misfit_lines


def open_text(path: Path, name: str, encoding: str) -> TextFile:
    """Return a text export with its encoding settled and its header read.

    Raises InputError where the bytes are no text of a known encoding, or there is no header.
    """
    settled = settle_encoding(path, name, encoding)
    with path.open(encoding=skip_mark(settled), newline="") as text:
        first = text.readline()
        delimiter = "\t" if first.count("\t") > first.count(",") else ","
        header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    if not any(cell.strip() for cell in header):
        raise InputError(f"{name}, line 1: there is no header; export the file with column names.")
    return TextFile(path, name, settled, delimiter, [cell.strip() for cell in header])


def skip_mark(encoding: str) -> str:
    """Return the codec that passes over a byte order mark, for reading as text."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def settle_encoding(path: Path, name: str, encoding: str) -> str:
    """Return utf-8 or gb18030, whichever the whole file is; the former where it is both."""
    candidates = ["utf-8", "gb18030"] if encoding == "auto" else [encoding]
    failure = 0
    for candidate in candidates:
        failed_line = find_undecodable_line(path, candidate)
        if failed_line is None:
            return candidate
        failure = failed_line
    wanted = " nor ".join(candidates)
    raise InputError(
        f"{name}, line {failure}: the bytes are not {wanted} text; save the file as UTF-8 or GBK."
    )


def find_undecodable_line(path: Path, encoding: str) -> int | None:
    """Return the first line that is not text of the encoding, or None where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK_BYTES)
            if b"\0" in chunk:
                return line + chunk[: chunk.index(b"\0")].count(b"\n")
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + chunk[: max(error.start, 0)].count(b"\n")
            if not chunk:
                return None
            line += chunk.count(b"\n")
