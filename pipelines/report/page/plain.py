"""Sections that show a published table row by row, where it has rows, and the rhythm of purchases.

Which columns they have stands in `pipelines.report.plain`.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from pipelines.report import charts, content, plain
from pipelines.report.content import Cell
from pipelines.report.page.layout import (
    MONTHS_SHOWN,
    Entry,
    Figure,
    Layout,
    Part,
    Table,
    enter_cell,
    enter_value,
    explain_marks,
)
from pipelines.report.plain import NUMBERS, Shown
from pipelines.report.words import to_number

# Parts of the buyers by how long they stay away, by their own cycle: they add up to all of them.
NES = {
    "nes_n": charts.SKY,
    "nes_e0": charts.BLUE,
    "nes_s1": charts.GREEN,
    "nes_s2": "#E69F00",
    "nes_s3": charts.ORANGE,
    "nes_once": charts.GREY,
}


def lay_sections(layout: Layout) -> list[Part]:
    """Tiers, guides, traffic, targets and restatements: those of them that have rows."""
    parts = []
    for key, shown in plain.SECTIONS.items():
        table = lay_table(layout, shown)
        if table is not None:
            say = layout.words.say
            parts.append(Part(key, say(key), note=say(f"{key}_note"), tables=[("", table)]))
    return parts


def lay_table(layout: Layout, shown: Shown) -> Table | None:
    """A published table with its first rows; none where it has no row."""
    rows = plain.list_rows(layout.report, shown)
    if not rows:
        return None
    columns = {
        column: kind
        for column, kind in shown.columns.items()
        if kind != "reason" or any(content.read_text(row[column]) for row in rows[: shown.most])
    }
    lines = [
        [enter_column(layout, row, column, kind) for column, kind in columns.items()]
        for row in rows[: shown.most]
    ]
    headings = [
        replace(
            layout.head(column, shown.table, is_number=kind in NUMBERS),
            text=plain.name_column(layout.words, shown, column),
        )
        for column, kind in columns.items()
    ]
    hidden = len(rows) - shown.most
    count = layout.words.format_number(hidden)
    return Table(
        headings, lines, [layout.words.say("rows_hidden", count=count)] if hidden > 0 else []
    )


def enter_column(layout: Layout, row: plain.Row, column: str, kind: str) -> Entry:
    """A value in its unit, or in words."""
    if kind in NUMBERS:
        unit = plain.find_unit(layout.metrics, row, kind)
        return enter_value(layout.words, to_number(row.get(column)), unit)
    text = plain.name_value(layout.words, layout.metrics, row, column, kind)
    is_flagged = column == "is_without_sales" and content.read_flag(row.get(column))
    return Entry(text, is_flagged=is_flagged)


def lay_rhythm(layout: Layout) -> Part | None:
    """How often members buy: their states by their own cycle, and the purchase cycles in use."""
    words = layout.words
    figure, cycles = lay_nes(layout), lay_table(layout, plain.CYCLES)
    if figure is None and cycles is None:
        return None
    return Part(
        "rhythm",
        words.say("rhythm"),
        note=words.say("rhythm_note"),
        figures=[figure] if figure else [],
        tables=[(words.say("purchase_cycles"), cycles)] if cycles else [],
    )


def lay_nes(layout: Layout) -> Figure | None:
    """The states of all buyers by month, as shares that add up to 1."""
    words = layout.words
    groups = {
        metric: [cell for cell in layout.by_metric.get(metric, []) if cell.value is not None]
        for metric in NES
    }
    groups = {metric: cells[-MONTHS_SHOWN:] for metric, cells in groups.items() if cells}
    if not groups:
        return None
    starts = sorted({cell.window_start for cells in groups.values() for cell in cells})
    first, last = words.format_month(starts[0]), words.format_month(starts[-1])
    flows = [
        (
            NES[metric],
            [
                charts.Point(f"{c.window_start:%Y-%m}", None if c.value is None else c.value * 100)
                for c in cells
            ],
        )
        for metric, cells in groups.items()
    ]
    svg = charts.draw_flows(flows, words.say("nes_alt", first=first, last=last))
    return Figure(
        words.say("nes"),
        words.say("unit_share"),
        Markup(svg),
        lay_numbers(layout, groups, starts),
        [(NES[metric], layout.get_metric(metric).name) for metric in groups],
    )


def lay_numbers(
    layout: Layout, groups: dict[str, list[Cell]], starts: Sequence[datetime.date]
) -> Table:
    """The shares behind the chart, the latest month first."""
    words = layout.words
    used: list[str] = []
    by_key = {(metric, c.window_start): c for metric, cells in groups.items() for c in cells}
    rows = []
    for start in reversed(starts):
        cells = [by_key.get((metric, start)) for metric in groups]
        label = words.format_month(start)
        rows.append([Entry(label), *(enter_cell(words, cell, "share", used) for cell in cells)])
    headings = [
        layout.head("month", is_number=False),
        *(layout.head_metric(metric) for metric in groups),
    ]
    return Table(headings, rows, explain_marks(words, used))
