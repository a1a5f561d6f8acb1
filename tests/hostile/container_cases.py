"""Files that are another thing than their name says, and files that hold more than they seem to.

Workbooks, pages, archives, Parquet; text that is only text stands in `text_cases`.
"""

import datetime
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.cases import (
    COLUMNS,
    FIRST_ROW,
    GOOD,
    GOOD_ROWS,
    LAST_ROW,
    SECOND_ROW,
    Case,
    accept,
    leave_out,
    refuse,
)

BOMB_BYTES = 128 << 20
XLSX, XLS, GZ, PARQUET = "orders.xlsx", "orders.xls", "orders.csv.gz", "orders.parquet"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TEXTS = [line.split(",") for line in GOOD.splitlines()]


def pack(data: bytes) -> bytes:
    """Return bytes as gzip, the same on every day."""
    return gzip.compress(data, mtime=0)


def pack_repeated(block: bytes, total: int) -> bytes:
    """Return a gzip file of a block repeated until it is as large as asked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(block) for _ in range(total // len(block))]
    return b"".join([*parts, packer.flush()])


def list_archives() -> list[Case]:
    """Return packed files."""
    good = GOOD.encode()
    zeros = b"\0" * (1 << 20)
    return [
        accept("gzip", "packed text", pack(good), file=GZ),
        accept("gzip_named_csv", "packed, and called csv", pack(good)),
        accept(
            "gzip_gb18030",
            "packed, in another encoding",
            pack(GOOD.replace("m2", "𠮷").encode("gb18030")),
            file=GZ,
            rows=(FIRST_ROW, (*SECOND_ROW[:3], "𠮷", "paid"), LAST_ROW),
        ),
        accept("gzip_utf16", "packed UTF-16", pack(GOOD.encode("utf-16")), file=GZ),
        accept(
            "gzip_of_two",
            "two packed parts, one behind the other",
            pack(good[:90]) + pack(good[90:]),
            file=GZ,
        ),
        accept("named_gz", "text called gz", good, file=GZ),
        refuse("gzip_cut", "packed and cut off", "orders.csv.gz", pack(good * 50)[:-12], file=GZ),
        refuse(
            "gzip_damaged", "packed and damaged", "orders.csv.gz", damage(pack(good * 50)), file=GZ
        ),
        refuse(
            "gzip_wrong_sum",
            "packed, with another checksum",
            "orders.csv.gz",
            pack(good)[:-8] + b"\0" * 8,
            file=GZ,
        ),
        refuse("gzip_empty", "packed nothing", "orders.csv.gz", pack(b""), file=GZ),
        refuse("gzip_in_gzip", "packed twice", "orders.csv.gz", pack(pack(good)), file=GZ),
        refuse(
            "gzip_head_only",
            "the first bytes of a packed file",
            "orders.csv.gz",
            b"\x1f\x8b\x08",
            file=GZ,
        ),
        refuse(
            "gzip_zeros",
            "a bomb of NUL bytes",
            "orders.csv.gz",
            lambda: pack_repeated(zeros, BOMB_BYTES),
            file=GZ,
        ),
        refuse(
            "gzip_one_line",
            "a bomb of one line without end",
            "orders.csv.gz",
            lambda: pack_repeated(b"a" * (1 << 20), BOMB_BYTES),
            file=GZ,
        ),
        refuse(
            "gzip_one_quote",
            "a bomb of one cell without end",
            "orders.csv.gz",
            lambda: pack_repeated(b'"' + b"a\n" * (1 << 19), BOMB_BYTES),
            file=GZ,
        ),
    ]


def damage(data: bytes) -> bytes:
    """Return bytes with some in the middle turned."""
    middle = len(data) // 2
    turned = bytes(byte ^ 0x55 for byte in data[middle : middle + 8])
    return data[:middle] + turned + data[middle + 8 :]


# Workbooks


def make_book(
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    formats: Mapping[str, str] | None = None,
    change: Callable[[openpyxl.Workbook], None] | None = None,
) -> Callable[[], bytes]:
    """Return what writes a workbook; `formats` are number formats of cells of the first sheet."""

    def write() -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        for cell, number_format in (formats or {}).items():
            book.worksheets[0][cell].number_format = number_format
        if change is not None:
            change(book)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return write


def with_second(*cells: Any) -> dict[str, list[list[Any]]]:
    """Return the sheet whose middle row holds these cells instead."""
    return {"订单": [TEXTS[0], TEXTS[1], [*cells, *TEXTS[2][len(cells) :]], TEXTS[3]]}


def zip_parts(parts: Mapping[str, bytes | str]) -> bytes:
    """Return parts as an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()


def make_raw_book(rows: str, shared: str = "", **more: bytes | str) -> bytes:
    """Return a workbook from the XML of its rows, as no program would write it."""
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": types,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATIONS}/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet '
        'name="a" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="s" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" '
        f'Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
    }
    if shared:
        parts["xl/sharedStrings.xml"] = shared
    return zip_parts(parts | more)


def write_rows(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as XML with texts in their cells."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for place, cell in enumerate(row)
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return "".join(lines)


def make_zip_bomb() -> bytes:
    """Return a workbook whose sheet is a thousand times as large as it seems."""
    rows = write_rows(TEXTS) + " " * BOMB_BYTES
    return make_raw_book(rows)


def make_entity_bomb() -> bytes:
    """Return a workbook whose shared text becomes billions of letters."""
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12)
    )
    shared = f'<!DOCTYPE sst [{entities}]><sst xmlns="{MAIN}"><si><t>&a11;</t></si></sst>'
    rows = write_rows(TEXTS[:1]) + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'
    return make_raw_book(rows, shared)


def hide_notes(book: openpyxl.Workbook) -> None:
    book.worksheets[1].sheet_state = "hidden"


def merge_cells(book: openpyxl.Workbook) -> None:
    book.worksheets[0].merge_cells("E2:E3")


def list_workbooks() -> list[Case]:
    """Return workbooks, good, odd and dangerous."""
    moment = datetime.datetime(2026, 1, 3, 11)
    good = {"订单": TEXTS}
    other = {"备注": [["说明", "日期"], ["x", "y"]]}
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    outside = '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    shared = f'{outside}<sst xmlns="{MAIN}"><si><t>&x;</t></si></sst>'
    return [
        accept("book", "a workbook of texts", make_book(good), file=XLSX),
        accept("book_named_csv", "a workbook called csv", make_book(good)),
        accept("book_named_xls", "a workbook called xls", make_book(good), file=XLS),
        accept(
            "book_numbers",
            "numbers and a date as such",
            make_book(with_second("o2", moment, 20, "m2")),
            file=XLSX,
        ),
        accept(
            "book_double",
            "an amount that no double holds",
            make_book(with_second("o2", moment, 0.1 + 0.2)),
            file=XLSX,
            rows=(FIRST_ROW, ("o2", moment, Decimal("0.30"), "m2", "paid"), LAST_ROW),
        ),
        accept(
            "book_number_text",
            "a text of digits stays text",
            make_book(with_second("000123")),
            file=XLSX,
            rows=(FIRST_ROW, ("000123", *SECOND_ROW[1:]), LAST_ROW),
        ),
        accept(
            "book_number_id",
            "an id of few digits as a number",
            make_book(with_second(123456)),
            file=XLSX,
            rows=(FIRST_ROW, ("123456", *SECOND_ROW[1:]), LAST_ROW),
        ),
        accept(
            "book_digits_text",
            "18 digits as text",
            make_book(with_second("351500000000000001")),
            file=XLSX,
            rows=(FIRST_ROW, ("351500000000000001", *SECOND_ROW[1:]), LAST_ROW),
        ),
        leave_out(
            "book_digits_number",
            "18 digits as a number have lost some",
            make_book(with_second(351500000000000001)),
            [(3, "order_id", "damaged_id")],
            file=XLSX,
        ),
        leave_out(
            "book_scientific",
            "a text in scientific notation",
            make_book(with_second("3.515E+17")),
            [(3, "order_id", "damaged_id")],
            file=XLSX,
        ),
        leave_out(
            "book_formula",
            "a formula never computed",
            make_book(with_second("o2", "2026-01-03 11:00:00", "=10+10")),
            [(3, "paid_amount", "formula_cell")],
            file=XLSX,
        ),
        leave_out(
            "book_error",
            "a formula's error",
            make_book(with_second("o2", "2026-01-03 11:00:00", "#REF!")),
            [(3, "paid_amount", "formula_cell")],
            file=XLSX,
        ),
        leave_out(
            "book_serial",
            "a date that is only a number",
            make_book(with_second("o2", 46025)),
            [(3, "paid_at", "not_a_time")],
            file=XLSX,
        ),
        accept(
            "book_serial_declared",
            "the same, declared",
            make_book(with_second("o2", 46025.5)),
            file=XLSX,
            source={"excel_serials": True},
            rows=(FIRST_ROW, ("o2", datetime.datetime(2026, 1, 3, 12), *SECOND_ROW[2:]), LAST_ROW),
        ),
        accept(
            "book_guest",
            "a row that ends early",
            make_book({"a": [TEXTS[0], TEXTS[1], TEXTS[2][:3], TEXTS[3]]}),
            file=XLSX,
            rows=(FIRST_ROW, (*SECOND_ROW[:3], None, None), LAST_ROW),
        ),
        leave_out(
            "book_long_row",
            "a cell beyond the header",
            make_book({"a": [TEXTS[0], TEXTS[1], [*TEXTS[2], "x"], TEXTS[3]]}),
            [(3, "", "wrong_column_count")],
            file=XLSX,
        ),
        leave_out(
            "book_gap",
            "empty rows keep the numbers of those below",
            make_book({"a": [TEXTS[0], TEXTS[1], [], [], ["o2", "x", *TEXTS[2][2:]], TEXTS[3]]}),
            [(5, "paid_at", "not_a_time")],
            file=XLSX,
        ),
        leave_out(
            "book_total",
            "a line of totals",
            make_book({"a": [*TEXTS[:2], TEXTS[3], ["合计", None, 40]]}),
            [(4, "", "total_row")],
            file=XLSX,
        ),
        accept(
            "book_title",
            "a title above the header, declared",
            make_book({"a": [["店铺订单导出"], [], *TEXTS]}),
            file=XLSX,
            source={"header_row": 3},
        ),
        refuse(
            "book_title_undeclared",
            "a title above the header",
            "header_row",
            make_book({"a": [["店铺订单导出"], *TEXTS]}),
            file=XLSX,
        ),
        accept(
            "book_two_sheets",
            "two sheets with one header",
            make_book({"一月": TEXTS[:3], "二月": [TEXTS[0], TEXTS[3]]}),
            file=XLSX,
        ),
        refuse(
            "book_other_sheet",
            "a second sheet with another header",
            "different headers",
            make_book(good | other),
            file=XLSX,
        ),
        accept(
            "book_named_sheet",
            "the same, the sheet named",
            make_book(other | good),
            file=XLSX,
            source={"sheet": "订单"},
        ),
        refuse(
            "book_no_such_sheet",
            "a sheet that is not there",
            "there is no sheet '退款'",
            make_book(good),
            file=XLSX,
            source={"sheet": "退款"},
        ),
        refuse(
            "book_hidden_sheet",
            "a hidden sheet with another header",
            "(hidden)",
            make_book(good | other, change=hide_notes),
            file=XLSX,
        ),
        accept(
            "book_empty_sheet",
            "empty sheets beside",
            make_book(good | {"Sheet2": [], "Sheet3": []}),
            file=XLSX,
        ),
        refuse("book_of_nothing", "no filled cell", "empty", make_book({"Sheet1": []}), file=XLSX),
        accept(
            "book_merged",
            "merged cells hold one value",
            make_book(good, change=merge_cells),
            file=XLSX,
            rows=(FIRST_ROW, (*SECOND_ROW[:4], None), LAST_ROW),
        ),
        refuse(
            "book_far_cell",
            "a cell in the last row and column",
            "orders.xlsx",
            make_raw_book(far),
            file=XLSX,
        ),
        leave_out(
            "book_far_row",
            "a cell far below and beyond the header",
            make_raw_book(write_rows(TEXTS) + far),
            [(1_048_576, "", "wrong_column_count")],
            file=XLSX,
            rows=GOOD_ROWS,
        ),
        refuse(
            "book_bomb",
            "a sheet that unpacks to hundreds of megabytes",
            "unpack",
            make_zip_bomb,
            file=XLSX,
        ),
        refuse(
            "book_entities",
            "a text of entities within entities",
            "orders.xlsx",
            make_entity_bomb,
            file=XLSX,
        ),
        refuse(
            "book_outside",
            "a text that stands in another file",
            "orders.xlsx",
            make_raw_book(
                write_rows(TEXTS[:1]) + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>', shared
            ),
            file=XLSX,
        ),
        refuse(
            "book_missing_text",
            "a shared text that does not exist",
            "orders.xlsx",
            make_raw_book(
                write_rows(TEXTS[:2]) + '<row r="3"><c r="A3" t="s"><v>99</v></c></row>',
                f'<sst xmlns="{MAIN}"/>',
            ),
            file=XLSX,
        ),
        refuse(
            "book_twice",
            "a cell that stands twice",
            "stands twice",
            make_raw_book(
                write_rows(TEXTS[:2])
                + '<row r="3"><c r="A3"><v>1</v></c><c r="A3"><v>2</v></c></row>'
            ),
            file=XLSX,
        ),
        refuse(
            "book_backwards",
            "rows that go backwards",
            "comes after",
            make_raw_book(write_rows(TEXTS) + '<row r="2"><c r="A2"><v>1</v></c></row>'),
            file=XLSX,
        ),
        accept(
            "book_climbing",
            "a part with a name that climbs",
            make_raw_book(write_rows(TEXTS), **{"../../../tmp/evil.csv": "x"}),
            file=XLSX,
        ),
        refuse(
            "book_cut",
            "a workbook cut off",
            "orders.xlsx",
            lambda: make_book(good)()[:-700],
            file=XLSX,
        ),
        refuse(
            "archive",
            "an archive that is no workbook",
            "orders.xlsx",
            zip_parts({"orders.csv": GOOD}),
            file=XLSX,
        ),
        refuse("archive_empty", "an archive of nothing", "orders.xlsx", zip_parts({}), file=XLSX),
        refuse(
            "document",
            "a text document",
            "orders.docx",
            zip_parts({"word/document.xml": "<w/>", "[Content_Types].xml": "<Types/>"}),
            file="orders.docx",
        ),
        refuse(
            "legacy_book",
            "a binary workbook of the nineties",
            "orders.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000,
            file=XLS,
        ),
        refuse(
            "legacy_stream",
            "an older one still",
            "orders.xls",
            b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 500,
            file=XLS,
        ),
    ]


# Pages


def make_page(rows: Sequence[Sequence[str]], head: str = "", cell: str = "td") -> str:
    """Return a page with one table."""
    lines = "".join(
        "\n<tr>" + "".join(f"<{cell}>{text}</{cell}>" for text in row) + "</tr>" for row in rows
    )
    return f"<html><head>{head}</head><body><table>{lines}</table></body></html>"


def list_pages() -> list[Case]:
    """Return pages that are called workbooks."""
    gb2312 = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    member = [*TEXTS[:2], [*TEXTS[2][:3], "会员乙", "已付款"], TEXTS[3]]
    member_rows = (FIRST_ROW, (*SECOND_ROW[:3], "会员乙", "已付款"), LAST_ROW)
    entities = [*TEXTS[:2], [*TEXTS[2][:3], "a&amp;b&lt;c&#20057;", "paid"], TEXTS[3]]
    entity_rows = (FIRST_ROW, (*SECOND_ROW[:3], "a&b<c乙", "paid"), LAST_ROW)
    wide = make_page(TEXTS).replace("<td>order_id", '<td colspan="1000000000">order_id', 1)
    tall = make_page(TEXTS).replace("<td>m2", '<td rowspan="1000000000">m2', 1)
    return [
        accept("page", "a page called xls", make_page(TEXTS), file=XLS),
        accept("page_named_csv", "a page called csv", make_page(TEXTS)),
        accept(
            "page_gb2312",
            "a page in GB2312",
            make_page(member, gb2312).encode("gb18030"),
            file=XLS,
            rows=member_rows,
        ),
        accept(
            "page_mark",
            "a page with a byte order mark",
            "\ufeff" + make_page(member),
            file=XLS,
            rows=member_rows,
        ),
        accept(
            "page_entities", "cells with entities", make_page(entities), file=XLS, rows=entity_rows
        ),
        accept(
            "page_capitals",
            "tags in capitals, cells not closed",
            "\n <TABLE BORDER=1>"
            + "".join("<TR><TD>" + "<TD>".join(row) for row in TEXTS)
            + "</TABLE>",
            file=XLS,
        ),
        accept(
            "page_spaces",
            "cells with line ends and spaces around",
            make_page([[f"\n  {cell}\n&nbsp;" for cell in row] for row in TEXTS]),
            file=XLS,
        ),
        accept(
            "page_head_cells",
            "a header of head cells",
            make_page(TEXTS[:1], cell="th").replace(
                "</table>",
                make_page(TEXTS[1:]).split("<table>")[1].split("</table>")[0] + "</table>",
            ),
            file=XLS,
        ),
        accept(
            "page_script",
            "a script within",
            make_page(TEXTS, "<script>document.write('<table>')</script>"),
            file=XLS,
        ),
        leave_out(
            "page_total",
            "a line of totals",
            make_page([*TEXTS[:2], TEXTS[3], ["合计", "", "40.00", "", ""]]),
            [(5, "", "total_row")],
            file=XLS,
        ),
        refuse(
            "page_without_table",
            "a page without a table, as of a login",
            "orders.xls",
            "<!DOCTYPE html><html><body>请登录</body></html>",
            file=XLS,
        ),
        refuse("page_colspan", "a cell a billion columns wide", "orders.xls", wide, file=XLS),
        refuse(
            "page_deep",
            "a hundred thousand tags within each other",
            "orders.xls",
            "<html>" + "<div>" * 100_000 + make_page(TEXTS) * 0,
            file=XLS,
        ),
        Case(
            "page_rowspan",
            "a cell a billion rows high",
            tall.encode(),
            refusal="orders.xls",
            file=XLS,
        ),
        refuse(
            "spreadsheet_xml",
            "a spreadsheet as XML of 2003",
            "orders.xls",
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
            '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
            file=XLS,
        ),
    ]


# Parquet


def make_parquet(**columns: pa.Array) -> bytes:
    """Return the three good orders as Parquet, with columns put in their places."""
    whole = {
        name: pa.array([row[place] for row in GOOD_ROWS]) for place, name in enumerate(COLUMNS)
    }
    stream = io.BytesIO()
    pq.write_table(pa.table(whole | columns), stream)
    return stream.getvalue()


def ids(second: str) -> pa.Array:
    return pa.array(["o1", second, "o3"])


def list_parquets() -> list[Case]:
    """Return Parquet files."""
    long = ("351500000000000001", *SECOND_ROW[1:])
    twins = {"ORDER_ID": pa.array(["x", "y", "z"])}
    nan = pa.array([10.0, float("nan"), 30.0])
    naive = pa.array([row[1] for row in GOOD_ROWS])
    shifted = [moment - datetime.timedelta(hours=8) for moment in naive.to_pylist()]
    zoned = pa.array(shifted, pa.timestamp("us", "UTC"))
    early = pa.array([naive[0].as_py(), datetime.datetime(1, 1, 1), naive[2].as_py()])
    return [
        accept("parquet", "typed columns", make_parquet(), file=PARQUET),
        accept("parquet_named_csv", "Parquet called csv", make_parquet()),
        accept(
            "parquet_long_id",
            "18 digits as an integer",
            make_parquet(order_id=pa.array([1, 351500000000000001, 3])),
            file=PARQUET,
            rows=(("1", *FIRST_ROW[1:]), long, ("3", *LAST_ROW[1:])),
        ),
        accept(
            "parquet_spaces",
            "spaces around an id",
            make_parquet(order_id=ids(" o2\u3000")),
            file=PARQUET,
        ),
        accept("parquet_zoned", "times with a zone", make_parquet(paid_at=zoned), file=PARQUET),
        leave_out(
            "parquet_scientific",
            "a damaged id as text",
            make_parquet(order_id=ids("3.5E+17")),
            [(2, "order_id", "damaged_id")],
            file=PARQUET,
        ),
        leave_out(
            "parquet_empty_id",
            "an empty id",
            make_parquet(order_id=ids("")),
            [(2, "order_id", "missing")],
            file=PARQUET,
        ),
        leave_out(
            "parquet_null_id",
            "no id",
            make_parquet(order_id=pa.array(["o1", None, "o3"])),
            [(2, "order_id", "missing")],
            file=PARQUET,
        ),
        leave_out(
            "parquet_decimals",
            "three decimals",
            make_parquet(
                paid_amount=pa.array([Decimal("10.000"), Decimal("20.005"), Decimal("30.000")])
            ),
            [(2, "paid_amount", "too_many_decimals")],
            file=PARQUET,
        ),
        leave_out(
            "parquet_nan",
            "a float that is no number",
            make_parquet(paid_amount=nan),
            [(2, "paid_amount", "not_money")],
            file=PARQUET,
        ),
        leave_out(
            "parquet_early",
            "the year 1",
            make_parquet(paid_at=early),
            [(2, "paid_at", "not_a_time")],
            file=PARQUET,
        ),
        accept(
            "parquet_float_id",
            "short ids that a gap turned into floats",
            make_parquet(order_id=pa.array([1.0, 2.0, 3.0])),
            file=PARQUET,
            rows=(
                ("1", *FIRST_ROW[1:]),
                ("2", *SECOND_ROW[1:]),
                ("3", *LAST_ROW[1:]),
            ),
        ),
        leave_out(
            "parquet_long_float_id",
            "a long id as a float has lost digits",
            make_parquet(order_id=pa.array([1.0, 351500000000000001.0, 3.0])),
            [(2, "order_id", "damaged_id")],
            file=PARQUET,
            rows=(("1", *FIRST_ROW[1:]), ("3", *LAST_ROW[1:])),
        ),
        refuse(
            "parquet_bytes_id",
            "ids as bytes",
            "cannot hold",
            make_parquet(order_id=pa.array([b"1", b"2", b"3"])),
            file=PARQUET,
        ),
        refuse(
            "parquet_twins",
            "two names that differ in case",
            "differ in upper case only",
            make_parquet(**twins),
            file=PARQUET,
        ),
        refuse(
            "parquet_cut",
            "Parquet cut off",
            "not a readable Parquet file",
            make_parquet()[:-20],
            file=PARQUET,
        ),
        refuse(
            "parquet_magic",
            "four bytes of Parquet",
            "not a readable Parquet file",
            b"PAR1",
            file=PARQUET,
        ),
        refuse(
            "parquet_damaged",
            "Parquet with turned bytes",
            "not a readable Parquet file",
            make_parquet()[:4] + b"\xff" * 200 + make_parquet()[204:],
            file=PARQUET,
        ),
    ]


def list_others() -> list[Case]:
    """Return files that are no table at all."""
    return [
        refuse(
            "pdf",
            "a document to print",
            "orders.csv",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
        ),
        refuse("picture", "a picture", "orders.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50),
        refuse("json", "JSON", "orders.csv", '[{"order_id": "o1", "paid_amount": 10}]\n'),
        refuse("database", "a database", "orders.csv", b"SQLite format 3\0" + b"\0" * 500),
        refuse("random", "noise", "orders.csv", zlib.compress(bytes(range(256)) * 8)[2:]),
        refuse("rar", "another archive", "orders.csv", b"Rar!\x1a\x07\x01\x00" + b"\x33" * 100),
        refuse(
            "seven_zip",
            "another archive",
            "orders.csv",
            b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\x33" * 100,
        ),
        refuse(
            "error_text",
            "an error of the system in place of the export",
            "there is no column for order_id",
            "导出失败，请稍后重试\n",
        ),
    ]


def list_container_cases() -> list[Case]:
    """Return all files that are not plain text, or only seem to be."""
    return [
        *list_archives(),
        *list_workbooks(),
        *list_pages(),
        *list_parquets(),
        *list_others(),
    ]
