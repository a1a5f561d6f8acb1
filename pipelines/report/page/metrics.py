"""Every KPI of the whole shop, family by family, and those that the data cannot show.

The KPIs of page one stand in `headline` too; stores and channels in `scopes`.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from pipelines.catalogue import Family
from pipelines.report import content
from pipelines.report.content import Cell, Metric
from pipelines.report.page.layout import (
    Entry,
    Heading,
    Layout,
    Part,
    Table,
    enter_cell,
    explain_marks,
)

COMPARISONS = {"previous_period": "change_short", "same_period_last_year": "change_last_year"}
# Beside the month; of each the latest that is complete, or else the latest.
WINDOWS = ("quarter", "half", "year", "trailing_90d", "trailing_365d")

Latest = Mapping[str, Cell]


def lay_metrics(layout: Layout) -> Part | None:
    """A table of each family: the latest complete windows of its KPIs, with their changes."""
    words = layout.words
    if layout.headline_month is None:
        return None
    month, _ = layout.headline_month
    months = {
        metric: find_mature(cells)
        for metric, group in layout.by_metric.items()
        if (cells := [cell for cell in group if cell.window_start <= month])
        and cells[-1].window_start == month
    }
    windows = {
        kind: find_latest(content.read_cells(layout.report, "all", kind)) for kind in WINDOWS
    }
    tables = []
    for family in get_args(Family):
        metrics = [
            metric
            for metric in layout.metrics.values()
            if metric.family == family
            and not is_driver(metric)
            and (metric.metric in months or any(metric.metric in c for c in windows.values()))
        ]
        if metrics:
            table = lay_family(layout, metrics, months, windows, month)
            tables.append((words.say(f"family_{family}"), table))
    if not tables:
        return None
    return Part(
        "metrics",
        words.say("metrics"),
        note=words.say("metrics_note", month=words.format_month(month)),
        tables=tables,
        kind="metrics",
    )


def is_driver(metric: Metric) -> bool:
    """Whether a KPI is an amount of a change, which stands among the drivers of sales."""
    return metric.family == "growth" and metric.unit == "amount"


def find_latest(cells: Sequence[Cell]) -> dict[str, Cell]:
    """The latest complete window of each metric, or else its latest, where that is mature."""
    return {
        metric: find_mature(sorted(group, key=lambda cell: (cell.is_complete, cell.window_end)))
        for metric, group in content.group_by_metric(cells).items()
    }


def find_mature(cells: Sequence[Cell]) -> Cell:
    """The last of a metric's cells; where that is not mature, the last one with a value, if any."""
    latest = cells[-1]
    if latest.null_reason != "immature":
        return latest
    return next((cell for cell in reversed(cells) if cell.value is not None), latest)


def lay_family(
    layout: Layout,
    metrics: Sequence[Metric],
    months: Latest,
    windows: Mapping[str, Latest],
    month: datetime.date,
) -> Table:
    """One family: its KPIs by row, the windows that any of them has by column."""
    words = layout.words
    changes = layout.read_changes(month)
    comparisons = [
        kind
        for kind in COMPARISONS
        if any((m.metric, "all", month, kind) in changes for m in layout.metrics.values())
    ]
    used: list[str] = []
    kinds = [kind for kind in WINDOWS if any(metric.metric in windows[kind] for metric in metrics)]
    has_months = any(metric.metric in months for metric in metrics)
    rows = []
    for metric in metrics:
        link = layout.link_metric(metric.metric)
        row = [Entry(metric.name, meaning=metric.definition, link=link)]
        if has_months:
            cell = months.get(metric.metric)
            row.append(date_entry(layout, enter_shortly(layout, cell, metric, used), cell, month))
            row += [
                enter_change(layout, changes.get((metric.metric, "all", month, kind)), metric)
                for kind in comparisons
            ]
        for kind in kinds:
            cell = windows[kind].get(metric.metric)
            entry = enter_shortly(layout, cell, metric, used)
            row.append(date_entry(layout, entry, cell, find_start(windows[kind]), kind))
        rows.append(row)
    headings = [layout.head("metric", is_number=False)]
    if has_months:
        headings.append(Heading(words.format_short_month(month), True))
        headings += [layout.head(COMPARISONS[kind]) for kind in comparisons]
    headings += [Heading(name_window(layout, kind, windows[kind]), True) for kind in kinds]
    return Table(headings, rows, explain_marks(words, used))


def name_window(layout: Layout, kind: str, cells: Latest) -> str:
    """The head of a column: the period, or how long it reaches back."""
    words = layout.words
    return (cells and words.name_period(kind, find_start(cells))) or words.say(kind)


def find_start(cells: Latest) -> datetime.date:
    """The first date of the latest window among some cells, of which there is at least one."""
    return max(cell.window_start for cell in cells.values())


def date_entry(
    layout: Layout, entry: Entry, cell: Cell | None, start: datetime.date, kind: str = "month"
) -> Entry:
    """An entry that names its own period below, where that is not the one of its column."""
    if cell is None or cell.window_start == start or cell.value is None:
        return entry
    words = layout.words
    if kind == "month":
        return replace(entry, detail=words.format_short_month(cell.window_start))
    return replace(entry, detail=words.name_period(kind, cell.window_start) or str(cell.window_end))


def enter_shortly(layout: Layout, cell: Cell | None, metric: Metric, used: list[str]) -> Entry:
    """A KPI's cell; hatched where the history is too short, a dash with the reason where empty."""
    entry = enter_cell(layout.words, cell, metric.unit, used)
    if cell is None:
        return replace(entry, text="")
    if cell.value is None:
        return replace(entry, text=layout.words.say("absent"), detail=entry.text)
    return replace(entry, is_hatched=cell.is_censored)


def enter_change(layout: Layout, change: content.Change | None, metric: Metric) -> Entry:
    """A change in words; nothing where there is none."""
    if change is None:
        return Entry("", is_number=True, is_absent=True)
    text = layout.words.format_change(change.amount, change.rate, metric.unit)
    return Entry(text, is_number=True, is_absent=not text)


def lay_missing(layout: Layout) -> Part | None:
    """What is not shown, by what would bring it; none where everything is."""
    words = layout.words
    rows = [
        [Entry(" · ".join(names)), Entry(sentence)]
        for sentence, names in content.group_missing(
            layout.metrics.values(), words.language
        ).items()
    ]
    if not rows:
        return None
    headings = [layout.head(label, is_number=False) for label in ("metrics_then", "to_bring")]
    return Part(
        "missing",
        words.say("missing"),
        note=words.say("missing_note"),
        tables=[("", Table(headings, rows))],
        kind="missing",
    )
