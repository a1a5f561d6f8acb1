"""What became of every file and every row: gates, files, rejects, words, and the waterfall.

No row of a file and no member is named here, only what files and their words count.
"""

from pipelines.report import content
from pipelines.report.page.layout import Entry, Layout, Part, Table, enter_value
from pipelines.report.words import to_number

QUARANTINE_SHOWN = 30


def lay_waterfall(layout: Layout) -> Part:
    """Every order row in one box, in rows and in money."""
    words = layout.words
    rows = content.read_rows(layout.report, "population_waterfall", "position")
    if not rows:
        return Part("waterfall", words.say("waterfall"), empty=words.say("waterfall_empty"))
    totals = {
        column: max((to_number(row[column]) or 0.0 for row in rows), default=0.0)
        for column in ("row_count", "gross_amount")
    }
    lines = []
    for row in rows:
        line = [Entry(layout.name_of(row, "step"))]
        for column, unit in (("row_count", "count"), ("gross_amount", "amount")):
            value = to_number(row[column])
            entry = enter_value(words, value, unit)
            share = (value or 0.0) / totals[column] if totals[column] else 0.0
            line.append(Entry(entry.text, is_number=True, bar=max(0.0, min(1.0, share)) * 100))
        lines.append(line)
    headings = [
        layout.head("step", "population_waterfall", is_number=False),
        layout.head("rows", "population_waterfall", "row_count"),
        layout.head("gross_amount", "population_waterfall"),
    ]
    note = words.say("waterfall_note")
    tables = [("", Table(headings, lines))]
    return Part("waterfall", words.say("waterfall"), note=note, tables=tables, kind="waterfall")


def lay_quarantine(layout: Layout) -> Part:
    """Rejected rows by file and reason, the most first."""
    words = layout.words
    rows = content.read_rows(
        layout.report, "quarantine_summary", "source_table", "file_name", "reason"
    )
    rows = [row for row in rows if to_number(row["row_count"])]
    if not rows:
        return Part("quarantine", words.say("quarantine"), empty=words.say("quarantine_empty"))
    rows = sorted(rows, key=lambda row: -(to_number(row["row_count"]) or 0.0))
    lines = [
        [
            Entry(words.say_or(f"table_{row['source_table']}", str(row["source_table"]))),
            Entry(content.read_text(row["file_name"])),
            Entry(layout.name_of(row, "reason")),
            enter_value(words, to_number(row["row_count"]), "count"),
        ]
        for row in rows[:QUARANTINE_SHOWN]
    ]
    headings = [
        layout.head(label, "quarantine_summary", is_number=False)
        for label in ("source_table", "file_name", "reason")
    ]
    headings.append(layout.head("rows", "quarantine_summary", "row_count"))
    hidden = len(rows) - QUARANTINE_SHOWN
    return Part(
        "quarantine",
        words.say("quarantine"),
        tables=[("", Table(headings, lines))],
        remarks=[words.say("quarantine_hidden", count=hidden)] if hidden > 0 else [],
    )
