"""The sheets on what became of every file and every row, with everything the page leaves out.

Rows are counted here and never shown.
"""

from pipelines.report import content
from pipelines.report.sheets.book import FIRST_ROW, Book, Column
from pipelines.report.words import to_number


def add_waterfall(book: Book) -> None:
    """Every order row in one box, in rows and in money."""
    say = book.words.say
    sheet = book.add_sheet("sheet_waterfall", say("waterfall"), say("waterfall_note"))
    rows = [
        [book.name_of(row, "step"), to_number(row["row_count"]), to_number(row["gross_amount"])]
        for row in content.read_rows(book.report, "population_waterfall", "position")
    ]
    columns = [
        Column(say("step"), width=42),
        Column(say("rows"), "count", 16),
        Column(say("gross_amount"), "amount", 20),
    ]
    book.write_table(sheet, "waterfall", columns, rows)
    if rows:
        bars = {"type": "data_bar", "bar_color": "#9CC3DE"}
        for column in (1, 2):
            sheet.conditional_format(FIRST_ROW + 1, column, FIRST_ROW + len(rows), column, bars)
    source = content.read_rows(
        book.report, "quarantine_summary", "source_table", "file_name", "reason"
    )
    note = "" if source else say("quarantine_empty")
    sheet = book.add_sheet("sheet_quarantine", say("quarantine"), note)
    rows = [
        [
            book.words.say_or(f"table_{row['source_table']}", str(row["source_table"])),
            content.read_text(row["file_name"]),
            book.name_of(row, "reason"),
            to_number(row["row_count"]),
        ]
        for row in source
    ]
    columns = [
        Column(say("source_table"), width=16),
        Column(say("file_name"), width=36),
        Column(say("reason"), width=48),
        Column(say("rows"), "count", 12),
    ]
    book.write_table(sheet, "quarantine", columns, rows)
