"""What became of every file and every row: gates, files, rejects, words, and the waterfall.

No row of a file and no member is named here, only what files and their words count.
"""

import datetime

from pipelines.report import content, ledger
from pipelines.report.ledger import Row
from pipelines.report.page.layout import (
    MARKS,
    Entry,
    Heading,
    Layout,
    Part,
    Table,
    enter_value,
    explain_marks,
)
from pipelines.report.words import Words, to_number

FILES_SHOWN = 20
QUARANTINE_SHOWN = 30
CONTROL_MONTHS_SHOWN = 12
WORDS_SHOWN = 20
WORD_KINDS = {"order_statuses": ("status", "status"), "order_kinds": ("order_kind", "kind")}


def lay_completeness(layout: Layout) -> Part:
    """Whether files are missing or doubled, and what became of the rows of each."""
    words = layout.words
    gates = ledger.list_gates(layout.report)
    findings = [sentence for gate in gates if (sentence := ledger.explain_gate(words, gate))]
    tables = [
        (words.say("input_files"), lay_files(layout)),
        (words.say("quarantine"), lay_quarantine(layout)),
        (words.say("table_control_totals"), lay_control(layout)),
        *((words.say(table), lay_words(layout, table)) for table in WORD_KINDS),
        (words.say("exclusions"), lay_exclusions(layout)),
    ]
    return Part(
        "completeness",
        words.say("completeness"),
        note=words.say("completeness_note"),
        empty=words.say("gates_open", count=len(gates)) if gates and not findings else "",
        findings=findings,
        tables=[(title, table) for title, table in tables if table],
    )


def lay_files(layout: Layout) -> Table:
    """The largest input files with their rows and amounts, the others summed by table."""
    words = layout.words
    rows = ledger.list_files(layout.report, FILES_SHOWN)
    if not rows:
        return Table([], [], note=words.say("files_empty"))
    lines = []
    for row in rows:
        name = Entry(ledger.name_file(words, row), detail=ledger.name_table(words, row))
        counts = [
            enter_rows(words, row, f"{kind}_count", f"{amount}_amount")
            for kind, amount in (
                *(("row", "gross"), ("accepted", "accepted"), ("quarantined", "quarantined")),
                *(("duplicate", "duplicate"), ("continuation", "continuation")),
            )
        ]
        dates = write_dates(words, row["first_on"], row["last_on"])
        lines.append([name, *counts, dates])
    headings = [
        layout.head("file_name", "input_files", is_number=False),
        layout.head("rows", "input_files", "row_count"),
        *(layout.head(column, "input_files") for column in ledger.FILE_COUNTS[1:]),
        Heading(words.say("dates"), True),
    ]
    is_cut = any("rest_count" in row for row in rows)
    return Table(headings, lines, [words.say("files_hidden", count=FILES_SHOWN)] if is_cut else [])


def lay_quarantine(layout: Layout) -> Table:
    """Rejected rows by file and reason, the most first."""
    words = layout.words
    rows = ledger.list_rejects(layout.report)
    if not rows:
        return Table([], [], note=words.say("quarantine_empty"))
    lines = [
        [
            Entry(ledger.name_table(words, row)),
            Entry(ledger.name_file(words, row)),
            Entry(layout.name_of(row, "reason")),
            enter_value(words, to_number(row["row_count"]), "count"),
            enter_cents(words, row.get("gross_amount")),
        ]
        for row in rows[:QUARANTINE_SHOWN]
    ]
    headings = [
        layout.head(label, "quarantine_summary", is_number=False)
        for label in ("source_table", "file_name", "reason")
    ]
    headings.append(layout.head("rows", "quarantine_summary", "row_count"))
    headings.append(layout.head("gross_amount", "quarantine_summary"))
    hidden = len(rows) - QUARANTINE_SHOWN
    footnotes = [words.say("quarantine_hidden", count=hidden)] if hidden > 0 else []
    return Table(headings, lines, footnotes)


def lay_control(layout: Layout) -> Table | None:
    """The source system's totals of the latest months beside these; none without such a file."""
    words = layout.words
    rows = ledger.list_control(layout.report)
    if not rows:
        return None
    months = sorted({row["month"] for row in rows}, reverse=True)
    shown = set(months[:CONTROL_MONTHS_SHOWN])
    used: list[str] = []
    lines = []
    for row in rows:
        if row["month"] not in shown:
            continue
        marks = [] if content.read_flag(row["is_complete"]) else ["mark_incomplete"]
        used.extend(marks)
        is_money = row["measure"] != "orders"
        numbers = [
            enter_cents(words, row[column])
            if is_money
            else enter_value(words, to_number(row[column]), "count")
            for column in ("source_value", "own_value", "difference")
        ]
        is_unexplained = row["explained_by"] == "unexplained"
        lines.append(
            [
                Entry(
                    words.format_month(row["month"]), marks="".join(MARKS[mark] for mark in marks)
                ),
                Entry(words.say_or(f"measure_{row['measure']}", row["measure"])),
                *numbers,
                Entry(layout.name_of(row, "explained_by"), is_flagged=is_unexplained),
            ]
        )
    headings = [
        layout.head(label, "control_reconciliation", is_number=is_number)
        for label, is_number in (
            *(("month", False), ("measure", False), ("source_value", True)),
            *(("own_value", True), ("difference", True), ("explained_by", False)),
        )
    ]
    footnotes = explain_marks(words, used)
    if len(months) > CONTROL_MONTHS_SHOWN:
        footnotes.append(words.say("control_hidden", count=CONTROL_MONTHS_SHOWN))
    return Table(headings, lines, footnotes, note=ledger.sum_up_control(words, rows))


def lay_words(layout: Layout, table: str) -> Table | None:
    """What the statuses or the kinds of the orders were taken for; none where there are none."""
    words = layout.words
    rows = ledger.list_words(layout.report, table, WORDS_SHOWN)
    if not rows:
        return None
    label, kind = WORD_KINDS[table]
    lines = []
    for row in rows:
        is_rest = "rest_count" in row
        line = [
            Entry(ledger.name_word(words, row)),
            Entry(
                ledger.name_meaning(words, row, kind),
                is_flagged=not is_rest and not row["is_known"],
            ),
        ]
        if table == "order_statuses":
            line.append(
                Entry(
                    ""
                    if is_rest
                    else words.say("yes" if content.read_flag(row["is_paid"]) else "no")
                )
            )
        line.append(enter_value(words, to_number(row["row_count"]), "count"))
        line.append(enter_cents(words, row["gross_amount"]))
        lines.append(line)
    headings = [Heading(words.say(label)), Heading(words.say("taken_for"))]
    if table == "order_statuses":
        headings.append(layout.head("is_paid", table, is_number=False))
    headings.append(layout.head("rows", table, "row_count"))
    headings.append(layout.head("gross_amount", table))
    unknown = ledger.count_unknown(layout.report, table)
    note = (
        words.say(f"{table}_unknown", count=words.format_number(unknown))
        if unknown
        else words.say(f"{table}_note")
    )
    return Table(headings, lines, note=note)


def lay_exclusions(layout: Layout) -> Table | None:
    """Who is kept out, by reason, and how many more are proposed; none where there are none."""
    words = layout.words
    rows = ledger.list_exclusions(layout.report)
    proposals = layout.report.proposal_count
    if not rows and not proposals:
        return None
    lines = [
        [
            Entry(content.read_text(row["reason"]) or words.say("no_reason")),
            enter_value(words, to_number(row["member_count"]), "count"),
            enter_value(words, to_number(row["order_count"]), "count"),
            enter_cents(words, row["net_amount"]),
        ]
        for row in rows
    ]
    headings = [
        layout.head("reason", "exclusions", is_number=False),
        layout.head("members", "exclusions", "member_count"),
        layout.head("order_count", "exclusions"),
        layout.head("net_amount", "exclusions"),
    ]
    proposed = words.say("exclusion_proposals", count=words.format_number(proposals))
    return Table(
        headings,
        lines,
        [proposed] if proposals else [],
        note="" if rows else words.say("exclusions_empty"),
    )


def lay_waterfall(layout: Layout) -> Part:
    """Every order row in one box, in rows and in money; empty boxes are only named."""
    words = layout.words
    rows = content.read_rows(layout.report, "population_waterfall", "position")
    if not rows:
        return Part("waterfall", words.say("waterfall"), empty=words.say("waterfall_empty"))
    totals = {
        column: max((to_number(row[column]) or 0.0 for row in rows), default=0.0)
        for column in ("row_count", "gross_amount")
    }
    lines, nothing = [], []
    for row in rows:
        if row["step"] != "read" and not (
            to_number(row["row_count"]) or to_number(row["gross_amount"])
        ):
            nothing.append(layout.name_of(row, "step"))
            continue
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
    return Part(
        "waterfall",
        words.say("waterfall"),
        note=words.say("waterfall_note"),
        tables=[("", Table(headings, lines))],
        kind="waterfall",
        remarks=[words.say("waterfall_nothing", steps=" · ".join(nothing))] if nothing else [],
    )


def enter_rows(words: Words, row: Row, count: str, amount: str) -> Entry:
    """A number of rows with their amount below it, where the table has amounts."""
    value = to_number(row.get(amount)) if to_number(row[count]) else None
    return Entry(
        enter_value(words, to_number(row[count]), "count").text,
        is_number=True,
        detail="" if value is None else words.format_cents(value),
    )


def enter_cents(words: Words, amount: object) -> Entry:
    """An amount to the cent, or in words that there is none."""
    value = to_number(amount)
    if value is None:
        return enter_value(words, None, "amount")
    return Entry(words.format_cents(value), is_number=True)


def write_dates(words: Words, first: datetime.date | None, last: datetime.date | None) -> Entry:
    """The first and the last date of a file, one below the other where they differ."""
    if first is None or last is None:
        return enter_value(words, None, "count")
    return Entry(f"{first}", is_number=True, detail="" if first == last else f"{last}")
