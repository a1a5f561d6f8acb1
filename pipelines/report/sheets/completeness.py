"""The sheets on what became of every file and every row, with everything the page leaves out.

Rows are counted here and never shown.
"""

from pipelines.report import content, ledger
from pipelines.report.sheets.book import FIRST_ROW, Book, Column
from pipelines.report.words import to_number

# A column mistaken for a status has a word for every order.
WORDS_IN_FULL = 2_000


def add_completeness(book: Book) -> None:
    """The sheets about files and rows, in the order of the page; none without anything to show."""
    add_gates(book)
    add_files(book)
    add_quarantine(book)
    add_control(book)
    add_words(book)
    add_exclusions(book)
    add_waterfall(book)


def add_gates(book: Book) -> None:
    """All checks before publishing with what they found, the failed ones first."""
    say = book.words.say
    source = ledger.list_gates(book.report)
    if not source:
        return
    closed = [sentence for row in source if (sentence := ledger.explain_gate(book.words, row))]
    note = "" if closed else say("gates_open", count=len(source))
    sheet = book.add_sheet("sheet_gates", say("completeness"), note)
    rows = [
        [
            book.name_of(row, "gate"),
            say(f"verdict_{row['verdict']}"),
            ledger.explain_gate(book.words, row) or say("nothing_found"),
        ]
        for row in source
    ]
    columns = [
        Column(say("gate"), width=28),
        Column(say("verdict"), width=14),
        Column(say("finding"), "prose", 100),
    ]
    book.write_table(sheet, "gates", columns, rows)


def add_files(book: Book) -> None:
    """All input files with their rows, amounts and dates."""
    say = book.words.say
    source = ledger.list_files(book.report)
    note = say("completeness_note" if source else "files_empty")
    sheet = book.add_sheet("sheet_files", say("input_files"), note)
    rows = [
        [
            ledger.name_table(book.words, row),
            ledger.name_file(book.words, row),
            *(to_number(row[column]) for column in ledger.FILE_COUNTS),
            *(to_number(row[column]) for column in ledger.FILE_AMOUNTS),
            row["first_on"],
            row["last_on"],
        ]
        for row in source
    ]
    columns = [
        Column(say("source_table"), width=16),
        Column(say("file_name"), width=36),
        Column(say("rows"), "count", 12),
        *(Column(say(column), "count", 12) for column in ledger.FILE_COUNTS[1:]),
        *(Column(say(column), "amount", 18) for column in ledger.FILE_AMOUNTS),
        Column(say("first_on"), "date", 12),
        Column(say("last_on"), "date", 12),
    ]
    book.write_table(sheet, "input_files", columns, rows, frozen_columns=2)


def add_quarantine(book: Book) -> None:
    """Rejected rows by file and reason."""
    say = book.words.say
    source = content.read_rows(
        book.report, "quarantine_summary", "source_table", "file_name", "reason"
    )
    note = "" if source else say("quarantine_empty")
    sheet = book.add_sheet("sheet_quarantine", say("quarantine"), note)
    rows = [
        [
            ledger.name_table(book.words, row),
            ledger.name_file(book.words, row),
            book.name_of(row, "reason"),
            to_number(row["row_count"]),
            to_number(row.get("gross_amount")),
        ]
        for row in source
    ]
    columns = [
        Column(say("source_table"), width=16),
        Column(say("file_name"), width=36),
        Column(say("reason"), width=48),
        Column(say("rows"), "count", 12),
        Column(say("gross_amount"), "amount", 18),
    ]
    book.write_table(sheet, "quarantine", columns, rows)


def add_control(book: Book) -> None:
    """The source system's monthly totals beside these, where they are given."""
    say = book.words.say
    source = ledger.list_control(book.report)
    if not source:
        return
    note = ledger.sum_up_control(book.words, source)
    sheet = book.add_sheet("sheet_control", say("table_control_totals"), note)
    rows = []
    for row in source:
        kind = "count" if row["measure"] == "orders" else "amount"
        rows.append(
            [
                (row["month"], "month"),
                book.words.say_or(f"measure_{row['measure']}", row["measure"]),
                *(
                    (to_number(row[column]), kind)
                    for column in ("source_value", "own_value", "difference")
                ),
                book.name_of(row, "explained_by"),
                "" if content.read_flag(row["is_complete"]) else say("mark_incomplete"),
            ]
        )
    columns = [
        Column(say("month"), "month", 12),
        Column(say("measure"), width=14),
        Column(say("source_value"), "number", 18),
        Column(say("own_value"), "number", 18),
        Column(say("difference"), "number", 18),
        Column(say("explained_by"), width=48),
        Column(say("remark"), width=24),
    ]
    book.write_table(sheet, "control_totals", columns, rows, frozen_columns=2)


def add_words(book: Book) -> None:
    """What the statuses and the kinds of the orders were taken for, one table below the other."""
    say = book.words.say
    statuses = ledger.list_words(book.report, "order_statuses", WORDS_IN_FULL)
    kinds = ledger.list_words(book.report, "order_kinds", WORDS_IN_FULL)
    if not statuses and not kinds:
        return
    unknown = [
        say(f"{table}_unknown", count=book.words.format_number(count))
        for table in ledger.WORD_COLUMNS
        if (count := ledger.count_unknown(book.report, table))
    ]
    sheet = book.add_sheet("sheet_words", say("sheet_words"), " ".join(unknown))
    first_row = FIRST_ROW
    for table, label, kind, source in (
        ("order_statuses", "status", "status", statuses),
        ("order_kinds", "order_kind", "kind", kinds),
    ):
        if not source:
            continue
        is_status = table == "order_statuses"
        rows = [
            [
                ledger.name_word(book.words, row),
                ledger.name_meaning(book.words, row, kind),
                *([ledger.say_paid(book.words, row)] if is_status else []),
                to_number(row["row_count"]),
                to_number(row["gross_amount"]),
            ]
            for row in source
        ]
        columns = [
            Column(say(label), width=36),
            Column(say("taken_for"), width=26),
            *([Column(say("is_paid"), width=14)] if is_status else []),
            Column(say("rows"), "count", 14),
            Column(say("gross_amount"), "amount", 18),
        ]
        is_first = first_row == FIRST_ROW
        first_row = book.write_table(sheet, table, columns, rows, first_row, is_frozen=is_first)


def add_exclusions(book: Book) -> None:
    """Who is kept out, by reason, and how many more are proposed."""
    say = book.words.say
    source = ledger.list_exclusions(book.report)
    proposals = book.report.proposal_count
    if not source and not proposals:
        return
    proposed = say("exclusion_proposals", count=book.words.format_number(proposals))
    sheet = book.add_sheet("sheet_exclusions", say("exclusions"), proposed if proposals else "")
    rows = [
        [
            content.read_text(row["reason"]) or say("no_reason"),
            *(to_number(row[column]) for column in ("member_count", "order_count", "net_amount")),
        ]
        for row in source
    ]
    columns = [
        Column(say("reason"), width=36),
        Column(say("members"), "count", 14),
        Column(say("order_count"), "count", 14),
        Column(say("net_amount"), "amount", 18),
    ]
    book.write_table(sheet, "exclusions", columns, rows)


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
