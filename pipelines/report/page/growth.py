"""Growth and activity: charts of KPIs by month, each with its numbers.

How a chart is drawn stands in `charts`.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from pipelines.report import charts
from pipelines.report.content import Cell
from pipelines.report.page.layout import (
    MONTHS_SHOWN,
    Entry,
    Figure,
    Layout,
    Part,
    Table,
    choose_axis_unit,
    enter_cell,
    enter_value,
    explain_marks,
)


def lay_growth(layout: Layout) -> Part:
    """The charts of the KPIs by month that have any value."""
    words = layout.words
    figures = [
        lay_figure(layout, "chart_active", {"active_members": charts.BLUE}),
        lay_figure(layout, "chart_net_sales", {"net_sales": charts.BLUE}),
        lay_figure(
            layout,
            "chart_repurchase",
            {
                "repurchase_rate": charts.BLUE,
                "repurchase_rate_by_order": charts.SKY,
                "buyback_rate": charts.ORANGE,
            },
            is_line=True,
        ),
        lay_figure(
            layout,
            "chart_shares",
            {"member_order_share": charts.BLUE, "member_sales_share": charts.ORANGE},
            is_line=True,
        ),
        lay_figure(layout, "chart_registered", {"registered_members": charts.GREEN}),
        lay_figure(layout, "chart_new_members", {"new_members": charts.GREEN}),
    ]
    drawn = [figure for figure in figures if figure]
    count = len({cell.window_start for cell in layout.months})
    remarks = [words.say("months_shown", count=MONTHS_SHOWN)] if count > MONTHS_SHOWN else []
    return Part(
        "growth",
        words.say("growth"),
        note=words.say("growth_note"),
        empty="" if drawn else words.say("chart_empty"),
        figures=drawn,
        remarks=remarks,
    )


def lay_figure(
    layout: Layout, title: str, metrics: Mapping[str, str], *, is_line: bool = False
) -> Figure | None:
    """A chart by month of one metric as bars, or of several shares as lines."""
    words = layout.words
    groups = take_months(layout, list(metrics))
    if not groups:
        return None
    cells = max(groups.values(), key=len)
    months = sorted({cell.window_start for cells in groups.values() for cell in cells})
    unit = layout.get_metric(next(iter(groups))).unit
    known = [cell for cell in cells if cell.value is not None]
    alt = words.say(
        "chart_of",
        chart=words.say(title),
        first=words.format_month(months[0]),
        last=words.format_month(months[-1]),
        value=enter_value(words, known[-1].value if known else None, unit).text,
    )
    legend: list[tuple[str, str]] = []
    if is_line:
        lines = [(metrics[metric], list_points(cells, 1.0)) for metric, cells in groups.items()]
        svg = charts.draw_lines(lines, alt)
        label = words.say("unit_share")
        legend = [(metrics[metric], layout.get_metric(metric).name) for metric in groups]
    else:
        divisor, scale = choose_axis_unit(words, [cell.value for cell in cells])
        svg = charts.draw_bars(list_points(cells, divisor), next(iter(metrics.values())), alt)
        label = words.currency_unit if unit == "amount" else words.say("unit_people")
        label = words.say(scale, unit=label) if scale else label
    return Figure(words.say(title), label, Markup(svg), lay_numbers(layout, groups), legend)


def take_months(layout: Layout, metrics: Sequence[str]) -> dict[str, list[Cell]]:
    """The latest months of those metrics that have any value."""
    starts = set(sorted({cell.window_start for cell in layout.months})[-MONTHS_SHOWN:])
    return {
        metric: [cell for cell in layout.by_metric[metric] if cell.window_start in starts]
        for metric in metrics
        if any(cell.value is not None for cell in layout.by_metric.get(metric, []))
    }


def lay_numbers(layout: Layout, groups: Mapping[str, Sequence[Cell]]) -> Table:
    """The numbers of a chart, the latest month first."""
    words = layout.words
    used: list[str] = []
    starts = sorted({cell.window_start for cells in groups.values() for cell in cells})
    by_start = {
        metric: {cell.window_start: cell for cell in cells} for metric, cells in groups.items()
    }
    rows = [
        [
            Entry(words.format_month(start)),
            *(
                enter_cell(words, cells.get(start), layout.get_metric(metric).unit, used)
                for metric, cells in by_start.items()
            ),
        ]
        for start in reversed(starts)
    ]
    headings = [
        layout.head("month", is_number=False),
        *(layout.head_metric(metric) for metric in groups),
    ]
    return Table(headings, rows, explain_marks(words, used))


def list_points(cells: Sequence[Cell], divisor: float) -> list[charts.Point]:
    """Cells as points of a chart; those that are incomplete or censored are not firm."""
    return [
        charts.Point(
            f"{cell.window_start:%Y-%m}",
            None if cell.value is None else cell.value / divisor,
            cell.is_complete and not cell.is_censored,
        )
        for cell in cells
    ]
