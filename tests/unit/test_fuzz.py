"""That no damage to a text export loses a row, changes a value or ends in another error than ours.

Thousands of damaged files go through the parser; the csv module reads them a second time and knows
nothing of the parser. Files that are hostile on purpose stand in `tests/hostile`.
"""

import csv
import datetime
import io
import random
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.dataset import Dataset, FileSource
from pipelines.errors import InputError
from pipelines.ingest import text_files
from pipelines.ingest.formats import TextTable, open_table
from pipelines.ingest.landing import LandedFile
from pipelines.ingest.outcomes import Room, make_room
from pipelines.ingest.patterns import WHITE_SPACE
from pipelines.ingest.tables import parse_files
from pipelines.ingest.text import ORDINAL
from tests.hostile.reading import Read, check_conservation, is_one_sentence, read_parsed

NAME = "orders.csv"
BATCHES, FILES, ALONE = 10, 500, 80
# More lines than a damaged file has.
LINES = 1_000_000
HOSTILE = [
    *("", " ", '"', '""', "'", "NULL", "#N/A", "#REF!", "-", "——", "合计", "Total", "1.5E+17"),
    *(
        "000123",
        '="000123"',
        "1,234.50",
        "￥12.00",
        "12.345",
        "(12.00)",
        "１２.００",
        "12元",
        "1e5",
    ),
    *(
        "2026-02-30",
        "03/04/2026",
        "46025",
        "2026-01-03T24:00:00",
        "\ufeff",
        "\u200b",
        "\x1a",
        "a\nb",
    ),
    *("a,b", "x" * 3_000, "𠮷", "é", "=1+1", "😀"),
]


@dataclass(frozen=True)
class Export:
    """A valid export before it is damaged: how it is written, and the columns that are read."""

    encoding: str
    delimiter: str
    end: str
    columns: dict[str, str]
    wraps_ids: bool = False
    mark: str = ""

    def write(self, chance: random.Random) -> list[list[str]]:
        """Return the header and some rows."""
        names = list(self.columns.values())
        rows = [[*names, "备注"]]
        for number in range(chance.randint(2, 8)):
            order = f"{chance.randint(0, 10**18 - 1):018}" if number % 2 else f"{number:06}"
            moment = datetime.datetime(2026, 1, 1) + datetime.timedelta(
                seconds=chance.randint(0, 10**7)
            )
            cells = {
                "order_id": f'="{order}"' if self.wraps_ids else order,
                "paid_at": f"{moment:%Y-%m-%d %H:%M:%S}",
                "paid_amount": f"{chance.randint(0, 10**6) / 100:.2f}",
                "member_id": chance.choice(["", "会员甲", "m-17", "0012"]),
                "status": chance.choice(["交易成功", "paid", "已付款"]),
            }
            note = chance.choice(["", "无", 'say "hi"', "a, b", "two\nlines", "𠮷"])
            rows.append([*(cells[name] for name in self.columns), note])
        return rows

    def encode(self, rows: list[list[str]]) -> bytes:
        """Return the rows as the bytes of a file."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter=self.delimiter, lineterminator=self.end)
        writer.writerows(rows)
        return (self.mark + stream.getvalue()).encode(self.encoding, "replace")


PLAIN = {name: name for name in ("order_id", "paid_at", "paid_amount", "member_id", "status")}
CHINESE = dict(zip(PLAIN, ("订单编号", "付款时间", "总金额", "会员", "状态"), strict=True))
EXPORTS = [
    Export("utf-8", ",", "\n", PLAIN),
    Export("utf-8", ",", "\r\n", CHINESE, mark="\ufeff"),
    Export("gb18030", ",", "\n", CHINESE),
    Export("gb18030", ",", "\r\n", CHINESE, wraps_ids=True),
    Export("utf-8", "\t", "\n", CHINESE),
    Export("utf-8", ",", "\r", PLAIN),
    Export("utf-16-le", "\t", "\r\n", CHINESE, mark="\ufeff"),
    Export("utf-16-be", ",", "\n", PLAIN, mark="\ufeff"),
]


# Damage to rows, and damage to bytes


def put_hostile_cell(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        row[chance.randrange(len(row))] = chance.choice(HOSTILE)


def swap_cells(rows: list[list[str]], chance: random.Random) -> None:
    one, other = chance.choice(rows), chance.choice(rows)
    if one and other:
        here, there = chance.randrange(len(one)), chance.randrange(len(other))
        one[here], other[there] = other[there], one[here]


def repeat_row(rows: list[list[str]], chance: random.Random) -> None:
    rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)))


def drop_row(rows: list[list[str]], chance: random.Random) -> None:
    if len(rows) > 1:
        del rows[chance.randrange(len(rows))]


def drop_cell(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        del row[chance.randrange(len(row))]


def add_cell(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows)
    row.insert(chance.randrange(len(row) + 1), chance.choice(HOSTILE))


def shuffle_rows(rows: list[list[str]], chance: random.Random) -> None:
    chance.shuffle(rows)


def flip_bytes(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 5)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def cut_out(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.randint(1, 40)]


def insert(data: bytearray, chance: random.Random) -> None:
    pieces = (b'"', b"'", b",", b"\t", b"\n", b"\r", b"\r\n", b'""', b";", b"\\", b" ", b"\xff")
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(data) + 1)
        data[start:start] = chance.choice([*pieces, b"\0", "门店".encode(), "门店".encode("gbk")])


def repeat_bytes(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    data += data[start:]


def mix_encodings(data: bytearray, chance: random.Random) -> None:
    text = "000777,2026-01-05 10:00:00,5.00,会员,交易成功,无\n"
    data += text.encode(chance.choice(["utf-8", "gb18030", "utf-16-le", "latin-1"]), "replace")


ROW_DAMAGE: list[Callable[[list[list[str]], random.Random], None]] = [
    put_hostile_cell,
    swap_cells,
    repeat_row,
    drop_row,
    drop_cell,
    add_cell,
    shuffle_rows,
]
BYTE_DAMAGE: list[Callable[[bytearray, random.Random], None]] = [
    flip_bytes,
    cut,
    cut_out,
    insert,
    repeat_bytes,
    mix_encodings,
]


def make_damaged(export: Export, chance: random.Random) -> bytes:
    """Return the bytes of an export after some damage to its rows, its bytes or both."""
    rows = export.write(chance)
    keep_header = chance.random() < 0.8
    for _ in range(chance.choice([0, 1, 1, 2, 4])):
        damaged = rows[1:] if keep_header else rows
        if damaged:
            chance.choice(ROW_DAMAGE)(damaged, chance)
            rows = [rows[0], *damaged] if keep_header else damaged
    data = bytearray(export.encode(rows))
    for _ in range(chance.choice([0, 1, 1, 2])):
        chance.choice(BYTE_DAMAGE)(data, chance)
    return bytes(data)


# The second reader


@dataclass(frozen=True)
class Row:
    """A row as the csv module reads it: the line on which it begins, and its cells by column."""

    line: int
    cells: list[str]


def read_again(data: bytes) -> tuple[list[str], list[Row]]:
    """Return the header and the rows of a file, as the csv module reads them."""
    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = None
    for encoding in ["utf-16"] if is_wide else ["utf-8-sig", "gb18030"]:
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding).removeprefix("\ufeff")
            break
    assert text is not None, "the parser read what is no text"
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    reader, line, rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1, []
    for cells in reader:
        if cells:
            rows.append(Row(line, cells))
        line = reader.line_num + 1
    return [cell.strip(WHITE_SPACE) for cell in rows[0].cells], rows[1:]


def unwrap(cell: str) -> str | None:
    """Return what a cell says as text; None where it is empty."""
    cell = cell.strip(WHITE_SPACE)
    wrapped = re.fullmatch(r'="(.*)"', cell, re.DOTALL)
    cell = wrapped[1].strip(WHITE_SPACE) if wrapped else cell
    return None if cell in ("", "NULL", "null", "#N/A", "\\N") else cell


def count_money(cell: str) -> Decimal:
    """Return what an accepted amount says."""
    text = unicodedata.normalize("NFKC", unwrap(cell) or "")
    text = text.translate(str.maketrans("", "", "¥￥$,元 "))
    return -Decimal(text[1:-1]) if text.startswith("(") else Decimal(text)


def compare(read: dict[str, Any], cells: dict[str, str]) -> None:
    """Compare an accepted row with the cells that the csv module reads."""
    assert read["order_id"] == unwrap(cells["order_id"])
    assert read["member_id"] == unwrap(cells.get("member_id", ""))
    assert read["status"] == (unwrap(cells["status"]) if "status" in cells else "paid")
    assert read["paid_amount"] == count_money(cells["paid_amount"])
    time = unwrap(cells["paid_at"]) or ""
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", time, re.ASCII) and " 24:" not in time:
        assert read["paid_at"] == datetime.datetime.fromisoformat(time)


# Many files through the parser


@dataclass
class Together:
    """Files of one header, one behind the other, each opened by the reader of its kind.

    The engine takes far longer to understand what it is asked about a file than to answer it;
    asked about many files at once, thousands can be tried. Lines tell the files apart.
    """

    tables: list[TextTable]
    name: str = NAME
    encoding: str = "together"
    misfits: dict[int, str] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    @property
    def header(self) -> list[str]:
        return self.tables[0].header

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def read_batches(self, positions: Collection[int] | None = None) -> pa.RecordBatchReader:
        batches = []
        self.starts, self.misfits = [0], {}
        for table in self.tables:
            start, reader = self.starts[-1], table.read_batches(positions)
            for batch in reader:
                place = batch.schema.get_field_index(ORDINAL)
                moved = pa.array([start + n for n in batch.column(place).to_pylist()], pa.int64())
                batches.append(batch.set_column(place, batch.schema.field(place), moved))
            self.misfits |= {start + n: reason for n, reason in table.misfits.items()}
            self.starts.append(start + table.rows)
        return pa.RecordBatchReader.from_batches(reader.schema, batches)

    def read_rows(self, ordinals: Collection[int]) -> dict[int, tuple[int, str]]:
        found = {}
        for place, table in enumerate(self.tables):
            start, end = self.starts[place], self.starts[place + 1]
            inside = {number - start for number in ordinals if start <= number < end}
            for number, (line, text) in table.read_rows(inside).items() if inside else ():
                found[start + number] = (line + place * LINES, text)
        return found


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return one connection for all files; opening one takes longer than reading a file."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@pytest.fixture
def room(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Room:
    """Return a room in which files are read quickly: one connection, nothing forced to the disk."""

    @contextmanager
    def reuse(_: object) -> Iterator[duckdb.DuckDBPyConnection]:
        yield connection

    monkeypatch.setattr(text_files, "connect_reader", reuse)
    monkeypatch.setattr(text_files, "flush", lambda _: None)
    monkeypatch.setattr("pipelines.ingest.quarantine.flush", lambda _: None)
    return make_room(tmp_path / "parsed", tmp_path / "quarantine")


DATASETS = {
    is_plain: Dataset.model_validate(
        {
            "name": "shop",
            "timezone": "Asia/Shanghai",
            "currency": "CNY",
            "files": {"orders": {"path": NAME, "columns": {} if is_plain else CHINESE}},
        }
    )
    for is_plain in (True, False)
}


def land(path: Path, number: int, is_plain: bool) -> LandedFile:
    """Return a file as it would have landed."""
    source = DATASETS[is_plain].files["orders"][0]
    return LandedFile("orders", "orders", source, NAME, f"{number:064}", path.stat().st_size, path)


def open_alone(path: Path, is_plain: bool) -> TextTable | str:
    """Return a file opened and read once to its end, or the sentence with which it is refused."""
    try:
        table = open_table(path, NAME, DATASETS[is_plain].files["orders"][0])
        for _ in table.read_batches():
            pass
    except InputError as error:
        return str(error)
    return table


def open_together(paths: list[Path], _: Path, name: str, source: FileSource) -> Together:
    """Return files opened one behind the other."""
    return Together([open_table(path, name, source) for path in paths])


def parse(
    file: LandedFile, is_plain: bool, room: Room, connection: duckdb.DuckDBPyConnection
) -> Read | str:
    """Return what the parser makes of a file, or the sentence with which it refuses it."""
    try:
        return read_parsed(parse_files([file], DATASETS[is_plain], room), connection)
    except InputError as error:
        return str(error)


def check_refusal(sentence: str) -> None:
    """See that a refusal is one sentence about the file."""
    assert NAME in sentence
    assert is_one_sentence(sentence), sentence


def check_rows(found: Read, files: list[bytes]) -> None:
    """Compare what the parser made of files with what the csv module reads in them."""
    check_conservation(found)
    rejected = {reject["line"] for reject in found.rejects}
    assert len(rejected) == len(found.rejects)
    accepted = iter(found.rows)
    for place, data in enumerate(files):
        try:
            header, rows = read_again(data)
            columns = PLAIN if "order_id" in header else CHINESE
            for row in rows:
                if row.line + place * LINES in rejected:
                    continue
                assert len(row.cells) == len(header)
                named = dict(zip(header, row.cells, strict=True))
                cells = {name: named[text] for name, text in columns.items() if text in named}
                compare(next(accepted), cells)
            lines = {row.line + place * LINES for row in rows}
            assert {line for line in rejected if line // LINES == place} <= lines
        except Exception as error:
            error.add_note(repr(data))
            raise
    assert next(accepted, None) is None


@pytest.mark.parametrize("seed", range(BATCHES))
def test_damaged_files_lose_no_row_and_change_no_value(
    seed: int,
    room: Room,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    chance = random.Random(seed)
    groups: dict[tuple[bool, tuple[str, ...]], list[tuple[Path, bytes]]] = {}
    refused = read = 0
    for number in range(FILES):
        export = chance.choice(EXPORTS)
        data, path = make_damaged(export, chance), tmp_path / f"{number}.csv"
        path.write_bytes(data)
        is_plain = export.columns is PLAIN
        table = open_alone(path, is_plain)
        if isinstance(table, str):
            check_refusal(table)
            refused += 1
        else:
            groups.setdefault((is_plain, tuple(table.header)), []).append((path, data))
    for number, ((is_plain, _), members) in enumerate(groups.items()):
        paths = [path for path, _ in members]
        monkeypatch.setattr(text_files, "open_table", partial(open_together, paths))
        found = parse(land(members[0][0], number, is_plain), is_plain, room, connection)
        if isinstance(found, str):
            check_refusal(found)
            refused += len(members)
        else:
            check_rows(found, [data for _, data in members])
            read += len(members)
    assert read + refused == FILES
    assert read > FILES // 3, "so much damage that little is read proves little"
    assert refused > FILES // 20


def test_damaged_files_one_by_one(
    room: Room, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    chance = random.Random("one by one")
    for number in range(ALONE):
        export = chance.choice(EXPORTS)
        data, path = make_damaged(export, chance), tmp_path / f"{number}.csv"
        path.write_bytes(data)
        is_plain = export.columns is PLAIN
        found = parse(land(path, number, is_plain), is_plain, room, connection)
        if isinstance(found, str):
            check_refusal(found)
        else:
            check_rows(found, [data] if found.files[0].query is not None else [])


def test_enough_files_are_damaged() -> None:
    assert BATCHES * FILES + ALONE >= 5_000
