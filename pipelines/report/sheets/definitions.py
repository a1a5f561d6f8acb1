"""The sheets on what the numbers mean: definitions, conventions, scores, rules and columns.

They are published or stated by the data set; nothing is worded here.
"""

from typing import Any

from pipelines.ingest.enabling import explain_missing
from pipelines.report import content, ledger
from pipelines.report.sheets.book import Book, Column
from pipelines.report.words import to_number


def add_definitions(book: Book) -> None:
    """What each KPI means, the conventions, and then scores and rules."""
    say = book.words.say
    sheet = book.add_sheet("sheet_definitions", say("definitions"), say("definitions_note"))
    missing = {
        metric.metric: " ".join(explain_missing(metric.missing, book.words.language))
        for metric in book.metrics.values()
    }
    rows = [
        [
            metric.name,
            metric.definition,
            content.write_formula(metric),
            metric.note,
            metric.metric,
            book.words.say_or(f"family_{metric.family}", metric.family),
            book.words.say_or(f"unit_name_{metric.unit}", metric.unit),
            book.words.say_or(f"better_{metric.better}", metric.better),
            name_kinds(book, metric.windows) or say("every_window"),
            name_kinds(book, metric.scopes) or say("every_scope"),
            metric.needs,
            missing[metric.metric],
            metric.source,
            metric.version,
        ]
        for metric in book.metrics.values()
    ]
    columns = [
        Column(say("metric"), "prose", 28),
        Column(say("definition"), "prose", 64),
        Column(say("formula"), "prose", 48),
        Column(say("note"), "prose", 48),
        Column(say("code"), width=26),
        Column(say("family"), width=18),
        Column(say("unit"), width=10),
        Column(say("better"), width=14),
        Column(say("window_type"), "prose", 24),
        Column(say("scope_type"), "prose", 24),
        Column(say("needs"), "prose", 30),
        Column(say("missing"), "prose", 40),
        Column(say("source"), "prose", 40),
        Column(say("version"), width=10),
    ]
    below = book.write_table(sheet, "definitions", columns, rows)
    book.write(sheet, below, 0, say("conventions"), "subtitle")
    book.write_table(
        sheet,
        "conventions",
        [Column(say("convention"), "prose", 28), Column(say("setting"), "prose", 64)],
        [list(row.read(book.words.language)) for row in ledger.list_conventions(book.report)],
        below + 1,
        is_frozen=False,
    )
    add_rules(book)


def name_kinds(book: Book, kinds: str) -> str:
    """Kinds of window or of scope in words."""
    return ", ".join(book.words.say_or(kind, kind) for kind in kinds.split(", ") if kind)


def add_rules(book: Book) -> None:
    """The cut points of the scores and the rules of the segments."""
    say = book.words.say
    sheet = book.add_sheet("sheet_rules", say("sheet_rules"))
    rows: list[list[Any]] = [
        [
            book.words.say_or(row["measure"], row["measure"]),
            to_number(row["score"]),
            book.words.say_or(f"direction_{row['direction']}", row["direction"]),
            (to_number(row["cut"]), "amount" if row["measure"] == "monetary" else "count"),
        ]
        for row in content.read_rows(book.report, "rfm_cuts")
    ]
    columns = [
        Column(say("measure"), width=22),
        Column(say("score"), "count", 10),
        Column(say("direction"), width=22),
        Column(say("cut"), "number", 14),
    ]
    below = book.write_table(sheet, "rfm_cuts", columns, rows, is_frozen=False)
    rows = [
        [
            book.name_of(row, "segment"),
            *(to_number(row[f"{letter}_score"]) for letter in "rfm"),
        ]
        for row in content.read_rows(
            book.report, "segment_rules", "rule_position", "r_score", "f_score", "m_score"
        )
    ]
    columns = [
        Column(say("segment"), width=22),
        *(
            Column(say(f"{letter}_score"), "count", width)
            for letter, width in (("r", 10), ("f", 22), ("m", 14))
        ),
    ]
    book.write_table(sheet, "segment_rules", columns, rows, below, is_frozen=False)


def add_columns(book: Book) -> None:
    """What the columns of the published tables mean; models say so in English only."""
    say = book.words.say
    if book.words.language != "en" or not book.report.columns:
        return
    sheet = book.add_sheet("sheet_columns", say("column_meanings"))
    rows = [
        [table, column, meaning]
        for table, columns in sorted(book.report.columns.items())
        for column, meaning in columns.items()
    ]
    heads = [
        Column(say("table"), width=24),
        Column(say("column"), width=34),
        Column(say("definition"), "prose", 100),
    ]
    book.write_table(sheet, "columns", heads, rows, frozen_columns=2)
