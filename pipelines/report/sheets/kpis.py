"""The sheets of KPIs: the overview with its charts, by month, and in full.

What the KPIs mean stands in `definitions`.
"""

import datetime
from typing import Any

import pandas
import xlsxwriter

from pipelines.report import content
from pipelines.report.reading import SCOPES_READ
from pipelines.report.sheets.book import BLUE, FIRST_ROW, ORANGE, Book, Column
from pipelines.report.words import to_number

FLAGS = ("is_complete", "is_small", "is_censored")


def add_overview(book: Book) -> None:
    """The KPIs of page one with their changes, the facts of the run, and charts."""
    say = book.words.say
    found = content.find_headline_month(book.months)
    if found:
        label = "headline_month" if found[1] else "headline_month_incomplete"
        note = say(label, month=book.words.format_month(found[0]))
    else:
        note = say("headline_none")
    title = f"{book.report.dataset} · {say('title')}"
    sheet = book.add_sheet("sheet_overview", title, note)
    rows = []
    for headline in content.collect_headlines(book.report, book.months):
        cell = headline.cell
        metric = book.get_metric(cell.metric)
        changes = [
            describe_change(headline.changes.get(comparison), metric.unit)
            for comparison in ("previous_period", "same_period_last_year")
        ]
        rows.append(
            [
                metric.name,
                book.enter_cell(cell, metric.unit),
                *changes,
                cell.window_start,
                cell.window_end,
                book.remark(cell),
            ]
        )
    columns = [
        Column(say("metric"), width=30),
        Column(say("value"), "number", 18),
        Column(say("change_previous"), "change", 20),
        Column(say("change_last_year"), "change", 20),
        Column(say("window_start"), "date", 13),
        Column(say("window_end"), "date", 13),
        Column(say("remark"), width=30),
    ]
    below = book.write_table(sheet, "overview", columns, rows)
    facts = (
        ("dataset", book.report.dataset),
        ("as_of", book.report.as_of),
        ("knowledge_date", book.report.knowledge_date),
        ("currency", book.report.currency),
        ("timezone", book.report.timezone),
    )
    for offset, (label, value) in enumerate(facts):
        book.write(sheet, below + offset, 0, say(label), "note")
        is_date = isinstance(value, datetime.date)
        book.write(sheet, below + offset, 1, value, "date" if is_date else "text")
    chart_months(book, sheet, below + len(facts) + 1)


def chart_months(book: Book, sheet: xlsxwriter.worksheet.Worksheet, row: int) -> None:
    """Native charts of the overview, on the numbers of the wide sheet."""
    wide = list_wide(book)
    months = book.list_months()
    if not months:
        return
    source = book.words.say("sheet_kpi_wide")
    for place, (metric, color) in enumerate(
        (("active_members", BLUE), ("net_sales", BLUE), ("repurchase_rate", ORANGE))
    ):
        if metric not in wide:
            continue
        line = FIRST_ROW + 1 + wide.index(metric)
        kind = "line" if book.get_metric(metric).unit == "share" else "column"
        chart = book.workbook.add_chart({"type": kind})
        chart.add_series(
            {
                "name": [source, line, 0],
                "categories": [source, FIRST_ROW, 2, FIRST_ROW, 1 + len(months)],
                "values": [source, line, 2, line, 1 + len(months)],
                "fill": {"color": color},
                "line": {"color": color},
                "gap": 40,
            }
        )
        name = book.get_metric(metric).name
        chart.set_title({"name": name, "name_font": {"size": 11}, "overlay": False})
        chart.set_legend({"none": True})
        chart.set_size({"width": 460, "height": 240})
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#E1E7EC"}}})
        sheet.insert_chart(
            row + 13 * (place // 2),
            0 if place % 2 == 0 else 3,
            chart,
            {"description": name, "x_offset": 4 if place % 2 == 0 else 40},
        )


def list_wide(book: Book) -> list[str]:
    """The metrics of the wide sheet, in their published order."""
    present = {cell.metric for cell in book.months}
    described = [metric for metric in book.metrics if metric in present]
    return [*described, *sorted(present - set(described))]


def add_kpi_wide(book: Book) -> None:
    """Every KPI of the whole shop, one month a column."""
    say = book.words.say
    sheet = book.add_sheet("sheet_kpi_wide", say("sheet_kpi_wide"), say("kpi_wide_note"))
    cells = {(cell.metric, cell.window_start): cell for cell in book.months}
    months = book.list_months()
    rows = []
    for metric in list_wide(book):
        described = book.get_metric(metric)
        unit = described.unit
        values = [book.enter_cell(cells.get((metric, month)), unit) for month in months]
        rows.append([described.name, book.words.say_or(f"unit_name_{unit}", unit), *values])
    columns = [
        Column(say("metric"), width=30),
        Column(say("unit"), width=9),
        *(Column(f"{month:%Y-%m}", "number", 14) for month in months),
    ]
    book.write_table(sheet, "kpi_by_month", columns, rows, frozen_columns=2)


def add_kpi_long(book: Book) -> None:
    """Every KPI of the whole shop in every window but days and weeks, one a row."""
    say = book.words.say
    table = select_long(book)
    sheet = book.add_sheet("sheet_kpi_long", say("sheet_kpi_long"), say("kpi_long_note"))
    starts = content.read_dates(table["window_start"]) if len(table) else []
    ends = content.read_dates(table["window_end"]) if len(table) else []
    rows = []
    for row, start, end in zip(table.to_dict("records"), starts, ends, strict=True):
        metric = book.get_metric(row["metric"])
        reason = content.read_text(row["null_reason"])
        rows.append(
            [
                metric.name,
                book.words.say_or(row["window_type"], row["window_type"]),
                start,
                end,
                (to_number(row["value"]), metric.unit),
                to_number(row["numerator"]),
                to_number(row["denominator"]),
                book.words.explain_null(reason) if reason else "",
                *(say("yes" if content.read_flag(row[flag]) else "no") for flag in FLAGS),
                content.read_text(row["definition_version"]),
            ]
        )
    columns = [
        Column(say("metric"), width=28),
        Column(say("window_type"), width=14),
        Column(say("window_start"), "date", 12),
        Column(say("window_end"), "date", 12),
        Column(say("value"), "number", 16),
        Column(say("numerator"), "number", 15),
        Column(say("denominator"), "number", 15),
        Column(say("null_reason"), width=16),
        *(Column(say(flag), width=11) for flag in FLAGS),
        Column(say("definition_version"), width=11),
    ]
    book.write_table(sheet, "kpi", columns, rows)


def select_long(book: Book) -> pandas.DataFrame:
    """The rows of the long sheet, metric by metric in their published order."""
    table = book.report.read_table("kpi")
    if table.empty:
        return table
    table = table[table["scope_type"] == "all"]
    places = {metric: place for place, metric in enumerate(book.metrics)}
    place = table["metric"].map(lambda metric: places.get(metric, len(places)))
    keys = ["place", "metric", "window_type", "window_start"]
    return table.assign(place=place).sort_values(keys, kind="stable")


def add_scopes(book: Book) -> None:
    """Every KPI of the headline month, one scope a row, a table below the other for each kind."""
    say = book.words.say
    found = content.find_headline_month(book.months)
    scope_types = content.list_scope_types(book.report)
    if not found or not scope_types:
        return
    month = book.words.format_month(found[0])
    title = say("sheet_scopes", month=month)
    note = say("scopes_read", month=month, count=book.words.format_number(SCOPES_READ))
    sheet = book.add_sheet("sheet_by_scope", title, note)
    first_row = FIRST_ROW
    for scope_type in scope_types:
        cells = content.read_cells(book.report, scope_type, "month", found[0])
        if not cells:
            continue
        present = {cell.metric for cell in cells}
        metrics = [metric for metric in book.metrics if metric in present]
        rows = [
            [
                scope,
                *(
                    book.enter_cell(by_metric.get(metric), book.get_metric(metric).unit)
                    for metric in metrics
                ),
            ]
            for scope, by_metric in content.rank_scopes(cells, "net_sales")
        ]
        columns = [
            Column(book.words.say_or(scope_type, scope_type), width=28),
            *(Column(book.get_metric(metric).name, "number", 14) for metric in metrics),
        ]
        is_first = first_row == FIRST_ROW
        name = f"kpi_of_{scope_type}"
        first_row = book.write_table(sheet, name, columns, rows, first_row, is_frozen=is_first)


def describe_change(change: content.Change | None, unit: str) -> tuple[Any, str]:
    """A change as a number with its kind: percentage points for shares, else a rate."""
    if change is None:
        return None, "change"
    if unit == "share":
        points = None if change.amount is None else round(change.amount * 100, 10)
        return points, "change_share"
    return change.rate, "change"
