"""That files are told by their bytes, whatever their name, and that what is no table is refused.

How each kind is read is tested beside its own module.
"""

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import InputError
from pipelines.ingest.formats import FileKind, identify, open_table

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1_000
PAGE = "<table><tr><th>编号</th><th>名称</th></tr><tr><td>1</td><td>2</td></tr></table>"


@dataclass(frozen=True)
class Declared:
    encoding: str = "auto"
    sheet: str | None = None
    header_row: int = 1


def make_zip(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100_000)
    return stream.getvalue()


def make_workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["编号", "名称"])
    book.active.append(["1", "2"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def make_parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_parquet(), FileKind.PARQUET),
        (make_workbook(), FileKind.XLSX),
        (make_workbook()[:3_000], FileKind.XLSX),
        (make_zip("other/part", "xl/workbook.xml"), FileKind.XLSX),
        (make_zip("xl/workbook.bin"), FileKind.ZIP),
        (make_zip("word/document.xml"), FileKind.ZIP),
        (make_zip("orders.csv"), FileKind.ZIP),
        (gzip.compress(b"a,b\n", mtime=0), FileKind.GZIP),
        (COMPOUND, FileKind.LEGACY_XLS),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), FileKind.ENCRYPTED),
        (PAGE.encode("gbk"), FileKind.HTML),
        (PAGE.encode("utf-16"), FileKind.HTML),
        (f"\n<HTML xmlns:x=''>{' ' * 20_000}{PAGE.upper()}".encode("utf-8-sig"), FileKind.HTML),
        (b'<?xml version="1.0"?><Workbook xmlns="x"><Table>', FileKind.XML_SPREADSHEET),
        (b"%PDF-1.7", FileKind.BINARY),
        (b"\x89PNG\r\n", FileKind.BINARY),
        (b"SQLite format 3\0", FileKind.BINARY),
        (b"id,note\n1,<table>\n", FileKind.TEXT),
        ("编号\n".encode("utf-16"), FileKind.TEXT),
        (b"PAR,a\n", FileKind.TEXT),
        (b"", FileKind.TEXT),
    ],
)
@pytest.mark.parametrize("name", ["file.csv", "file.xls"])
def test_kinds(tmp_path: Path, content: bytes, kind: FileKind, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert identify(path) is kind


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("workbook.csv", make_workbook(), 2),
        ("page.xls", PAGE.encode("gbk"), 1),
        ("text.xls", "编号,名称\n1,2\n".encode("gbk"), 2),
        ("text.xlsx", gzip.compress("编号,名称\n1,2\n".encode(), mtime=0), 2),
    ],
)
def test_whatever_the_name_the_rows_are_the_same(
    tmp_path: Path, name: str, content: bytes, line: int
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    table = open_table(path, name, Declared())
    assert table.header == ["编号", "名称"]
    assert table.read_batches().read_all().to_pylist() == [{"row_ordinal": 0, "0": "1", "1": "2"}]
    assert (table.name, table.rows, table.misfits) == (name, 1, {})
    assert table.read_rows({0}) == {0: (line, "1,2")}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (COMPOUND, "is a workbook of the old binary kind (XLS); save it as XLSX or CSV."),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "is protected by a password; save"),
        (make_zip("orders.csv"), "is a ZIP archive and no XLSX workbook; unpack it"),
        (b"<?xml version='1.0'?><ss:Workbook >", "is an XML spreadsheet of 2003; save"),
        (b"%PDF-1.7", "is a PDF; export the rows as XLSX or CSV."),
        (b"Rar!\x1a\x07", "is a RAR archive; export the rows"),
        (make_parquet(), "is Parquet, which is read by its own types."),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError) as refusal:
        open_table(path, "orders.xls", Declared())
    assert str(refusal.value).startswith(f"orders.xls {problem}")
