"""What the numbers mean: the KPIs' definitions and the conventions of the data set.

They are published by `metrics` and stated by the data set; nothing is worded here.
"""

from pipelines.report import ledger
from pipelines.report.page.layout import Entry, Layout, Part, Table


def lay_definitions(layout: Layout) -> Part:
    """What each KPI means, and the conventions behind all of them."""
    words = layout.words
    lines = [
        [Entry(metric.name), Entry(metric.definition), Entry(metric.note)]
        for metric in layout.metrics.values()
    ]
    headings = [layout.head(label, is_number=False) for label in ("metric", "definition", "note")]
    tables = [("", Table(headings, lines))] if lines else []
    conventions = [
        [Entry(text) for text in convention.read(words.language)]
        for convention in ledger.list_conventions(layout.report)
    ]
    if conventions:
        headings = [layout.head(label, is_number=False) for label in ("convention", "setting")]
        tables.append((words.say("conventions"), Table(headings, conventions)))
    note = words.say("definitions_note")
    return Part("definitions", words.say("definitions"), note=note, tables=tables)
