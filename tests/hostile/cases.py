"""What a hostile file is made of: its bytes, and what must become of every row.

Which files there are stands in the modules beside this one; `make_corpus` writes them.
"""

import csv
import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
COLUMNS = ("order_id", "paid_at", "paid_amount", "member_id", "status")
HEAD = ",".join(COLUMNS)
FIRST = "o1,2026-01-02 10:00:00,10.00,m1,paid"
SECOND = "o2,2026-01-03 11:00:00,20.00,m2,paid"
LAST = "o3,2026-01-04 12:00:00,30.00,m3,paid"
FIRST_ROW: Row = ("o1", datetime.datetime(2026, 1, 2, 10), Decimal("10.00"), "m1", "paid")
SECOND_ROW: Row = ("o2", datetime.datetime(2026, 1, 3, 11), Decimal("20.00"), "m2", "paid")
LAST_ROW: Row = ("o3", datetime.datetime(2026, 1, 4, 12), Decimal("30.00"), "m3", "paid")
GOOD = f"{HEAD}\n{FIRST}\n{SECOND}\n{LAST}\n"
GOOD_ROWS = (FIRST_ROW, SECOND_ROW, LAST_ROW)


@dataclass(frozen=True)
class Reject:
    """A row that is left out: the line on which it begins, the column at fault, why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Case:
    """One hostile file, or folder, and what must become of it.

    `rows` are the accepted rows as typed values of `columns`, in any order. With `refusal` the
    whole file is refused instead, with exit code 1 and one sentence that holds these words.
    """

    name: str
    hostility: str
    data: bytes | Callable[[], bytes]
    rows: tuple[Row, ...] = ()
    rejects: tuple[Reject, ...] = ()
    refusal: str | None = None
    file: str = "orders.csv"
    table: str = "orders"
    columns: tuple[str, ...] = COLUMNS
    source: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, bytes] = field(default_factory=dict)
    arrange: Callable[[Path], None] | None = None
    dataset_yaml: bytes | None = None

    def make(self) -> bytes:
        """Return the bytes of the file."""
        return self.data if isinstance(self.data, bytes) else self.data()


def accept(name: str, hostility: str, data: str | bytes | Callable[[], bytes], **more: Any) -> Case:
    """Return a case all of whose rows are read; the three good ones where no others are named."""
    return Case(name, hostility, encode(data), **{"rows": GOOD_ROWS, **more})


def refuse(
    name: str, hostility: str, refusal: str, data: str | bytes | Callable[[], bytes], **more: Any
) -> Case:
    """Return a case that is refused as a whole."""
    return Case(name, hostility, encode(data), refusal=refusal, **more)


def leave_out(
    name: str,
    hostility: str,
    data: str | bytes | Callable[[], bytes],
    rejects: Sequence[tuple[int, str, str]],
    **more: Any,
) -> Case:
    """Return a case some of whose rows are left out; the first and last good ones are read."""
    found = tuple(Reject(*reject) for reject in rejects)
    return Case(
        name, hostility, encode(data), **{"rows": (FIRST_ROW, LAST_ROW), **more}, rejects=found
    )


def encode(data: str | bytes | Callable[[], bytes]) -> bytes | Callable[[], bytes]:
    """Return text as UTF-8."""
    return data.encode() if isinstance(data, str) else data


def write_csv(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV text, quoted where it must be."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def read_as(column: str, text: str, value: Any) -> tuple[str, tuple[str, ...], Row]:
    """Return a file whose middle row has a cell in a column, its columns, and the row if read."""
    columns = COLUMNS if column in COLUMNS else (*COLUMNS, column)
    filler = [""] * (len(columns) - len(COLUMNS))
    middle = [*SECOND.split(","), *filler]
    middle[columns.index(column)] = text
    lines = [columns, [*FIRST.split(","), *filler], middle, [*LAST.split(","), *filler]]
    row = [*SECOND_ROW, *([None] * len(filler))]
    row[columns.index(column)] = value
    return write_csv(lines), columns, tuple(row)


def widen(rows: Sequence[Row], columns: Sequence[str], empty: Any = None) -> tuple[Row, ...]:
    """Return rows with a value for each further column."""
    return tuple((*row, *([empty] * (len(columns) - len(row)))) for row in rows)


def read_cell(name: str, hostility: str, column: str, text: str, value: Any, **source: Any) -> Case:
    """Return a case in which one hostile cell is read as a value."""
    data, columns, row = read_as(column, text, value)
    empty = False if column == "is_test" else None
    rows = (*widen((FIRST_ROW, LAST_ROW), columns, empty), row)
    return accept(name, hostility, data, rows=rows, columns=columns, source=source)


def refuse_cell(
    name: str,
    hostility: str,
    column: str,
    text: str,
    reason: str,
    at: str | None = None,
    **source: Any,
) -> Case:
    """Return a case in which one hostile cell costs its row, with the column `at` at fault."""
    data, columns, _ = read_as(column, text, None)
    empty = False if column == "is_test" else None
    rows = widen((FIRST_ROW, LAST_ROW), columns, empty)
    rejects = [(3, at or column, reason)]
    return leave_out(name, hostility, data, rejects, rows=rows, columns=columns, source=source)
