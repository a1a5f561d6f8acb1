"""An examination as text for people, in one language: per file, all together, what is missing.

The words stand in `pipelines/ingest/words.yaml`; what is found in `findings`.
"""

from collections.abc import Iterator

from pipelines.exports import load_profiles
from pipelines.ingest.discovery.names import quote
from pipelines.ingest.doctor.findings import (
    Across,
    Examination,
    FileReport,
    TableReport,
    WordCount,
)
from pipelines.ingest.outcomes import AMOUNTS
from pipelines.ingest.reasons import REASONS
from pipelines.ingest.words import Language, Note, read_words, say

SHOWN_OVERLAPS = 5
SHOWN_COLUMNS = 30
DELIMITERS = {",": "delimiter_comma", "\t": "delimiter_tab", ";": "delimiter_semicolon"}


def render(examination: Examination, language: Language) -> list[str]:
    """Return the lines of an examination."""
    notes = [Note("doctor_title", {"name": examination.name, "count": len(examination.files)})]
    for report in examination.files:
        notes += [Note("blank"), *describe_file(report, language)]
    notes += [Note("blank"), *describe_all(examination)]
    lines = [say(note, language) for note in notes]
    if examination.unmet:
        lines += ["", say(Note("missing_title"), language)]
        lines += [f"  {need.zh if language == 'zh' else need.en}" for need in examination.unmet]
    lines.append("")
    if examination.problems:
        lines.append(say(Note("problems_title"), language))
        found = [zh if language == "zh" else en for zh, en in examination.problems]
        lines += [f"  - {problem}" for problem in found]
    else:
        lines.append(say(Note("ready"), language))
    return lines


def describe_file(report: FileReport, language: Language) -> Iterator[Note]:
    """Yield what one file is and what is read of it."""
    if report.sheet is None:
        yield Note("file_title", {"file": report.name})
    else:
        yield Note("file_title_sheet", {"file": report.name, "sheet": quote(report.sheet)})
    if report.problem is not None:
        yield Note("file_refused", {"problem": report.problem})
        return
    if report.same_as is not None:
        yield Note("same_bytes", {"other": quote(report.same_as)})
        return
    parts: list[object] = [Note(f"kind_{report.kind}")]
    if report.encoding is not None and report.kind in ("text", "gzip", "html"):
        parts.append(report.encoding.upper())
    if report.delimiter is not None:
        parts.append(Note(DELIMITERS.get(report.delimiter, "delimiter_comma")))
    parts.append(Note("size", {"kilobytes": f"{report.size_bytes / 1024:,.1f}"}))
    if report.profile is not None:
        title = load_profiles()[report.profile].title
        name = title.get(language, report.profile)
        parts.append(Note("by_profile", {"title": name, "profile": report.profile}))
    yield Note("file_kind", {"parts": parts})
    for table in report.tables:
        yield from describe_table(table)
    if report.ignored:
        yield Note("columns_ignored", {"columns": shorten(report.ignored)})
    if report.unread:
        yield Note("columns_personal", {"columns": shorten(report.unread)})
    if report.masked:
        yield Note("masked", {"count": report.masked})


def describe_table(table: TableReport) -> Iterator[Note]:
    """Yield what the rows of a file are as rows of one table."""
    counts = table.counts
    yield Note(
        "table_rows",
        {
            "table": table.table,
            "rows": counts.row_count,
            "accepted": counts.accepted_count,
            "rejected": counts.quarantined_count,
        },
    )
    if counts.continuation_count:
        yield Note("continuations", {"count": counts.continuation_count})
    if counts.first_on is not None:
        yield Note("date_range", {"first": counts.first_on, "last": counts.last_on})
    if counts.accepted_amount is not None:
        key = f"amount_{AMOUNTS[table.table]}"
        yield Note(key, {"amount": f"{counts.accepted_amount:,.2f}"})
    used = tuple(
        Note(
            "column_token" if canonical in table.tokens else "column_used",
            {"canonical": canonical, "column": " / ".join(map(quote, names))},
        )
        for canonical, names in table.columns.items()
    )
    yield Note("columns_used", {"columns": used})
    for rejects in table.rejects:
        reason = REASONS.get(rejects.reason)
        yield Note(
            "rejected",
            {
                "count": rejects.count,
                "reason_zh": reason.zh if reason else rejects.reason,
                "reason_en": reason.en if reason else rejects.reason,
                "code": rejects.reason,
                "column": Note("in_column", {"column": quote(rejects.column)})
                if rejects.column
                else "",
                "lines": tuple(str(line) for line in rejects.lines),
            },
        )
    if table.duplicates:
        yield Note("duplicates", {"count": table.duplicates})
    if table.versions:
        yield Note("versions", {"count": table.versions})
    for overlap in table.overlaps[:SHOWN_OVERLAPS]:
        values = {"other": quote(overlap.other), "count": overlap.count}
        yield Note("overlap", {**values, "differing": overlap.differing})
    if len(table.overlaps) > SHOWN_OVERLAPS:
        yield Note("more_overlaps", {"count": len(table.overlaps) - SHOWN_OVERLAPS})
    if table.far and table.far_from is not None:
        first, last = table.far_from
        yield Note("far_dates", {"count": table.far, "first": first, "last": last})
    if table.table == "orders":
        yield from describe_orders(table)


def describe_orders(table: TableReport) -> Iterator[Note]:
    """Yield the words, members and currencies of a file of orders."""
    if table.statuses:
        yield Note("statuses", {"words": [describe_word(word) for word in table.statuses]})
    if table.word_overflow:
        yield Note("more_words", {"count": table.word_overflow})
    unknown = [quote(word.word) for word in table.statuses if word.meaning is None]
    if unknown:
        yield Note("unknown_statuses", {"words": tuple(unknown)})
    if table.kinds:
        yield Note("kinds", {"words": [describe_word(word) for word in table.kinds]})
    unknown = [quote(word.word) for word in table.kinds if word.meaning is None]
    if unknown:
        yield Note("unknown_kinds", {"words": tuple(unknown)})
    if table.counts.accepted_count:
        share = table.orders_without_member / table.counts.accepted_count
        yield Note("guests", {"count": table.orders_without_member, "share": f"{share:.1%}"})
    if table.currencies:
        found = [f"{quote(code)} {count:,}" for code, count in table.currencies]
        yield Note("currencies", {"codes": tuple(found)})


def describe_word(word: WordCount) -> Note:
    """Return a word with its rows and what it counts as."""
    meaning: object = Note("meaning_unknown")
    if word.meaning is not None:
        is_named = f"meaning_{word.meaning}" in read_words()
        meaning = Note(f"meaning_{word.meaning}") if is_named else word.meaning
    values = {"word": quote(word.word), "count": word.count, "meaning": meaning}
    return Note("word_paid" if word.is_paid else "word", values)


def describe_all(examination: Examination) -> Iterator[Note]:
    """Yield what shows only when all files are read together."""
    across = examination.across
    yield Note("across_title")
    if across.orders:
        values = {"first": across.first_on, "last": across.last_on, "count": across.orders}
        yield Note("across_orders", values)
    yield from describe_members(across, examination.is_throw_away)
    if across.refunds:
        values = {"refunds": across.refunds, "orphans": across.orphans}
        yield Note("orphans" if across.orphans else "no_orphans", values)
    if examination.unused:
        yield Note("unused_files", {"files": tuple(quote(name) for name in examination.unused)})
    if examination.is_throw_away:
        yield Note("throw_away_key")
    elif examination.key_id is not None:
        yield Note("key_used", {"key": examination.key_id})


def describe_members(across: Across, is_throw_away: bool) -> Iterator[Note]:
    """Yield how the buyers meet the member file, and who may be no customer."""
    if across.identified:
        share = f"{across.unregistered / across.identified:.1%}"
        values = {
            "identified": across.identified,
            "unregistered": across.unregistered,
            "share": share,
        }
        yield Note("unregistered", values)
        if across.asks_unregistered:
            yield Note("ask_unregistered", values)
    if not across.proposed_count:
        return
    yield Note("proposals", {"count": across.proposed_count})
    if across.has_tokens and is_throw_away:
        yield Note("proposals_hidden")
        return
    for each in across.proposed:
        values = {"dates": each.date_count, "tickets": each.ticket_count}
        yield Note("proposed", {"member": quote(each.member_id), **values})
    if across.proposed_count > len(across.proposed):
        yield Note("proposed_more", {"count": across.proposed_count - len(across.proposed)})


def shorten(names: tuple[str, ...]) -> tuple[object, ...]:
    """Return quoted names to list, the rest counted where there are many."""
    shown = tuple(quote(name) for name in names[:SHOWN_COLUMNS])
    rest = len(names) - SHOWN_COLUMNS
    return (*shown, Note("and_more", {"count": rest})) if rest > 0 else shown
