"""Stores, channels and the other kinds of scope of the headline month, one a row.

The whole shop stands in `headline`, `metrics` and `growth`.
"""

import datetime

from pipelines.report import content
from pipelines.report.page.layout import (
    Entry,
    Heading,
    Layout,
    Part,
    Table,
    enter_cell,
    explain_marks,
)

SCOPES_SHOWN = 20


def lay_scopes(layout: Layout) -> Part | None:
    """A table of each kind of scope in the headline month; none where the run has none."""
    words = layout.words
    if layout.headline_month is None:
        return None
    month, _ = layout.headline_month
    tables = [
        (words.say_or(f"{scope_type}s", words.say_or(scope_type, scope_type)), table)
        for scope_type in content.list_scope_types(layout.report)
        if (table := lay_kind(layout, scope_type, month))
    ]
    if not tables:
        return None
    return Part(
        "scopes",
        words.say("scopes"),
        note=words.say("scopes_note", month=words.format_month(month)),
        tables=tables,
    )


def lay_kind(layout: Layout, scope_type: str, month: datetime.date) -> Table | None:
    """The stores, channels or others of a month with the most sales."""
    words = layout.words
    cells = content.read_cells(layout.report, scope_type, "month", month)
    if not cells:
        return None
    ranked = content.rank_scopes(cells, "net_sales")
    changes = content.read_changes(layout.report, scope_type, "month", month)
    used: list[str] = []
    lines = []
    for scope, by_metric in ranked[:SCOPES_SHOWN]:
        line = [Entry(scope)]
        for metric in content.SCOPE_METRICS:
            unit = layout.get_metric(metric).unit
            line.append(enter_cell(words, by_metric.get(metric), unit, used))
            if metric == "net_sales":
                change = changes.get((metric, scope, month, "previous_period"))
                text = words.format_change(change.amount, change.rate, unit) if change else ""
                absent = words.say("absent")
                line.append(Entry(text or absent, is_number=True, is_absent=not text))
        lines.append(line)
    headings = [
        Heading(words.say_or(scope_type, scope_type)),
        layout.head_metric("net_sales"),
        layout.head("change_short"),
        *(layout.head_metric(metric) for metric in content.SCOPE_METRICS[1:]),
    ]
    hidden = len(ranked) - SCOPES_SHOWN
    footnotes = explain_marks(words, used)
    if hidden > 0:
        footnotes.append(words.say("scopes_hidden", count=hidden))
    return Table(headings, lines, footnotes)
