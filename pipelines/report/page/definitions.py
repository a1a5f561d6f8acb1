"""What the numbers mean: the KPIs' definitions and the conventions of the data set.

They are published by `metrics` and stated by the data set; nothing is worded here.
"""

from typing import get_args

from pipelines.catalogue import Family
from pipelines.report import ledger
from pipelines.report.content import write_formula
from pipelines.report.page.layout import Entry, Layout, Part, Table


def lay_definitions(layout: Layout) -> Part:
    """What each KPI means, and the conventions behind all of them."""
    words = layout.words
    labels = ("metric", "definition", "formula", "note")
    tables = []
    for family in get_args(Family):
        lines = [
            [
                Entry(metric.name, detail=metric.metric, anchor=layout.link_metric(metric.metric)),
                Entry(metric.definition),
                Entry(write_formula(metric)),
                Entry(metric.note),
            ]
            for metric in layout.metrics.values()
            if metric.family == family
        ]
        if lines:
            headings = [layout.head(label, is_number=False) for label in labels]
            title = f"{words.say(f'family_{family}')} ({len(lines)})"
            tables.append((title, Table(headings, lines, is_folded=True)))
    conventions = [
        [Entry(text) for text in convention.read(words.language)]
        for convention in ledger.list_conventions(layout.report)
    ]
    if conventions:
        headings = [layout.head(label, is_number=False) for label in ("convention", "setting")]
        tables.append((words.say("conventions"), Table(headings, conventions)))
    note = words.say("definitions_note")
    return Part("definitions", words.say("definitions"), note=note, tables=tables)
