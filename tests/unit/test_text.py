"""That text files give all their rows as text, whatever their encoding, line ends and quotes.

The standard library's csv module is the second reader; what a cell means is tested elsewhere.
"""

import csv
import io
import random
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.errors import InputError
from pipelines.ingest.text import CHUNK_BYTES, TextFile, open_text

# The second is written with four bytes in GB18030.
CHINESE = "门店𠮷"


def open_bytes(folder: Path, content: bytes, encoding: str = "auto") -> TextFile:
    path = folder / "file"
    path.write_bytes(content)
    return open_text(path, "orders.csv", encoding)


def read_rows(file: TextFile) -> list[list[str]]:
    """Return the rows that fit, as text."""
    width = len(file.header)
    return [
        [row[str(position)] for position in range(width)]
        for batch in file.read_batches()
        for row in batch.to_pylist()
    ]


def write_csv(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize(
    ("codec", "settled"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("gbk", "gb18030")],
)
def test_encodings_line_ends_and_delimiters(
    tmp_path: Path, codec: str, settled: str, delimiter: str, end: str
) -> None:
    chinese = CHINESE[:2] if codec == "gbk" else CHINESE
    rows = [["编号", "a,\tb"], ["000123", f'"{chinese}"'], ["", f"{chinese}\n门\r\n店"], ["7", ""]]
    if end == "\r":
        rows = rows[:2] + rows[3:]
    file = open_bytes(tmp_path, write_csv(rows, delimiter, end).encode(codec))
    assert (file.encoding, file.delimiter) == (settled, delimiter)
    assert [file.header, *read_rows(file)] == rows
    assert file.misfits == []


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
        ("a,b\n1,2\n".encode("utf-16"), 1),
        ("a,b\n1,2\n".encode("utf-16-le"), 1),
        (b"a,b\n1,2\n3,\0\n", 3),
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
    assert (file.header, read_rows(file), file.misfits) == (["a", "b"], [], [])


def test_header_is_trimmed_and_keeps_names_that_stand_twice(tmp_path: Path) -> None:
    assert open_bytes(tmp_path, "订单编号 ,a,\u3000a\n".encode()).header == ["订单编号", "a", "a"]


def test_byte_order_mark_of_gb18030_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert open_bytes(tmp_path, "\ufeff编号,b\n门,2\n".encode("gb18030")).header == ["编号", "b"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_short_and_long_rows_are_left_out_with_their_lines(tmp_path: Path, end: str) -> None:
    lines = ["a,b", "1,2", "short", '"two', 'lines",3', "", "x,y,z", "4,5", ",,"]
    file = open_bytes(tmp_path, end.join(lines).encode())
    assert read_rows(file) == [["1", "2"], [f"two{end}lines", "3"], ["4", "5"]]
    assert len(file.misfits) == 3
    assert file.locate_rows({0, 1, 2}) == ({0: 2, 1: 4, 2: 8}, [3, 7, 9])


def test_longest_cell_can_be_located(tmp_path: Path) -> None:
    file = open_bytes(tmp_path, f"a,b\n1,{'x' * 200_000}\n2,y\n".encode())
    assert len(read_rows(file)) == 2
    assert file.locate_rows({0, 1}) == ({0: 2, 1: 3}, [])


@pytest.mark.parametrize("rows_after", [3, 20_000])
def test_quote_that_is_never_closed_does_not_swallow_the_rest(
    tmp_path: Path, rows_after: int
) -> None:
    content = 'a,b\n1,2\n3,"oops\n' + "4,5\n" * rows_after
    with pytest.raises(InputError, match=r"orders.csv, line 3: .*quote"):
        read_rows(open_bytes(tmp_path, content.encode()))


PIECES = st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", " ", "a", "b", "门", "𠮷"])


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=20))
def test_rows_are_those_that_another_reader_sees(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    body = "".join(pieces)
    assume(list(csv.reader([*io.StringIO(body, newline=""), "end"]))[-1] == ["end"])
    rows = [row for row in csv.reader(io.StringIO(body, newline="")) if row]
    file = open_bytes(tmp_path_factory.getbasetemp(), f"x,y\n{body}".encode())
    assert read_rows(file) == [row for row in rows if len(row) == 2]
    assert len(file.misfits) == len([row for row in rows if len(row) != 2])


def test_lines_of_rows_are_exact_after_quoted_line_breaks(tmp_path: Path) -> None:
    chance = random.Random(3)
    lines, starts, misfits, line = ["a,b"], [], [], 2
    for number in range(2_000):
        kind = chance.choice(["plain", "quoted", "misfit", "blank"])
        breaks = chance.randint(1, 4) if kind == "quoted" else 0
        if kind == "misfit":
            misfits.append(line)
        elif kind != "blank":
            starts.append(line)
        quoted = f'{number},"' + "\n" * breaks + '"'
        lines.append({"plain": f"{number},x", "quoted": quoted, "misfit": "x", "blank": ""}[kind])
        line += 1 + breaks
    file = open_bytes(tmp_path, "\n".join(lines).encode())
    assert len(read_rows(file)) == len(starts)
    assert file.locate_rows(set(range(len(starts)))) == (dict(enumerate(starts)), misfits)
