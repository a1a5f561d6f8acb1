"""That workbooks give every cell as the text it shows or holds, and that hostile ones are refused.

Workbooks are made on the spot, by two writers and by hand; what a text means is tested elsewhere.
"""

import datetime
import os
import random
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from pipelines.errors import InputError
from pipelines.ingest.workbook import Workbook, choose_environment, open_workbook
from pipelines.ingest.workbook_xml import (
    BUILT_IN,
    LazyTexts,
    Row,
    SheetRows,
    classify_format,
    decode_entities,
    open_book,
    render_number,
    render_serial,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def open_sheet(path: Path, sheet: str | None = None, header_row: int = 1) -> Workbook:
    return open_workbook(path, "orders.xlsx", sheet, header_row)


def read_cells(workbook: Workbook) -> list[list[str]]:
    """Return the header and the rows that fit."""
    table = workbook.read_batches().read_all()
    columns = [table.column(str(place)).to_pylist() for place in range(len(workbook.header))]
    return [workbook.header, *(list(row) for row in zip(*columns, strict=True))]


def write_sheets(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write_parts(path: Path, rows: str, **parts: str | bytes) -> Path:
    """Write a workbook whose one sheet holds the given XML; `parts` replace whole parts."""
    link = f'<Relationship Type="{OFFICE}'
    content: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">{link}/officeDocument" Id="r1"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'{link}/worksheet" Id="r1" Target="worksheets/sheet1.xml"/>'
        f'{link}/sharedStrings" Id="r2" Target="/xl/sharedStrings.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="May" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>a</t></si><si><t>b</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
    }
    named = {"book": "xl/workbook.xml", "texts": "xl/sharedStrings.xml"}
    content |= {named.get(key, "xl/worksheets/sheet1.xml"): part for key, part in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def show(place: str, value: str, attributes: str = "") -> str:
    return f'<c r="{place}"{attributes}><v>{value}</v></c>'


HEADER = '<row r="1">' + show("A1", "0", ' t="s"') + show("B1", "1", ' t="s"') + "</row>"


@pytest.mark.parametrize("in_rows", [False, True], ids=["shared", "inline"])
def test_cells_of_a_real_writer_keep_what_they_hold(tmp_path: Path, in_rows: bool) -> None:
    path = tmp_path / "book"
    with xlsxwriter.Workbook(str(path), {"constant_memory": in_rows}) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        sheet.write_row(0, 0, ["text", "number", "moment", " day ", "truth", "error", "formula"])
        rows: list[tuple[str, float, datetime.datetime, bool]] = [
            ("000123", 12.5, datetime.datetime(2026, 1, 3, 9, 5, 7), True),
            ("351234567890123456", 351234567890123456, datetime.datetime(2026, 1, 3), False),
            (' <a> & "b"\n_x000D_ 门店𠮷', 3.0, datetime.datetime(2026, 1, 3, 23, 59, 59), True),
            ("1e5", 0.1 + 0.2, datetime.datetime(1999, 12, 31, 0, 0, 1), False),
        ]
        for place, (text, number, when, truth) in enumerate(rows, 1):
            sheet.write_string(place, 0, text)
            sheet.write_number(place, 1, number)
            sheet.write_datetime(place, 2, when, moment)
            sheet.write_datetime(place, 3, when.replace(hour=0, minute=0, second=0), day)
            sheet.write_boolean(place, 4, truth)
            if not in_rows:
                sheet.write_formula(place, 5, "=NA()", None, "#N/A")
                sheet.write_formula(place, 6, "=1+1", None, 2)
    errors = ["", ""] if in_rows else ["#N/A", "2"]
    header = ["text", "number", "moment", "day", "truth", "error", "formula"]
    numbers = ["12.5", "3.51234567890124E+17", "3", "0.3"]
    moments = ["2026-01-03 09:05:07", "2026-01-03 00:00:00", "2026-01-03 23:59:59"]
    moments.append("1999-12-31 00:00:01")
    assert read_cells(open_sheet(path)) == [
        header,
        *(
            [row[0], number, moment, moment[:10], str(row[3]).upper(), *errors]
            for row, number, moment in zip(rows, numbers, moments, strict=True)
        ),
    ]


def test_rich_texts_and_their_pronunciation(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book")) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_rich_string(1, 0, "订单", bold, " 35", "15")
        sheet.write_string(1, 1, "x")
    assert read_cells(open_sheet(tmp_path / "book"))[1] == ["订单 3515", "x"]
    texts = (
        "<sst><si><t>a</t></si><si><t>b</t></si><si><r><t>山</t></r><r><t>田</t></r>"
        '<rPh sb="0" eb="1"><t>ヤマ</t></rPh></si></sst>'
    )
    rows = HEADER + '<row r="2">' + show("A2", "2", ' t="s"') + "</row>"
    assert read_cells(open_sheet(write_parts(tmp_path / "two", rows, texts=texts)))[1] == [
        "山田",
        "",
    ]


def test_dates_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book"), {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        day = book.add_format({"num_format": 14})
        sheet.write_datetime(1, 0, datetime.datetime(2026, 1, 3), day)
        sheet.write_datetime(1, 1, datetime.datetime(2026, 1, 3, 12, 30), day)
    cells = read_cells(open_sheet(tmp_path / "book"))
    assert cells[1] == ["2026-01-03", "2026-01-03 12:30:00"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3.0", "3"),
        ("-0", "0"),
        ("69.200000000000003", "69.2"),
        ("1E+3", "1000"),
        ("1e-7", "0.0000001"),
        ("999999999999999", "999999999999999"),
        ("1000000000000000", "1E+15"),
        ("351234567890123456", "3.51234567890123E+17"),
        ("abc", "abc"),
        ("1_000", "1_000"),
        ("nan", "nan"),
        ("1e9999", "1e9999"),
    ],
)
def test_numbers(value: str, text: str) -> None:
    assert render_number(value) == text


def test_serials() -> None:
    for day in (1, 59, 61, 45_413, 2_958_465):
        first = datetime.datetime(1899, 12, 31 if day < 60 else 30)
        assert render_serial("date", False, str(day)) == str(
            (first + datetime.timedelta(day)).date()
        )
    assert render_serial("date", False, "60") == "1900-02-29"
    assert render_serial("date", False, "2958466") == "2958466"
    assert render_serial("date", False, "-1") == "-1"
    assert render_serial("date", False, "45413.4166666667") == "2024-05-01 10:00:00"
    assert render_serial("moment", False, "45413.9999999999") == "2024-05-02 00:00:00"
    assert render_serial("moment", False, "45413.0000057870") == "2024-05-01 00:00:00.500"
    assert render_serial("moment", True, "2957003.999999999") == "9999-12-31 23:59:59.999"
    assert render_serial("time", False, "0.5") == "12:00:00"
    assert render_serial("elapsed", False, "1.5") == "36:00:00"
    for second in random.Random(1).sample(range(2_500_000_000, 4_000_000_000), 2_000):
        wanted = datetime.datetime(1899, 12, 30) + datetime.timedelta(seconds=second)
        assert render_serial("moment", False, f"{second / 86_400:.15g}") == str(wanted)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", "number"),
        ("0.00E+00", "number"),
        ('#,##0.00" 元/day"', "number"),
        ("[Red]0.00;[Blue]-0.00", "number"),
        ("\\d0", "number"),
        ("yyyy/m/d", "date"),
        ("mmm-yy", "date"),
        ('[$-804]yyyy"年"m"月"d"日";@', "date"),
        ("yyyy-mm-dd hh:mm:ss.000", "moment"),
        ("m/d/yy h:mm AM/PM", "moment"),
        ("h:mm", "time"),
        ("mm:ss.0", "time"),
        ("[h]:mm:ss", "elapsed"),
        ("@", "number"),
    ],
)
def test_number_formats(code: str, shown: str) -> None:
    assert classify_format(code) == shown


def test_built_in_formats_of_chinese_spreadsheets_are_dates() -> None:
    assert {BUILT_IN[number] for number in (14, 27, 31, 36, 50, 57, 58)} == {"date"}
    assert BUILT_IN[22] == "moment"


def read_both_ways(path: Path) -> tuple[list[Row], list[Row]]:
    """Return the rows of the first sheet as matched cell by cell, and as the parser reads them."""
    read: list[list[Row]] = []
    for opening in (b"<sheetData>", b"<sheetData >"):
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        changed = path.with_suffix(".other")
        with zipfile.ZipFile(changed, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part.replace(b"<sheetData>", opening))
        book = open_book(changed)
        with book.archive:
            assert isinstance(book.texts, LazyTexts)
            book.texts = book.texts.read_all()
            read.append([row for rows in SheetRows(book, book.sheets[0]) for row in rows])
    return read[0], read[1]


def test_matching_and_parsing_give_the_same_rows(tmp_path: Path) -> None:
    source = random.Random(7)
    texts = ["000123", "a & <b>", ' "q" ', "门店𠮷", "x\ny\r", "_x000D_", "", "=1+1", "'1", "1e5"]
    for number in range(12):
        path = tmp_path / f"{number}"
        inline = number % 2 == 1
        with xlsxwriter.Workbook(str(path), {"constant_memory": inline}) as book:
            sheet = book.add_worksheet()
            styles = [book.add_format({"num_format": code}) for code in (14, 22, 46, "0.0", "@")]
            for row in range(200):
                if source.random() < 0.1:
                    continue
                for column in source.sample(range(60), 8):
                    style = source.choice([None, *styles])
                    if source.random() < 0.5:
                        sheet.write_string(row, column, source.choice(texts), style)
                    elif source.random() < 0.8:
                        sheet.write_number(row, column, source.uniform(-10, 60_000), style)
                    elif style is not None:
                        sheet.write_blank(row, column, None, style)
                if not inline and number % 3 == 0 and row == 150:
                    sheet.write_formula(row, 61, '="a"&"b"', None, "ab")
        matched, parsed = read_both_ways(path)
        assert matched == parsed
        assert len(matched) > 100


def test_other_writers_of_xml(tmp_path: Path) -> None:
    rows = (
        '<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c></x:row><!-- c -->'
        '<x:row><x:c t="d"><x:v>2026-01-03T09:00:00</x:v></x:c><x:c><x:f>1+1</x:f></x:c></x:row>'
        '<x:row><x:c t="str"><x:f>A1</x:f><x:v></x:v></x:c><x:c t="e"><x:v>#SPILL!</x:v></x:c>'
        "</x:row>"
    )
    part = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    for encoding in ("utf-8", "utf-16"):
        content = f'<?xml version="1.0" encoding="{encoding}"?>{part}'.encode(encoding)
        path = write_parts(tmp_path / encoding, "", sheet=content)
        assert read_cells(open_sheet(path)) == [
            ["a", "b"],
            ["2026-01-03 09:00:00", "=1+1"],
            ["", "#SPILL!"],
        ]


def test_entities() -> None:
    assert decode_entities("a&amp;lt;&#65;&#x95e8;&quot;") == 'a&lt;A门"'
    for text in ("&copy;", "&amp", "&#0;", "&#xD800;", "&"):
        with pytest.raises(InputError):
            decode_entities(text)


def test_rows_are_numbered_and_located_as_in_the_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [None, None, None],
        ["a", "b", None],
        ["1", "2", None],
        [None, None, None],
    ]
    rows += [["3", "4", "5"], ["6", None, None]]
    path = write_sheets(tmp_path / "book", {"May": rows})
    workbook = open_sheet(path)
    assert read_cells(workbook) == [["a", "b"], ["1", "2"], ["6", ""]]
    assert workbook.misfits == {1: "wrong_column_count"} and workbook.rows == 3
    assert workbook.read_batches().read_all().column("row_ordinal").to_pylist() == [0, 2]
    assert workbook.read_rows({0, 1, 2}) == {0: (3, "1,2"), 1: (5, "3,4,5"), 2: (6, "6,")}
    assert list(workbook.read_misfits()) == [(5, "3,4,5")]
    assert workbook.read_batches([1]).schema.names == ["row_ordinal", "1"]


def test_sheets_of_one_header_are_read_one_after_the_other(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "May": [["a", "b"], ["1", "2"]],
        "empty": [],
        "June's": [["a ", "b"], ["3", "4"]],
    }
    workbook = open_sheet(write_sheets(tmp_path / "book", sheets))
    assert read_cells(workbook) == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert workbook.read_rows({0, 1}) == {0: (2, "'May'!2: 1,2"), 1: (2, "'June''s'!2: 3,4")}
    chosen = open_sheet(tmp_path / "book", sheet="May")
    assert read_cells(chosen) == [["a", "b"], ["1", "2"]]
    assert chosen.encoding != workbook.encoding
    with pytest.raises(InputError, match=r"there is no sheet 'July'; the sheets are 'May', "):
        open_sheet(tmp_path / "book", sheet="July")
    with pytest.raises(InputError, match="are empty in 'empty'; export"):
        open_sheet(tmp_path / "book", sheet="empty")


def test_sheets_of_other_headers_are_listed(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "a.xlsx", {"May": [["a", "b"]], "cities": [["city"]]})
    book = openpyxl.load_workbook(path)
    book["cities"].sheet_state = "hidden"
    book.save(tmp_path / "book")
    with pytest.raises(InputError, match=r"^orders.xlsx: the sheets 'May', 'cities' \(hidden\) "):
        open_sheet(tmp_path / "book")
    assert open_sheet(tmp_path / "book", sheet="May").header == ["a", "b"]


def test_a_title_is_skipped_only_where_that_is_declared(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "book", {"S": [["Orders of May"], ["a", "b"], ["1", "2"]]})
    with pytest.raises(InputError, match="row 1 has one filled cell, as a title has; set"):
        open_sheet(path)
    assert read_cells(open_sheet(path, header_row=2)) == [["a", "b"], ["1", "2"]]


def test_a_far_cell_costs_nothing(tmp_path: Path) -> None:
    far = f'<row r="1048576">{show("XFD1048576", "1")}</row>'
    rows = HEADER + f'<row r="2">{show("A2", "5")}</row>' + far
    workbook = open_sheet(write_parts(tmp_path / "book", rows))
    assert read_cells(workbook) == [["a", "b"], ["5", ""]]
    assert workbook.misfits == {1: "wrong_column_count"}
    assert workbook.read_rows({1})[1][0] == 1_048_576
    wide = '<row r="1">' + show("A1", "1") + show("XFD1", "2") + "</row>"
    with pytest.raises(InputError, match="the header reaches from column A to XFD"):
        open_sheet(write_parts(tmp_path / "wide", wide))


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"sheet": f"<worksheet><sheetData>{' ' * (40 << 20)}"}, "would unpack to 40 MB"),
        ({"sheet": f"<worksheet><sheetData>{' ' * (20 << 20)}"}, "a row is too large"),
        ({"sheet": f"{LAUGHS}<worksheet><sheetData/></worksheet>"}, "declares a document type"),
        ({"texts": f"{LAUGHS}<sst><si><t>&b;</t></si></sst>"}, "declares a document type"),
        ({"book": f"<workbook>{' ' * (17 << 20)}</workbook>"}, "xl/workbook.xml is too large"),
        (
            {
                "book": "<workbook><sheets>"
                + '<sheet name="S" r:id="r1"/>' * 1_001
                + "</sheets></workbook>"
            },
            "has 1,001 sheets",
        ),
        ({"sheet": "<worksheet><sheetData>"}, "breaks off after row 0"),
        ({"sheet": f"<worksheet><sheetData>{HEADER}</worksheet>"}, "breaks off after row 1"),
        ({"sheet": f"<worksheet><sheetData>{HEADER * 2}</sheetData>"}, "row 1 comes after row 1"),
        (
            {"sheet": f"<worksheet><sheetData>{HEADER.replace('B1', 'A1')}</sheetData>"},
            "cell A1 stands twice",
        ),
        ({"sheet": "<worksheet><sheetData ><row></sheetData>"}, "the workbook is damaged"),
        ({"sheet": b"<worksheet><sheetData>\xff</sheetData>"}, "the workbook is damaged"),
        ({"texts": "<sst><si><t>a</t></si></sst>"}, "row 1: the text of a cell is missing"),
        ({"book": "<workbook/>"}, "are empty in the workbook"),
    ],
)
def test_hostile_and_damaged_workbooks_are_refused(
    tmp_path: Path, parts: dict[str, str | bytes], problem: str
) -> None:
    path = write_parts(tmp_path / "book", HEADER, **parts)
    with pytest.raises(InputError, match=problem) as refusal:
        open_sheet(path)
    assert str(refusal.value).startswith("orders.xlsx: ")
    assert str(refusal.value).count("\n") == 0


def test_half_copied_and_protected_archives_are_refused(tmp_path: Path) -> None:
    whole = write_parts(tmp_path / "book", HEADER).read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="was not copied to its end"):
        open_sheet(tmp_path / "half")
    (tmp_path / "locked").write_bytes(
        whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    )
    with pytest.raises(InputError, match="protected by a password"):
        open_sheet(tmp_path / "locked")


def test_damage_further_down_is_an_error_of_the_reading(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}">{show(f"A{row}", "7")}</row>' for row in range(2, 30_000))
    path = write_parts(tmp_path / "book", HEADER + rows + f'<row r="5">{show("A5", "1")}</row>')
    workbook = open_sheet(path)
    with pytest.raises(InputError, match=r"^orders.xlsx: sheet 'May': row 5 comes after row 29999"):
        list(workbook.iterate_batches())


def test_a_reading_given_up_leaves_no_process(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}">{show(f"A{row}", "7")}</row>' for row in range(2, 200_000))
    workbook = open_sheet(write_parts(tmp_path / "book", HEADER + rows))
    batches = workbook.iterate_batches()
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_limits_end_a_child_that_takes_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parts(tmp_path / "book", HEADER)
    child = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 28,) * 2); b'a' << 30"
    child = child.replace("b'a' << 30", "bytearray(1 << 30)")
    begin = subprocess.Popen

    def begin_greedy(arguments: list[str], **options: object) -> object:
        return begin([arguments[0], "-c", child], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", begin_greedy)
    with pytest.raises(InputError, match=r"^orders.xlsx: the workbook takes more memory or time"):
        open_sheet(path)


def test_the_child_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    assert "hunter2" not in choose_environment().values()
