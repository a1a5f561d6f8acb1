"""Stores and channels of the headline month, one a row.

The whole shop stands in `headline` and `growth`.
"""

from pipelines.report import content
from pipelines.report.page.layout import Entry, Layout, Part, Table, enter_cell, explain_marks

SCOPES_SHOWN = 20


def lay_scopes(layout: Layout, scope_type: str, title: str) -> Part | None:
    """The stores or channels of the headline month; none where the run has no such scope."""
    words = layout.words
    if layout.headline_month is None:
        return None
    month, _ = layout.headline_month
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
        layout.head(scope_type, is_number=False),
        layout.head_metric("net_sales"),
        layout.head("change_short"),
        *(layout.head_metric(metric) for metric in content.SCOPE_METRICS[1:]),
    ]
    hidden = len(ranked) - SCOPES_SHOWN
    return Part(
        title,
        words.say(title),
        note=words.say("scopes_note", month=words.format_month(month)),
        tables=[("", Table(headings, lines, explain_marks(words, used)))],
        remarks=[words.say("scopes_hidden", count=hidden)] if hidden > 0 else [],
    )
