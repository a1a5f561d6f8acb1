"""A landed file written anew without some people: which rows go, which cells are emptied.

Who is to go, and what became of a file before, stands in `pipelines.erasure`.
"""

import codecs
import contextlib
import csv
import datetime
import gzip
import io
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple, TextIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dataset import FileSource
from pipelines.errors import InputError
from pipelines.exports import DateOrder
from pipelines.ingest.cells import WHITE_SPACE
from pipelines.ingest.formats import FileKind, TextTable, identify, open_table
from pipelines.ingest.identities import Key, tokenise
from pipelines.ingest.landing import flush
from pipelines.ingest.profiles import Layout, lay_out, list_filled_tables
from pipelines.ingest.text import MARK, TextFile, is_gzip, open_content

# Whose rows are a person's own and go with them; in all other tables a row is a sale or a thing.
MEMBER_TABLES = frozenset({"members", "member_merges", "coupons", "points", "exclusions"})
ORDER_TABLES = frozenset({"orders", "order_lines", "refunds"})
MARKS = ("member_id", "merged_into", "merged_at")
ORDER_IDS = ("order_id", "parent_order_id", "exchange_of")
# Beyond it the answers for cells are forgotten, so that any number of members fits into memory.
REMEMBERED_CELLS = 1_000_000
GZIP_LEVEL = 6
# What may stand between an id and its neighbours in a row whose cells cannot be told apart.
PIECES = re.compile(r"""[\s,;|"'=:：()（）]+""")

Row = Sequence[str] | Mapping[int, str]


@dataclass(frozen=True)
class Use:
    """One way in which a data set reads a file: the source, under files.`key_table`."""

    key_table: str
    source: FileSource

    @property
    def has_orders(self) -> bool:
        """Whether rows of the file are orders, or belong to orders."""
        return not ORDER_TABLES.isdisjoint(list_filled_tables(self.key_table, self.source))


@dataclass(frozen=True)
class Roles:
    """What the columns of a file are to an erasure, by position.

    A row is a person's where one of `members` names them; in `mentions` they stand in rows of
    others. Rows of orders stay, with their `kept` cells; `orders` name the order.
    """

    width: int
    members: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    kept: frozenset[int] = frozenset()
    keeps_rows: bool = False

    @property
    def read(self) -> list[int]:
        """The positions that tell whether a row is touched."""
        return sorted({*self.members, *self.mentions, *self.orders})


class Sieve:
    """Tells whose a cell is, by tokens alone; `found_orders` gathers numbers of their orders.

    A cell may be a token itself, as in lists of personal numbers.
    """

    def __init__(self, members: frozenset[str], orders: frozenset[str], key: Key) -> None:
        self.members = members
        self.orders = orders
        self.key = key
        self.found_orders: set[str] = set()
        self.answers: dict[str, bool] = {}

    def names_member(self, cell: str) -> bool:
        """Whether a cell holds the number of somebody who is to go."""
        if not cell:
            return False
        answer = self.answers.get(cell)
        if answer is None:
            if len(self.answers) >= REMEMBERED_CELLS:
                self.answers.clear()
            answer = any(
                form in self.members or tokenise(form, self.key) in self.members
                for form in list_forms(cell)
            )
            self.answers[cell] = answer
        return answer

    def names_order(self, cell: str) -> bool:
        """Whether a cell holds the number of one of their orders."""
        forms = list_forms(cell)
        if not self.found_orders.isdisjoint(forms):
            return True
        return bool(self.orders) and any(tokenise(form, self.key) in self.orders for form in forms)

    def list_order_tokens(self) -> frozenset[str]:
        """Return the tokens of all orders of theirs that are known by now."""
        found = (tokenise(order, self.key) for order in self.found_orders)
        return self.orders | {token for token in found if token is not None}


def list_forms(cell: str) -> list[str]:
    """Return the ids that a cell may hold: without white space, ="…" and a text apostrophe."""
    bare = cell.strip(WHITE_SPACE)
    if bare.startswith('="') and bare.endswith('"') and len(bare) > 3:
        bare = bare[2:-1].strip(WHITE_SPACE)
    if not bare:
        return []
    return [bare, bare[1:].strip(WHITE_SPACE)] if bare[0] == "'" and len(bare) > 1 else [bare]


def assign_roles(layouts: Iterable[Layout], header: Sequence[str]) -> Roles:
    """Return the roles of a file's columns from all layouts that its rows are read by.

    Where no layout fits, any cell may name a person, and the row goes.
    """
    layouts = list(layouts)
    if not layouts:
        return Roles(len(header), members=tuple(range(len(header))))
    members: set[str] = set()
    mentions: set[str] = set()
    orders: set[str] = set()
    kept: set[str] = set()
    for layout in layouts:
        ids = {name: set(columns) for name, columns in layout.columns.items()}
        members |= ids.get("member_id", set())
        merged = ids.get("merged_into", set())
        if layout.table == "member_merges":
            members |= merged
        mentions |= merged | ids.get("referrer_id", set()) | layout.personal
        if layout.table in ORDER_TABLES:
            orders |= ids.get("order_id", set())
        if layout.table not in MEMBER_TABLES:
            kept |= list_read(layout) - layout.personal
            kept |= {name for order in ORDER_IDS for name in ids.get(order, ())}
    mentions -= members | orders
    kept -= members

    def locate(names: set[str]) -> tuple[int, ...]:
        return tuple(place for place, name in enumerate(header) if name in names)

    return Roles(
        len(header),
        locate(members),
        locate(mentions),
        locate(orders),
        frozenset(locate(kept)),
        any(layout.table in ORDER_TABLES for layout in layouts),
    )


def list_read(layout: Layout) -> set[str]:
    """Return the columns of the file that a layout reads, for whatever purpose."""
    read = {name for columns in layout.columns.values() for name in columns}
    read |= {layout.filled} if layout.filled is not None else set()
    read |= set(layout.times.values())
    read |= {name for columns in layout.minus.values() for name in columns}
    return read | {name for name, _ in layout.overruled.values()}


def lay_out_all(uses: Iterable[Use], name: str, header: list[str]) -> list[Layout]:
    """Return every layout that fits a header, of all tables that the uses fill."""
    layouts = []
    for use in uses:
        for table in list_filled_tables(use.key_table, use.source):
            try:
                layouts.append(lay_out(table, use.key_table, name, use.source, header))
            except InputError:
                continue  # the run itself refuses the file, with this sentence
    return layouts


@dataclass(frozen=True)
class Touched:
    """What happens to a row: it goes, or the cells at these positions are emptied."""

    goes: bool = False
    emptied: frozenset[int] = field(default_factory=frozenset)


GOES = Touched(goes=True)


def judge(row: Row, roles: Roles, sieve: Sieve) -> Touched | None:
    """Return what happens to a row of the header's width, None where it stays as it is.

    A row of somebody else stays theirs even where its order was the person's: numbers of tickets
    come again.
    """
    is_theirs = any(sieve.names_member(row[place]) for place in roles.members)
    if roles.keeps_rows and not is_theirs and not any(row[place] for place in roles.members):
        is_theirs = any(sieve.names_order(row[place]) for place in roles.orders)
    if is_theirs:
        if not roles.keeps_rows:
            return GOES
        emptied = frozenset(range(roles.width)) - roles.kept
        if not isinstance(row, Mapping):
            emptied = frozenset(place for place in emptied if row[place])
        return Touched(emptied=emptied) if emptied else None
    mentioned = frozenset(place for place in roles.mentions if sieve.names_member(row[place]))
    return Touched(emptied=mentioned) if mentioned else None


def judge_misfit(cells: Iterable[str], sieve: Sieve) -> Touched | None:
    """Return what happens to a row whose cells have no columns: it goes if any names a person."""
    is_theirs = any(sieve.names_member(cell) or sieve.names_order(cell) for cell in cells)
    return GOES if is_theirs else None


def gather_orders(row: Row, roles: Roles, sieve: Sieve) -> None:
    """Remember the number of an order that is a person's."""
    if any(sieve.names_member(row[place]) for place in roles.members):
        filled = (list_forms(row[place]) for place in roles.orders)
        sieve.found_orders.update(next((forms for forms in filled if forms), []))


class Mark(NamedTuple):
    """A cell that names a member; `is_personal`: runs make a token of it."""

    member: str
    is_personal: bool


class Merge(NamedTuple):
    """Two numbers of one person: the one given up, the one that lives on, and since when."""

    member: str
    is_personal: bool
    target: str
    date: datetime.date | None


def read_marks(path: Path, name: str, uses: Sequence[Use]) -> Iterator[Mark | Merge]:
    """Yield the members that a file names, some of them often, and the merges it tells of.

    Raises InputError where the file cannot be read.
    """
    if identify(path) is FileKind.PARQUET:
        try:
            with pq.ParquetFile(path) as file:
                layouts = lay_out_all(uses, name, file.schema_arrow.names)
                for number in range(file.metadata.num_row_groups):
                    yield from mark_rows(layouts, file.read_row_group(number).column)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{name} is not a readable Parquet file; export it again.") from error
        return
    text = open_table(path, name, uses[0].source)
    layouts = lay_out_all(uses, name, text.header)
    wanted = {n for layout in layouts for id_ in MARKS for n in layout.columns.get(id_, ())}
    places = {column: text.header.index(column) for column in wanted}
    for batch in text.read_batches(places.values()) if places else ():
        named = {column: batch.column(str(place)) for column, place in places.items()}
        yield from mark_rows(layouts, named.__getitem__)


def mark_rows(
    layouts: Sequence[Layout], find: Callable[[str], pa.ChunkedArray | pa.Array]
) -> Iterator[Mark | Merge]:
    """Yield what rows tell of members; `find` gives a column of the file by its name."""
    for layout in layouts:
        for column in layout.columns.get("member_id", ()):
            is_personal = column in layout.personal
            for cell in list_texts(pc.unique(find(column))):
                yield Mark(cell, is_personal)
        targets = layout.columns.get("merged_into", ())
        if not targets or "member_id" not in layout.columns:
            continue
        old, new = layout.columns["member_id"][0], targets[0]
        dates = layout.columns.get("merged_at", ())
        moments = list_texts(find(dates[0])) if dates else itertools.repeat("")
        for member, target, moment in zip(
            list_texts(find(old)), list_texts(find(new)), moments, strict=False
        ):
            if member and target:
                date = read_date(moment, layout.cells.date_order)
                yield Merge(member, old in layout.personal, target, date)


def list_texts(column: pa.ChunkedArray | pa.Array) -> list[str]:
    """Return the values of a column as texts, empty where there is none."""
    return ["" if value is None else str(value) for value in column.to_pylist()]


def read_date(moment: str, order: DateOrder) -> datetime.date | None:
    """Return the date of a time as text, or None where there is none."""
    numbers = [int(number) for number in re.findall(r"[0-9]+", moment)[:3]]
    try:
        year, month, day = (numbers[order.index(part)] for part in "ymd")
        return datetime.date(year, month, day)
    except (ValueError, IndexError):
        return None


def rewrite(path: Path, name: str, uses: Sequence[Use], sieve: Sieve, target: Path) -> bool:
    """Write a landed file to `target` without the people of the sieve; False if it has none.

    Parquet and delimited text stay what they are, byte by byte but for the rows that are touched;
    the sheets of a workbook that are read, and an HTML table, become a CSV file. Raises
    InputError where the file cannot be read.
    """
    if identify(path) is FileKind.PARQUET:
        try:
            return rewrite_parquet(path, name, uses, sieve, target)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{name} is not a readable Parquet file; export it again.") from error
    table = open_table(path, name, uses[0].source)
    roles = assign_roles(lay_out_all(uses, name, table.header), table.header)
    if not roles.read:
        return False
    if isinstance(table, TextFile):
        return rewrite_text(table, roles, sieve, target)
    return rewrite_as_csv(table, uses[0].source.encoding, roles, sieve, target)


class Line(NamedTuple):
    """A row of text as it stands and as cells; `ordinal` is -1 for the header.

    A blank line has no cells and the ordinal of the row before it.
    """

    ordinal: int
    raw: str
    cells: list[str]


def rewrite_text(text: TextFile, roles: Roles, sieve: Sieve, target: Path) -> bool:
    """Write delimited text anew; rows and cells that are not touched keep their bytes."""
    if roles.keeps_rows:
        for line in read_lines(text):
            if len(line.cells) == roles.width and line.ordinal >= 0:
                gather_orders(line.cells, roles, sieve)
    if not any(judge_line(text, line, roles, sieve) for line in read_lines(text)):
        return False
    with open_marked(text) as (mark, lines), write_like(text, target) as written:
        written.write(mark)
        for line in iterate_lines(lines, text.delimiter):
            touched = judge_line(text, line, roles, sieve)
            if touched is None:
                written.write(line.raw)
            elif not touched.goes:
                written.write(empty_row(line.raw, text.delimiter, touched.emptied))
    return True


def judge_line(text: TextFile, line: Line, roles: Roles, sieve: Sieve) -> Touched | None:
    """Return what happens to a row of text; the header and blank lines stay."""
    if line.ordinal < 0 or not line.cells:
        return None
    if line.ordinal in text.unclear:
        return judge_misfit(PIECES.split(line.raw), sieve)
    if len(line.cells) != roles.width:
        return judge_misfit(line.cells, sieve)
    return judge(line.cells, roles, sieve)


def read_lines(text: TextFile) -> Iterator[Line]:
    """Yield all rows of a text."""
    with open_marked(text) as (_, lines):
        yield from iterate_lines(lines, text.delimiter)


def iterate_lines(lines: Iterable[str], delimiter: str) -> Iterator[Line]:
    """Yield all rows; no character is left out."""
    csv.field_size_limit(sys.maxsize)
    taken: list[str] = []
    ordinal = -2

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for cells in csv.reader(take(), delimiter=delimiter):
        ordinal += 1 if cells else 0
        yield Line(ordinal, "".join(taken), cells)
        taken.clear()


@contextlib.contextmanager
def open_marked(text: TextFile) -> Iterator[tuple[str, TextIO]]:
    """Open a text with line ends as they are: its byte order mark, if any, and the lines."""
    with (
        open_content(text.path) as stream,
        io.TextIOWrapper(stream, name_codec(text), newline="") as lines,
    ):
        mark = lines.read(1)
        if mark != MARK:
            mark = ""
            lines.seek(0)
        yield mark, lines


@contextlib.contextmanager
def write_like(text: TextFile, target: Path) -> Iterator[TextIO]:
    """Open a file to write in the encoding of another, compressed if that is, without a date."""
    with target.open("wb") as raw:
        stream: IO[bytes] = raw
        if is_gzip(text.path):
            stream = cast(IO[bytes], gzip.GzipFile("", "wb", GZIP_LEVEL, fileobj=raw, mtime=0))
        with io.TextIOWrapper(stream, name_codec(text), newline="", write_through=True) as written:
            yield written


def name_codec(text: TextFile) -> str:
    """Return the codec that reads and writes a text, its byte order mark as a character."""
    if text.encoding != "utf-16":
        return text.encoding
    with open_content(text.path) as stream:
        return "utf-16-be" if stream.read(2) == codecs.BOM_UTF16_BE else "utf-16-le"


def empty_row(raw: str, delimiter: str, emptied: frozenset[int]) -> str:
    """Return a row as it stands with some cells emptied and its line end."""
    body = raw.rstrip("\r\n")
    cells = split_cells(body, delimiter)
    kept = ("" if place in emptied else cell for place, cell in enumerate(cells))
    return delimiter.join(kept) + raw[len(body) :]


def split_cells(row: str, delimiter: str) -> list[str]:
    """Return the cells of a row as they stand, with their quotes, as a CSV reader ends them."""
    cells: list[str] = []
    start = place = 0
    while True:
        if row[place : place + 1] == '"':
            place += 1
            while place < len(row):
                if row[place] != '"':
                    place += 1
                elif row[place + 1 : place + 2] == '"':
                    place += 2
                else:
                    break
        end = row.find(delimiter, place)
        if end < 0:
            return [*cells, row[start:]]
        cells.append(row[start:end])
        start = place = end + 1


def rewrite_as_csv(
    table: TextTable, encoding: str, roles: Roles, sieve: Sieve, target: Path
) -> bool:
    """Write a workbook or an HTML table anew as CSV, with every text as it was read.

    The encoding is the one that the data set declares, or UTF-8.
    """
    codec = "utf-8" if encoding == "auto" else encoding
    if roles.keeps_rows:
        for cells in read_cells(table):
            gather_orders(cells, roles, sieve)
    touched_count = sum(judge(cells, roles, sieve) is not None for cells in read_cells(table))
    misfits = [text for _, text in table.read_rows(table.misfits).values()]
    kept_misfits = [text for text in misfits if judge_misfit(PIECES.split(text), sieve) is None]
    if not touched_count and kept_misfits == misfits:
        return False
    with target.open("w", encoding=codec, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.header)
        for cells in read_cells(table):
            touched = judge(cells, roles, sieve)
            if touched is None:
                writer.writerow(cells)
            elif not touched.goes:
                writer.writerow(
                    "" if place in touched.emptied else cell for place, cell in enumerate(cells)
                )
        stream.writelines(f"{text}\n" for text in kept_misfits)
    return True


def read_cells(table: TextTable) -> Iterator[list[str]]:
    """Yield the rows of a table that have the header's columns."""
    for batch in table.read_batches():
        columns = [batch.column(str(place)).to_pylist() for place in range(len(table.header))]
        for row in zip(*columns, strict=True):
            yield [cell or "" for cell in row]


def rewrite_parquet(path: Path, name: str, uses: Sequence[Use], sieve: Sieve, target: Path) -> bool:
    """Write a Parquet file anew, row group by row group, with the same schema and compression.

    A column that may not be empty may be afterwards, if a cell of it is emptied.
    """
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        roles = assign_roles(lay_out_all(uses, name, schema.names), schema.names)
        if not roles.members and not roles.mentions and not roles.orders:
            return False
        groups = range(file.metadata.num_row_groups)

        def judge_group(number: int) -> Iterator[Touched | None]:
            return (judge(row, roles, sieve) for row in read_group(file, number, roles.read))

        if roles.keeps_rows:
            for number in groups:
                for row in read_group(file, number, roles.read):
                    gather_orders(row, roles, sieve)
        if not any(touched for number in groups for touched in judge_group(number)):
            return False
        may_be_emptied = set(range(roles.width)) - (roles.kept if roles.keeps_rows else set())
        may_be_emptied = may_be_emptied if roles.keeps_rows else set(roles.mentions)
        fields = [
            column.with_nullable(True) if place in may_be_emptied else column
            for place, column in enumerate(schema)
        ]
        written = pa.schema(fields, schema.metadata)
        compression = (
            file.metadata.row_group(0).column(0).compression if len(groups) else "UNCOMPRESSED"
        )
        with pq.ParquetWriter(target, written, compression=name_compression(compression)) as writer:
            for number in groups:
                table = file.read_row_group(number)
                verdicts = list(judge_group(number))
                columns = [
                    empty_cells(column, place, verdicts)
                    for place, column in enumerate(table.columns)
                ]
                stays = pa.array([verdict is not GOES for verdict in verdicts], pa.bool_())
                kept = pa.Table.from_arrays(columns, schema=written).filter(stays)
                if kept.num_rows:
                    writer.write_table(kept, row_group_size=kept.num_rows)
        return True


def name_compression(codec: str) -> str:
    """Return the name that the writer knows a codec of the footer by."""
    return {"UNCOMPRESSED": "none", "LZ4_RAW": "lz4"}.get(codec, codec.lower())


def read_group(file: pq.ParquetFile, number: int, places: list[int]) -> Iterator[dict[int, str]]:
    """Yield the rows of a row group as texts, with the given columns only."""
    names = [file.schema_arrow.names[place] for place in places]
    table = file.read_row_group(number, columns=names)
    texts = [
        ["" if value is None else str(value) for value in table.column(name).to_pylist()]
        for name in names
    ]
    for row in zip(*texts, strict=True):
        yield dict(zip(places, row, strict=True))


def empty_cells(column: pa.ChunkedArray, place: int, verdicts: list[Touched | None]) -> pa.Array:
    """Return a column with null where the verdicts empty its cell."""
    if not any(verdict is not None and place in verdict.emptied for verdict in verdicts):
        return column
    rows = [
        None if verdict is not None and place in verdict.emptied else row
        for row, verdict in enumerate(verdicts)
    ]
    return column.take(pa.array(rows, pa.int64()))


def withdraw_lines(path: Path, target: Path | None, sieve: Sieve) -> bool:
    """Write a list of ours to `target` without the rows that name a person; False if none does.

    Without a target nothing is written. Quarantined rows are looked through piece by piece, for
    their cells could not be read.
    """
    is_touched = False
    with (
        path.open(encoding="utf-8", newline="") as lines,
        contextlib.nullcontext() if target is None else open_private(target) as written,
    ):
        for line in iterate_lines(lines, ","):
            goes = line.ordinal >= 0 and is_quarantined_for(line.cells, sieve)
            is_touched |= goes
            if written is not None and not goes:
                written.write(line.raw)
    return is_touched


def is_quarantined_for(cells: list[str], sieve: Sieve) -> bool:
    """Whether any piece of a row of a list names a person, or an order where it is of orders."""
    pieces = [piece for cell in cells for piece in (cell, *PIECES.split(cell))]
    has_orders = bool(cells) and cells[0] in ORDER_TABLES
    return any(
        sieve.names_member(piece) or (has_orders and sieve.names_order(piece)) for piece in pieces
    )


def open_private(path: Path) -> TextIO:
    """Open a new file to write that its owner alone can read."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(number, "w", encoding="utf-8", newline="")


def withdraw_quarantined(folder: Path, sieve: Sieve) -> None:
    """Write the lists of rejected rows anew without those that name a person."""
    for path in sorted(folder.glob("*.csv")):
        part = path.with_suffix(".part")
        if withdraw_lines(path, None, sieve):
            withdraw_lines(path, part, sieve)
            flush(part)
            part.replace(path)
