"""What became of files, rows and words: the rows that the page and the workbook both show.

They are chosen, ordered, summed and named here; how they look is up to the page and the workbook.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pipelines.conventions import Convention
from pipelines.gates import explain_finding
from pipelines.report.content import ReportInput, read_flag, read_rows, read_text
from pipelines.report.words import Words, to_number

FILE_COUNTS = (
    *("row_count", "accepted_count", "quarantined_count"),
    *("duplicate_count", "continuation_count"),
)
FILE_AMOUNTS = ("gross_amount", "accepted_amount", "quarantined_amount", "duplicate_amount")
# The published tables of words, with the column of the word and that of what it was taken for.
WORD_COLUMNS = {
    "order_statuses": ("status", "status_class"),
    "order_kinds": ("word", "order_kind"),
}
# What the models publish for unknown words of few rows, which may be anything.
OTHER_WORDS = "(other)"

Row = dict[str, Any]


def list_gates(report: ReportInput) -> list[Row]:
    """All gates in their order, those that are closed first."""
    rows = read_rows(report, "gates", "position")
    return sorted(rows, key=lambda row: not read_flag(row["is_closed"]))


def explain_gate(words: Words, row: Row) -> str:
    """What a closed gate found, in words; "" for an open one."""
    if not read_flag(row["is_closed"]):
        return ""
    sentence = explain_finding(
        row | {"subject": read_text(row["subject"]), "finding_count": int(row["finding_count"])},
        words.language,
    )
    is_ignored = row["verdict"] == "ignore"
    return words.say("gate_ignored", sentence=sentence) if is_ignored else sentence


def list_files(report: ReportInput, most: int | None = None) -> list[Row]:
    """The input files by table, the table and within it the files in order of size and name.

    Beyond the `most` largest, those of a table are one row with `rest_count` files.
    """
    rows = sorted(
        read_rows(report, "input_files", "source_table", "file_name"),
        key=lambda row: -count_rows(row),
    )
    sizes: dict[str, int] = {}
    for row in rows:
        table = row["source_table"]
        sizes[table] = sizes.get(table, 0) + count_rows(row)
    shown = rows if most is None else rows[:most]
    rest = [] if most is None else rows[most:]
    folded = [
        sum_rows([row for row in rest if row["source_table"] == table], FILE_COUNTS, FILE_AMOUNTS)
        for table in sorted({row["source_table"] for row in rest})
    ]
    return sorted(
        [*sorted(shown, key=lambda row: read_text(row["file_name"])), *folded],
        key=lambda row: (-sizes[row["source_table"]], row["source_table"]),
    )


def list_rejects(report: ReportInput) -> list[Row]:
    """Rejected rows by file and reason, the most rows first."""
    rows = read_rows(report, "quarantine_summary", "source_table", "file_name", "reason")
    return sorted(
        (row for row in rows if count_rows(row)),
        key=lambda row: -count_rows(row),
    )


def list_words(report: ReportInput, table: str, most: int) -> list[Row]:
    """Words of `order_statuses` or `order_kinds`: unknown ones first, then by their rows.

    Each has `name`, `taken_for` and `is_known`; beyond the `most` first, they are one row with
    `rest_count` words.
    """
    word, taken_for = WORD_COLUMNS[table]
    rows = []
    for row in read_rows(report, table, word):
        meaning = read_text(row[taken_for])
        is_known = read_flag(row["is_known"]) if "is_known" in row else bool(meaning)
        rows.append(
            row | {"name": read_text(row[word]), "taken_for": meaning, "is_known": is_known}
        )
    rows.sort(key=lambda row: (row["is_known"], -count_rows(row)))
    rest = rows[most:]
    return [*rows[:most], *([sum_rows(rest, ("row_count",), ("gross_amount",))] if rest else [])]


def name_table(words: Words, row: Row) -> str:
    """The table that a file fills, in words."""
    return words.say_or(f"table_{row['source_table']}", str(row["source_table"]))


def name_file(words: Words, row: Row) -> str:
    """A file by its name, or how many are summed in the row."""
    if "rest_count" in row:
        return words.say("files_rest", count=words.format_number(row["rest_count"]))
    return read_text(row["file_name"]) or words.say("several_files")


def name_word(words: Words, row: Row) -> str:
    """A word as the files have it, or how many are summed in the row."""
    if "rest_count" in row:
        return words.say("words_rest", count=words.format_number(row["rest_count"]))
    if row["name"] == OTHER_WORDS and not row["is_known"]:
        return words.say("other_words")
    return str(row["name"]) or words.say("empty_word")


def name_meaning(words: Words, row: Row, kind: str) -> str:
    """What a status or a kind was taken for, in words; "" for a row that sums several."""
    if "rest_count" in row:
        return ""
    if not row["is_known"]:
        return words.say(f"{kind}_unknown")
    return words.say_or(f"{kind}_{row['taken_for']}", row["taken_for"])


def say_paid(words: Words, row: Row) -> str:
    """Whether a status counts as paid, in words; "" for a row that sums several."""
    if "rest_count" in row:
        return ""
    return words.say("yes" if read_flag(row["is_paid"]) else "no")


def count_unknown(report: ReportInput, table: str) -> int:
    """How many words of that table nobody explained."""
    rows = list_words(report, table, len(report.read_table(table)))
    return sum(not row["is_known"] for row in rows)


def list_control(report: ReportInput) -> list[Row]:
    """Control totals, the newest month first, in it orders before net sales."""
    rows = read_rows(report, "control_reconciliation", "month", "measure")
    return rows[::-1]


def sum_up_control(words: Words, rows: Sequence[Row]) -> str:
    """How many control totals agree, are explained and are not, in one sentence."""
    codes = [row["explained_by"] for row in rows]
    agreeing, unexplained = codes.count("none"), codes.count("unexplained")
    return words.say(
        "control_note",
        agreeing=words.format_number(agreeing),
        explained=words.format_number(len(codes) - agreeing - unexplained),
        unexplained=words.format_number(unexplained),
    )


def list_exclusions(report: ReportInput) -> list[Row]:
    """Reasons for exclusion, those with the most members first."""
    rows = read_rows(report, "exclusions", "reason")
    return sorted(rows, key=lambda row: -(to_number(row["member_count"]) or 0.0))


def list_conventions(report: ReportInput) -> list[Convention]:
    """The conventions of the data set, and what the run made of them.

    That is which statuses counted as paid, until when refunds were known, and who was kept out.
    """
    conventions = list(report.conventions)
    statuses = read_rows(report, "order_statuses", "status")
    paid = [read_text(row["status"]) or '""' for row in statuses if read_flag(row["is_paid"])]
    if statuses:
        words = " · ".join(paid) or "–"
        conventions.append(Convention("Paid statuses", "已付款状态", words, words))
    known = report.knowledge_date.isoformat()
    conventions.append(Convention("Knowledge date", "退款统计至", known, known))
    count = sum(count_members(row) for row in read_rows(report, "exclusions"))
    conventions.append(
        Convention(
            "Exclusions",
            "排除名单",
            f"members kept out of all figures: {count:,}",
            f"不计入任何指标的会员：{count:,} 位",
        )
    )
    cycles = read_rows(report, "purchase_cycles")
    whole = [row for row in cycles if row["scope_type"] == "all"]
    return [*conventions, *(describe_cycle(row) for row in whole)]


def describe_cycle(row: Row) -> Convention:
    """The purchase cycle in use of the whole shop, and where it comes from."""
    days = f"{to_number(row['cycle']) or 0:g}"
    version = to_number(row["version"])
    if version is None:
        return Convention(
            "Purchase cycle in use",
            "当前购买周期",
            f"{days} days, the preset of the trade",
            f"{days} 天，行业预设",
        )
    return Convention(
        "Purchase cycle in use",
        "当前购买周期",
        f"{days} days, promoted by a person as version {version:g}",
        f"{days} 天，经人确认启用的第 {version:g} 版",
    )


def count_members(row: Row) -> int:
    """The members that a row of a published table stands for."""
    return int(to_number(row["member_count"]) or 0)


def count_rows(row: Row) -> int:
    """The rows that a row of a published table stands for."""
    return int(to_number(row["row_count"]) or 0)


def sum_rows(rows: Sequence[Row], counts: Sequence[str], amounts: Sequence[str]) -> Row:
    """One row for several: sums of counts and amounts, the earliest and the latest date."""
    dates = [row[column] for row in rows for column in ("first_on", "last_on") if row.get(column)]
    return {
        "source_table": rows[0].get("source_table"),
        "rest_count": len(rows),
        "first_on": min(dates, default=None),
        "last_on": max(dates, default=None),
        **{column: sum(int(to_number(row[column]) or 0) for row in rows) for column in counts},
        **{column: sum_amounts([row[column] for row in rows]) for column in amounts},
    }


def sum_amounts(values: Sequence[Any]) -> Decimal | None:
    """The exact sum of amounts to the cent; None where none of them is known."""
    known = [Decimal(str(value)) for value in values if to_number(value) is not None]
    return sum(known, Decimal()) if known else None
