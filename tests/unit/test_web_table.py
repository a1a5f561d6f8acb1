"""That HTML tables give all their rows as text, and that what could lose a cell is refused.

Which file is a page is tested in `tests/unit/test_formats.py`.
"""

from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.ingest.web_table import BATCH_ROWS, CHUNK_CHARACTERS, WebTable, open_web_table

HEAD = "<tr><th>编号</th><th> 名称 </th></tr>"


def open_page(
    folder: Path,
    page: str | bytes,
    codec: str = "utf-8",
    encoding: str = "auto",
    header_row: int = 1,
) -> WebTable:
    path = folder / "file"
    path.write_bytes(page.encode(codec) if isinstance(page, str) else page)
    return open_web_table(path, "orders.xls", encoding, header_row)


def read_cells(table: WebTable) -> list[list[str]]:
    """Return the header and the rows that fit."""
    rows = table.read_batches().read_all()
    columns = [rows.column(str(place)).to_pylist() for place in range(len(table.header))]
    return [table.header, *(list(row) for row in zip(*columns, strict=True))]


@pytest.mark.parametrize(
    ("codec", "declared", "settled"),
    [
        ("utf-8", "", "utf-8"),
        ("utf-8-sig", "gb2312", "utf-8"),
        ("gb18030", "", "gb18030"),
        ("gbk", "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>", "gb18030"),
        ("utf-16", "<meta charset=utf-16>", "utf-16"),
        ("utf-16-le", "", "utf-16-le"),
    ],
)
def test_encodings(tmp_path: Path, codec: str, declared: str, settled: str) -> None:
    page = f"<html>{declared}<body><table>{HEAD}<tr><td>000123</td><td>门店</td></tr></table>"
    table = open_page(tmp_path, page, codec)
    assert table.encoding == f"html {settled} 1"
    assert read_cells(table) == [["编号", "名称"], ["000123", "门店"]]


def test_markup_is_read_as_a_browser_shows_it(tmp_path: Path) -> None:
    page = f"""<TABLE border=1>
    <script>if (a < b) document.write("<tr><td>x<td>y</tr>")</script><style>td {{ a: b }}</style>
    <!-- <tr><td>hidden<td>row</tr> -->{HEAD}
    <tr><td style='mso-number-format:"\\@"'>=&quot;3515&quot;<td>a&amp;b
        c<br>d&nbsp;
    <tr><td>&nbsp;<td></tr>
    <tr><td><b>1</b>2</td><td colspan=1><a href="x">e</a></td></tr></TABLE>"""
    table = open_page(tmp_path, page)
    assert read_cells(table) == [["编号", "名称"], ['="3515"', "a&b c d"], ["12", "e"]]
    assert table.rows == 2


def test_rows_are_located_and_misfits_kept(tmp_path: Path) -> None:
    rows = "<tr><td>1<td>2\n<tr><td>3\n<tr><td>4<td>5\n"
    table = open_page(tmp_path, f"<table>{HEAD}\n{rows}</table>")
    assert read_cells(table)[1:] == [["1", "2"], ["4", "5"]]
    assert table.misfits == {1: "wrong_column_count"} and table.rows == 3
    assert table.read_rows({0, 1, 2}) == {0: (2, "1,2"), 1: (3, "3"), 2: (4, "4,5")}
    assert list(table.read_misfits()) == [(3, "3")]
    assert table.read_batches().read_all().column("row_ordinal").to_pylist() == [0, 2]
    assert table.read_batches({1}).schema.names == ["row_ordinal", "1"]


def test_many_rows_on_the_borders_of_chunks_and_batches(tmp_path: Path) -> None:
    wanted = [[f"{row:06d}", "门店&" * (row % 5)] for row in range(2 * BATCH_ROWS + 7)]
    rows = "".join(
        f"<tr><td>{first}</td><td>{second.replace('&', '&amp;')}</td></tr>"
        for first, second in wanted
    )
    assert len(rows) > 10 * CHUNK_CHARACTERS
    table = open_page(tmp_path, f"<table>{HEAD}{rows}</table>", "gb18030")
    assert read_cells(table)[1:] == wanted
    assert table.read_rows({BATCH_ROWS})[BATCH_ROWS][1].startswith(f"{BATCH_ROWS:06d},")


def test_tables_without_a_header_are_passed_over(tmp_path: Path) -> None:
    title = "<table><tr><td>Orders of May</td></tr></table>"
    table = open_page(tmp_path, f"{title}<table>{HEAD}<tr><td>1<td>2</table>{title}")
    assert read_cells(table) == [["编号", "名称"], ["1", "2"]]


def test_a_title_is_skipped_only_where_that_is_declared(tmp_path: Path) -> None:
    page = f"<table><tr><td colspan=2>May</td></tr>{HEAD}<tr><td>1<td>2</table>"
    with pytest.raises(InputError, match="line 1: this row has one filled cell, as a title has"):
        open_page(tmp_path, page)
    assert read_cells(open_page(tmp_path, page, header_row=2))[1:] == [["1", "2"]]


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (f"<table>{HEAD}\n<tr><td colspan=2>1<td>2</table>", "line 2: a cell has colspan='2', so"),
        (f"<table>{HEAD}\n<tr><td rowspan=2>1<td>2</table>", "line 2: a cell has rowspan='2', so"),
        (f"<table>{HEAD}<tr><td><table></table></table>", "a table stands inside of another"),
        (f"<table>{HEAD}</table>\n<table>{HEAD}</table>", "line 2: a second table begins"),
        (f"<table>{HEAD}<tr><td>1<td>2", "the table breaks off; export"),
        (f"<table>{HEAD}<!-- " + "x" * (3 << 19), "the markup is never closed"),
        ("<table><tr>" + "<th>a</th>" * 2_001 + "</table>", "the header has 2,001 cells"),
        ("<table></table><p>a", "the page has no table with a header"),
        ("<meta charset=big5><table></table>", "the page says that it is big5 text"),
        ("<meta charset=utf-8><td>门店".encode()[:-1], "the bytes are not utf-8 text"),
        (b"<table>\xff\xff", "the bytes are not utf-8 nor gb18030 text"),
        (b"<table>\0</table>", "the bytes are not utf-8 nor gb18030 text"),
    ],
)
def test_pages_that_are_refused(tmp_path: Path, page: str | bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as refusal:
        open_page(tmp_path, page)
    assert str(refusal.value).startswith("orders.xls")


def test_pages_that_are_too_large_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as stream:
        stream.truncate(300 << 20)
    with pytest.raises(InputError, match="the page is larger than 256 MB"):
        open_web_table(path, "orders.xls", "auto", 1)
