"""The sheets that show a published table row by row, where it has rows.

Which columns they have stands in `pipelines.report.plain`.
"""

from typing import Any

from pipelines.report import plain
from pipelines.report.plain import NUMBERS, Shown
from pipelines.report.sheets.book import Book, Column
from pipelines.report.words import to_number

# A list of every store or guide is what the published table is for.
ROWS_IN_FULL = 5_000


def add_sections(book: Book) -> None:
    """Purchase cycles, tiers, guides, traffic, targets and restatements that have rows."""
    for key, shown in {"purchase_cycles": plain.CYCLES, **plain.SECTIONS}.items():
        rows = plain.list_rows(book.report, shown)
        if rows:
            add_table(book, key, shown, rows[:ROWS_IN_FULL])


def add_table(book: Book, key: str, shown: Shown, rows: list[plain.Row]) -> None:
    """A sheet with the rows of a published table."""
    say = book.words.say
    note = "rhythm_note" if key == "purchase_cycles" else f"{key}_note"
    sheet = book.add_sheet(f"sheet_{key}", say(key), say(note))
    columns = [
        Column(
            plain.name_column(book.words, shown, column), choose_kind(kind), 28 if not place else 18
        )
        for place, (column, kind) in enumerate(shown.columns.items())
    ]
    lines = [
        [enter(book, row, column, kind) for column, kind in shown.columns.items()] for row in rows
    ]
    book.write_table(sheet, key, columns, lines)


def choose_kind(kind: str) -> str:
    """The format of a column; where it goes by the metric, each cell has its own."""
    if kind == "unit":
        return "number"
    return kind if kind in NUMBERS else "text"


def enter(book: Book, row: plain.Row, column: str, kind: str) -> Any:
    """A number with its format, or a text."""
    if kind in NUMBERS:
        return to_number(row.get(column)), plain.find_unit(book.metrics, row, kind)
    return plain.name_value(book.words, book.metrics, row, column, kind)
