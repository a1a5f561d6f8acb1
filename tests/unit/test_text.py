"""That text files give all their rows as text, whatever their encoding, line ends and quotes.

The standard library's csv module is the second reader; what a cell means is tested elsewhere.
"""

import csv
import gzip
import io
import random
import re
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.errors import InputError
from pipelines.ingest.text import CHUNK_BYTES, TextFile, open_text

# The second is written with four bytes in GB18030.
CHINESE = "门店𠮷"
ENDS = ["\n", "\r\n", "\r"]


def open_bytes(folder: Path, content: bytes, encoding: str = "auto") -> TextFile:
    path = folder / "file"
    path.write_bytes(content)
    return open_text(path, "orders.csv", encoding)


def read_numbered(file: TextFile) -> list[tuple[int, list[str]]]:
    """Return the rows that fit, as text, with their ordinals."""
    width = len(file.header)
    return [
        (row["row_ordinal"], [row[str(position)] for position in range(width)])
        for batch in file.read_batches()
        for row in batch.to_pylist()
    ]


def read_rows(file: TextFile) -> list[list[str]]:
    """Return the rows that fit, as text."""
    return [row for _, row in read_numbered(file)]


def write_csv(
    rows: list[list[str]], delimiter: str = ",", end: str = "\n", quoting: Literal[0, 1] = 0
) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows(rows)
    return stream.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize(
    ("codec", "settled"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_line_ends_and_delimiters(
    tmp_path: Path, codec: str, settled: str, delimiter: str, end: str
) -> None:
    chinese = CHINESE[:2] if codec == "gbk" else CHINESE
    rows = [
        ["编号", "a,\t;b"],
        ["000123", f'"{chinese}"'],
        ["", f"{chinese}\n门\r\n店\r{chinese}"],
        ["7", ""],
    ]
    content = write_csv(rows, delimiter, end).encode(codec)
    for packed in (content, gzip.compress(content)):
        file = open_bytes(tmp_path, packed)
        assert (file.encoding, file.delimiter) == (settled, delimiter)
        assert [file.header, *read_rows(file)] == rows
        assert (file.misfits, file.rows) == ({}, 3)


def test_declared_encoding_is_the_only_one_tried(tmp_path: Path) -> None:
    content = "编号\n门店\n".encode("gb18030")
    assert open_bytes(tmp_path, content, "gb18030").encoding == "gb18030"
    with pytest.raises(InputError, match=r"^orders.csv, line 1: the bytes are not utf-8 text; "):
        open_bytes(tmp_path, content, "utf-8")


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_characters_on_the_border_of_two_chunks_stay_whole(tmp_path: Path, codec: str) -> None:
    for shift in range(4):
        cells = ["x" * shift + CHINESE * 50] * (CHUNK_BYTES // 300)
        text = "name\n" + "\n".join(cells) + "\n"
        file = open_bytes(tmp_path, text.encode(codec), codec)
        assert {row[0] for row in read_rows(file)} == set(cells)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a,b\n1,2\n3,\0\n", 3),
        (b"a,b\r1,2\r3,\0\r", 3),
        (b"a,b\r\n1,2\r\n3,\0\r\n", 3),
        (b"a,b\n1,2\n3,4\n5,\xff\n", 4),
        (b"PK\x03\x04\x14\x00\x00\x00", 1),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(
    tmp_path: Path, content: bytes, line: int
) -> None:
    message = f"^orders.csv, line {line}: the bytes are not utf-8 nor gb18030 text; save the file "
    with pytest.raises(InputError, match=message):
        open_bytes(tmp_path, content)


@pytest.mark.parametrize("cut", [1, 2])
def test_damaged_utf8_is_not_taken_for_gb18030(tmp_path: Path, cut: int) -> None:
    whole = "a,b\n" + "1,门店外卖\n" * 4 + "2,门店"
    with pytest.raises(InputError, match=r"^orders.csv, line 6: "):
        open_bytes(tmp_path, whole.encode()[:-cut])


def test_gbk_that_begins_like_utf8_is_still_gbk(tmp_path: Path) -> None:
    file = open_bytes(tmp_path, "实状,通\n门店,2\n".encode("gbk"))
    assert (file.encoding, file.header) == ("gb18030", ["实状", "通"])


@pytest.mark.parametrize("inch", ['7,5" pipe\n', '7,"5"" pipe"\n', '7,5" by 6"\n', '"7","8"'])
def test_quote_that_opens_nothing_is_a_character(tmp_path: Path, inch: str) -> None:
    assert len(read_rows(open_bytes(tmp_path, f"a,b\n1,2\n{inch}".encode()))) == 2


@pytest.mark.parametrize(
    "content", [b"\n", b"\r\n1,2\n", b",,\n1,2,3\n", b'"",""\n', b"\xef\xbb\xbf"]
)
def test_file_without_header_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"^orders.csv, line 1: there is no header; "):
        open_bytes(tmp_path, content)


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b"a,b\r\n\r\n", b"\xef\xbb\xbfa,b\n"])
def test_header_alone_has_no_rows(tmp_path: Path, content: bytes) -> None:
    file = open_bytes(tmp_path, content)
    assert (file.header, read_rows(file), file.misfits, file.rows) == (["a", "b"], [], {}, 0)


def test_header_is_trimmed_and_keeps_names_that_stand_twice(tmp_path: Path) -> None:
    assert open_bytes(tmp_path, "订单编号 ,a,\u3000a\n".encode()).header == ["订单编号", "a", "a"]


def test_byte_order_mark_of_gb18030_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert open_bytes(tmp_path, "\ufeff编号,b\n门,2\n".encode("gb18030")).header == ["编号", "b"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_short_and_long_rows_are_left_out_with_their_lines(tmp_path: Path, end: str) -> None:
    lines = ["a,b", "1,2", "short", '"two', 'lines",3', "", "x,y,z", "4,5", ",,"]
    file = open_bytes(tmp_path, end.join(lines).encode())
    assert read_rows(file) == [["1", "2"], [f"two{end}lines", "3"], ["4", "5"]]
    assert file.misfits == dict.fromkeys((1, 3, 5), "wrong_column_count")
    assert file.rows == 6
    assert file.read_rows(range(6)) == {
        0: (2, "1,2"),
        1: (3, "short"),
        2: (4, f'"two{end}lines",3'),
        3: (7, "x,y,z"),
        4: (8, "4,5"),
        5: (9, ",,"),
    }


def test_longest_cell_can_be_located(tmp_path: Path) -> None:
    file = open_bytes(tmp_path, f"a,b\n1,{'x' * 200_000}\n2,y\n".encode())
    assert len(read_rows(file)) == 2
    assert file.read_rows({1}) == {1: (3, "2,y")}


@pytest.mark.parametrize("rows_after", [3, 20_000])
def test_quote_that_is_never_closed_does_not_swallow_the_rest(
    tmp_path: Path, rows_after: int
) -> None:
    content = 'a,b\n1,2\n3,"oops\n' + "4,5\n" * rows_after
    with pytest.raises(InputError, match=r"orders.csv, line 3: .*quote"):
        read_rows(open_bytes(tmp_path, content.encode()))


PIECES = st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", " ", "a", "b", "门", "𠮷"])


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.lists(PIECES, max_size=24), st.sampled_from(["utf-8", "gb18030", "utf-16-le"]))
def test_rows_are_those_that_another_reader_sees(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], codec: str
) -> None:
    body = "".join(pieces)
    assume(list(csv.reader([*io.StringIO(body, newline=""), "end"]))[-1] == ["end"])
    rows = [row for row in csv.reader(io.StringIO(body, newline="")) if row]
    file = open_bytes(tmp_path_factory.getbasetemp(), f"x,y\n{body}".encode(codec))
    cells = dict(read_numbered(file))
    assert file.rows == len(rows)
    assert cells.keys() | file.misfits.keys() == set(range(len(rows)))
    assert all(cells[ordinal] == rows[ordinal] for ordinal in cells)
    wrong = {ordinal for ordinal, row in enumerate(rows) if len(row) != 2}
    assert wrong <= file.misfits.keys()
    assert all('"' in file.read_rows({row})[row][1] for row in file.misfits.keys() - wrong)


CELLS = st.text(
    st.one_of(st.sampled_from('",;\t\r\n \u3000门𠮷é0'), st.characters(codec="utf-8")), max_size=6
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data())
def test_tables_that_a_writer_quotes_come_back_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    width = data.draw(st.integers(1, 4))
    cells = CELLS.filter(lambda cell: "\0" not in cell)
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=12))
    codec = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    delimiter, end = data.draw(st.sampled_from(",\t;")), data.draw(st.sampled_from(ENDS))
    header = [f"name {position}" for position in range(width)]
    # The writer leaves a return without quotes where it is no part of its own line end.
    can_be_minimal = end == "\r\n" and data.draw(st.booleans())
    style: Literal[0, 1] = csv.QUOTE_MINIMAL if can_be_minimal else csv.QUOTE_ALL
    content = write_csv([header, *rows], delimiter, end, style).encode(codec)
    if data.draw(st.booleans()):
        content = gzip.compress(content)
    file = open_bytes(tmp_path_factory.getbasetemp(), content, codec.removesuffix("-sig"))
    if width > 1:
        assert file.delimiter == delimiter
    found = dict(read_numbered(file))
    assert file.rows == len(rows)
    assert found == {row: rows[row] for row in range(len(rows)) if row not in file.misfits}
    assert all(lines_fit(rows[row], delimiter) for row in file.misfits)
    assert len(file.read_rows(range(len(rows)))) == len(rows)
    for row, (line, text) in file.read_rows(range(len(rows))).items():
        assert next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) == rows[row]
        assert line == 2 + sum(count_lines(earlier) for earlier in rows[:row])


def count_lines(row: list[str]) -> int:
    """Return the lines that a row takes, its own line end included."""
    return 1 + sum(len(re.findall("\r\n|\r|\n", cell)) for cell in row)


def lines_fit(row: list[str], delimiter: str) -> bool:
    """Return whether a row's lines could each be a row if quotes were mere characters."""
    lines = re.split("\r\n|\r|\n", delimiter.join(row))
    return len(lines) > 1 and all(line.count(delimiter) == len(row) - 1 for line in lines)


@pytest.mark.parametrize(
    ("lines", "misfits"),
    [
        # An inch mark that opens a cell, another that closes it: two rows, or one.
        (['1,"5 inch,x', '2,7",y'], {1}),
        (['1,"5 inch,x', "2,6,y", '3,"7",y'], {1}),
        (['1,"5" pipe,x'], {1}),
        (['1,"5",x"', '2,"a"b"c",y'], {2}),
        # A remark of two lines, commas and all, is told from rows where a line has other cells.
        (['1,"good, but late', 'and, sadly, cold",x'], set()),
        (['1,"two', 'lines",x'], set()),
        (['1,5" by 6",x', '2,"a ""b""",y'], set()),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_with_unclear_quotes_are_left_out(
    tmp_path: Path, lines: list[str], misfits: set[int], end: str
) -> None:
    content = end.join(["a,b,c", "0,0,0", *lines, "9,9,9"]) + end
    file = open_bytes(tmp_path, content.encode())
    cells = dict(read_numbered(file))
    assert file.misfits == dict.fromkeys(misfits, "unclear_quotes")
    assert cells[0] == ["0", "0", "0"]
    assert cells[file.rows - 1] == ["9", "9", "9"]
    assert len(cells) == file.rows - len(misfits)


def test_quotes_in_one_column_may_hold_lines(tmp_path: Path) -> None:
    assert read_rows(open_bytes(tmp_path, b'a\n"1\n2"\n')) == [["1\n2"]]


@pytest.mark.parametrize("last", ['5,"x', '5,x"', '5,x,"', '"5",x'])
def test_quote_that_hides_many_lines_is_refused_with_its_line(tmp_path: Path, last: str) -> None:
    content = 'a,b\n1,2\n3,"oops\n' + "4,5\n" * 500 + last + "\n6,7\n"
    with pytest.raises(InputError, match=r"^orders.csv, line 3: a quote "):
        open_bytes(tmp_path, content.encode())


def test_unclear_quotes_in_the_header_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^orders.csv, line 1: the quotes in the header "):
        open_bytes(tmp_path, b'a,"b"c,d\n1,2,3\n')


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_header_stands_as_it_is(tmp_path: Path, codec: str, mark: str) -> None:
    header = '"订单 编号 ","分销员",分销员 ,"a,b","c\n""d""",'
    file = open_bytes(tmp_path, f'{mark}{header}\n1,2,3,4,"5",\n1,2,3,4,5\n'.encode(codec))
    assert file.header == ["订单 编号", "分销员", "分销员", "a,b", 'c\n"d"', ""]
    assert read_rows(file) == [["1", "2", "3", "4", "5", ""]]
    assert file.misfits == {1: "wrong_column_count"}
    assert file.read_rows({0, 1}) == {0: (3, '1,2,3,4,"5",'), 1: (4, "1,2,3,4,5")}


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("a;b;c", ";"),
        ('"a,b";c', ";"),
        ("a,b;c,d", ","),
        ("a\tb", "\t"),
        ("a", ","),
        ("a,b;c", ","),
        ('"a ""b""";c,d', ";"),
        ('a\t"b,\t;c"', "\t"),
        ('a;"b\n,,,";c', ";"),
    ],
)
def test_delimiter_is_the_one_of_the_header(tmp_path: Path, header: str, delimiter: str) -> None:
    file = open_bytes(tmp_path, f"{header}\n1;2,3;4,5;6,7\t8\n".encode())
    assert file.delimiter == delimiter


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_declared_utf16_needs_its_byte_order(tmp_path: Path, codec: str) -> None:
    assert open_bytes(tmp_path, "a,b\n".encode(codec), "utf-16").encoding == codec
    with pytest.raises(InputError, match=r"^orders.csv, line 1: the bytes are not utf-16 text; "):
        open_bytes(tmp_path, "门店".encode(codec), "utf-16")


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n3,".encode("utf-16") + b"\0\xd8,", "a,b\n1,2\n3".encode("utf-16") + b"x"]
)
def test_damaged_utf16_is_refused_with_its_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"^orders.csv, line 3: the bytes are not utf-16-le text"):
        open_bytes(tmp_path, content)


@pytest.mark.parametrize("seed", range(4))
def test_lines_and_quotes_on_the_border_of_two_pieces_stay_whole(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    letters = ['"', '""', "\r\n", "\n", ",", "门", "𠮷", "x" * 7]
    rows = [["a", "b"]]
    while len(rows) < 9 * CHUNK_BYTES // 40:
        rows.append(["".join(chance.choices(letters, k=4)), "".join(chance.choices(letters, k=4))])
    codec = ["utf-8", "gb18030", "utf-16", "gb18030"][seed]
    if seed % 2:  # quotes, but no line ends in cells
        rows = [[re.sub("[\r\n]", "", cell) for cell in row] for row in rows]
    file = open_bytes(tmp_path, write_csv(rows, end="\r\n").encode(codec), codec)
    found = dict(read_numbered(file))
    assert len(found) + len(file.misfits) == file.rows == len(rows) - 1
    assert all(rows[row + 1] == cells for row, cells in found.items())
    assert all(lines_fit(rows[row + 1], ",") for row in file.misfits)


def test_only_chosen_columns_are_made(tmp_path: Path) -> None:
    file = open_bytes(tmp_path, b"a,b,c\n1,2,3\n4,5\n6,7,8\n")
    rows = file.read_batches({2, 0}).read_all().to_pylist()
    assert rows == [{"row_ordinal": 0, "0": "1", "2": "3"}, {"row_ordinal": 2, "0": "6", "2": "8"}]
    assert file.read_batches([]).read_all().to_pylist() == [{"row_ordinal": 0}, {"row_ordinal": 2}]


def test_lines_of_rows_are_exact_after_quoted_line_breaks(tmp_path: Path) -> None:
    chance = random.Random(3)
    starts: list[int] = []
    misfits: list[int] = []
    lines, line = ["a,b"], 2
    for number in range(2_000):
        kind = chance.choice(["plain", "quoted", "misfit", "blank"])
        breaks = chance.randint(1, 4) if kind == "quoted" else 0
        if kind == "misfit":
            misfits.append(len(starts))
        if kind != "blank":
            starts.append(line)
        quoted = f'{number},"' + "\n" * breaks + '"'
        lines.append({"plain": f"{number},x", "quoted": quoted, "misfit": "x", "blank": ""}[kind])
        line += 1 + breaks
    file = open_bytes(tmp_path, "\n".join(lines).encode())
    assert len(read_rows(file)) == len(starts) - len(misfits)
    assert list(file.misfits) == misfits
    found = file.read_rows(range(len(starts)))
    assert [line for line, _ in found.values()] == starts


def test_row_without_end_is_refused_with_its_line(tmp_path: Path) -> None:
    for content in (
        b"a,b\n1,2\n3," + b"x" * 9_000_000,
        b'a,b\n1,2\n3,"' + b"x\n" * 4_500_000 + b'"',
    ):
        with pytest.raises(InputError, match=r"^orders.csv, line 3: a row of more than 8,000,000 "):
            open_bytes(tmp_path, content)


def test_long_rows_are_read_whole(tmp_path: Path) -> None:
    cells = ["x" * 3_000_000, "门" * 1_000_000, "y\n" * 1_000_000]
    for codec in ("utf-8", "gb18030"):
        file = open_bytes(tmp_path, write_csv([["a"], *([cell] for cell in cells)]).encode(codec))
        assert read_rows(file) == [[cell] for cell in cells]


@pytest.mark.parametrize("unit", [b"1,2\n", b"\0", b'"'])
def test_compressed_bombs_are_refused_at_once(tmp_path: Path, unit: bytes) -> None:
    bomb = gzip.compress(b"a,b\n" + unit * (1 << 27))
    with pytest.raises(InputError, match=r"^orders.csv"):
        open_bytes(tmp_path, bomb)
    assert len(bomb) < 1 << 21


def test_repetitive_files_are_no_bombs(tmp_path: Path) -> None:
    assert open_bytes(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * (1 << 20))).header == ["a", "b"]


@pytest.mark.parametrize("cut", [1, 9, 300])
def test_damaged_compression_is_refused(tmp_path: Path, cut: int) -> None:
    chance = random.Random(1)
    whole = gzip.compress("".join(f"{chance.random()},2\n" for _ in range(90)).encode())
    for content in (whole[:-cut], whole[:-cut] + b"x" * cut, whole + b"x" * cut):
        with pytest.raises(
            InputError, match=r"^orders.csv: the compressed file is damaged or inco"
        ):
            open_bytes(tmp_path, content)


def test_compressed_files_may_follow_each_other(tmp_path: Path) -> None:
    content = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert read_rows(open_bytes(tmp_path, content)) == [["1", "2"], ["3", "4"]]
