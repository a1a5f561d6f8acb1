"""What a file is, told by its bytes and never by its name, and how all but Parquet is opened.

How a kind is read stands in `pipelines.ingest.text`, `workbook` and `web_table`.
"""

import enum
import re
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from pipelines.errors import InputError
from pipelines.ingest.text import open_text
from pipelines.ingest.web_table import open_web_table
from pipelines.ingest.workbook import open_workbook

HEAD_BYTES = 1 << 16
# The list of an archive's parts stands at its end; that of a workbook takes a few kilobytes.
TAIL_BYTES = 1 << 20
WORKBOOK_PART = re.compile(rb"xl/(?:workbook|worksheets/[\w. -]+)\.xml", re.IGNORECASE)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# Signatures of what shops put into the wrong folder, and what to call it.
FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"SQLite format 3\0": "a SQLite database",
    b"\x7fELF": "a program",
    b"MZ\x90\0": "a program",
}


class FileKind(enum.Enum):
    """What a file is."""

    PARQUET = "parquet"
    XLSX = "xlsx"
    GZIP = "gzip"
    HTML = "html"
    LEGACY_XLS = "legacy_xls"
    ENCRYPTED = "encrypted"
    XML_SPREADSHEET = "xml_spreadsheet"
    ZIP = "zip"
    BINARY = "binary"
    TEXT = "text"


REFUSALS = {
    FileKind.PARQUET: "is Parquet, which is read by its own types",
    FileKind.LEGACY_XLS: "is a workbook of the old binary kind (XLS); save it as XLSX or CSV",
    FileKind.ENCRYPTED: "is protected by a password; save it without one, or as CSV",
    FileKind.XML_SPREADSHEET: "is an XML spreadsheet of 2003; save it as XLSX or CSV",
    FileKind.ZIP: "is a ZIP archive and no XLSX workbook; unpack it, or save it as XLSX or CSV",
}


class Source(Protocol):
    """What is declared about a file: its encoding, its sheet, the row of its header."""

    @property
    def encoding(self) -> str:
        """Return auto, utf-8, gb18030 or utf-16."""

    @property
    def sheet(self) -> str | None:
        """Return the sheet that is read, None where that is not declared."""

    @property
    def header_row(self) -> int:
        """Return the row, from 1, above which no header is looked for."""


class TextTable(Protocol):
    """A file as rows of text, numbered from 0 after the header.

    `encoding` says how its bytes are read: another text is another reading. `rows` counts all rows,
    `misfits` gives a reason code to those left out; both are complete when all batches were read.
    """

    name: str
    header: list[str]
    misfits: dict[int, str]

    @property
    def encoding(self) -> str:
        """Return how the file's bytes are read."""

    @property
    def rows(self) -> int:
        """Return how many rows there are, misfits among them."""

    def read_batches(self, positions: Collection[int] | None = None) -> pa.RecordBatchReader:
        """Return the rows that fit: text by position as "0", "1"…, with `row_ordinal`."""

    def read_rows(self, ordinals: Collection[int]) -> dict[int, tuple[int, str]]:
        """Return line (or row of the sheet) and text of the rows of given ordinals."""


def identify(path: Path) -> FileKind:
    """Return what a file is, by its first bytes and, for archives, its last.

    What is nothing else is text; whether it is text of a known encoding is seen when it is opened.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if head.startswith(b"PAR1"):
            return FileKind.PARQUET
        if head.startswith(b"\x1f\x8b"):
            return FileKind.GZIP
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            stream.seek(max(0, path.stat().st_size - TAIL_BYTES))
            is_workbook = WORKBOOK_PART.search(head) or WORKBOOK_PART.search(stream.read())
            return FileKind.XLSX if is_workbook else FileKind.ZIP
        if head.startswith(COMPOUND):
            stream.seek(0)
            return find_encrypted(stream.read(TAIL_BYTES))
    if head.startswith(tuple(FOREIGN)):
        return FileKind.BINARY
    return identify_markup(head)


def find_encrypted(content: bytes) -> FileKind:
    """Return whether a compound file is an encrypted workbook or an old one."""
    return FileKind.ENCRYPTED if ENCRYPTED in content else FileKind.LEGACY_XLS


def identify_markup(head: bytes) -> FileKind:
    """Return whether the head of a file is that of a page, an XML spreadsheet, or plain text.

    The letters of markup are the same bytes in every encoding, but for the zeros of UTF-16.
    """
    letters = head.replace(b"\0", b"").lower()
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        letters = letters.removeprefix(mark)
    if letters.lstrip().startswith(b"<"):
        if re.search(rb"<(?:\w+:)?workbook[\s>]", letters):
            return FileKind.XML_SPREADSHEET
        if b"<table" in letters or b"<html" in letters:
            return FileKind.HTML
    return FileKind.TEXT


def open_table(path: Path, name: str, source: Source) -> TextTable:
    """Return a file as a text table, its header read.

    Raises InputError with what the file is where it cannot be read as one, or is damaged.
    """
    kind = identify(path)
    match kind:
        case FileKind.TEXT | FileKind.GZIP:
            return open_text(path, name, source.encoding)
        case FileKind.XLSX:
            return open_workbook(path, name, source.sheet, source.header_row)
        case FileKind.HTML:
            return open_web_table(path, name, source.encoding, source.header_row)
        case FileKind.BINARY:
            with path.open("rb") as stream:
                head = stream.read(16)
            what = next(what for magic, what in FOREIGN.items() if head.startswith(magic))
            raise InputError(f"{name} is {what}; export the rows as XLSX or CSV.")
    raise InputError(f"{name} {REFUSALS[kind]}.")
