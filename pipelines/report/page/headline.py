"""Page one: the headline KPIs with their changes, and the trailing windows.

Which month is the headline month is decided in `content`.
"""

import datetime
from typing import Any

from markupsafe import Markup

from pipelines.report import charts, content
from pipelines.report.content import Metric
from pipelines.report.page.layout import (
    Entry,
    Layout,
    Part,
    Table,
    enter_cell,
    enter_value,
    explain_marks,
    mark_cell,
)
from pipelines.report.words import MINUS

TREND_MONTHS = 13


def lay_headline(layout: Layout) -> Part:
    """The KPIs of page one at the headline month, and the trailing windows."""
    words = layout.words
    if layout.headline_month is None:
        title = words.say("headline")
        return Part("headline", title, empty=words.say("headline_none"))
    month, is_complete = layout.headline_month
    label = "headline_month" if is_complete else "headline_month_incomplete"
    headlines = content.collect_headlines(layout.report, layout.months)
    cards = [lay_card(layout, headline, month) for headline in headlines]
    values = {
        headline.cell.metric: headline.cell.value
        for headline in headlines
        if headline.cell.window_start == month
    }
    active, repurchase = values.get("active_members"), values.get("repurchase_rate")
    lead = ""
    if active is not None and repurchase is not None and is_complete:
        lead = words.say(
            "lead",
            active=words.format_number(active),
            repurchase=words.format_share(repurchase),
        )
    return Part(
        "headline",
        words.say("headline"),
        note=words.say(label, month=words.format_month(month)),
        content={"cards": cards, "lead": lead, "trailing": lay_trailing(layout)},
    )


def lay_card(layout: Layout, headline: content.Headline, month: datetime.date) -> dict[str, Any]:
    """One KPI of page one: its value, what qualifies it, its trend and its changes."""
    words, cell = layout.words, headline.cell
    metric = layout.get_metric(cell.metric)
    history = headline.history[-TREND_MONTHS:]
    trend = charts.draw_trend(
        [earlier.value for earlier in history],
        words.say(
            "trend_of",
            metric=metric.name,
            first=words.format_month(history[0].window_start),
            last=words.format_month(history[-1].window_start),
        ),
    )
    detail = ""
    if (
        metric.unit == "share"
        and cell.value is not None
        and cell.numerator is not None
        and cell.denominator is not None
    ):
        detail = words.say(
            "of_which",
            numerator=words.format_number(cell.numerator),
            denominator=words.format_number(cell.denominator),
        )
    remarks = [words.say(mark) for mark in mark_cell(cell) if mark != "mark_incomplete"]
    if cell.window_start != month:
        label = words.format_short_month(cell.window_start)
        remarks.insert(0, words.say("latest_mature", month=label))
    return {
        "name": metric.name,
        "definition": metric.definition,
        "link": layout.link_metric(metric.metric),
        "value": enter_value(words, cell.value, metric.unit, cell.null_reason or "unknown"),
        "detail": detail,
        "remarks": remarks if cell.value is not None else [],
        "trend": Markup(trend),
        "changes": [
            lay_change(layout, headline, metric, comparison, absent)
            for comparison, absent in (
                ("previous_period", "no_previous"),
                ("same_period_last_year", "no_last_year"),
            )
        ]
        if cell.value is not None
        else [],
    }


def lay_change(
    layout: Layout, headline: content.Headline, metric: Metric, comparison: str, absent: str
) -> dict[str, str]:
    """A change in words with what it compares to, or why there is none."""
    words = layout.words
    change = headline.changes.get(comparison)
    text = words.format_change(change.amount, change.rate, metric.unit) if change else ""
    if not change or not text:
        return {"text": "", "versus": words.say(absent), "tone": "none"}
    return {
        "text": text,
        "versus": words.say("versus", month=words.format_short_month(change.compared_window_start)),
        "tone": judge_change(text, metric.better),
    }


def lay_trailing(layout: Layout) -> tuple[str, Table] | None:
    """The trailing windows that end at the as-of date, one a row."""
    words = layout.words
    used: list[str] = []
    windows = []
    for window_type in content.TRAILING_WINDOWS:
        cells = content.read_cells(layout.report, "all", window_type)
        latest = max((cell.window_end for cell in cells), default=None)
        windows.append(
            (window_type, {cell.metric: cell for cell in cells if cell.window_end == latest})
        )
    shown = [
        metric
        for metric in content.TRAILING_METRICS
        if any(metric in cells for _, cells in windows)
    ]
    rows = [
        [
            Entry(words.say(window_type)),
            *(
                enter_cell(words, cells.get(metric), layout.get_metric(metric).unit, used)
                for metric in shown
            ),
        ]
        for window_type, cells in windows
        if cells
    ]
    if not rows:
        return None
    headings = [
        layout.head("window", is_number=False),
        *(layout.head_metric(metric) for metric in shown),
    ]
    note = words.say("trailing_note", date=words.format_date(layout.report.as_of))
    return note, Table(headings, rows, explain_marks(words, used))


def judge_change(text: str, better: str) -> str:
    """Whether a change is good, bad or neither, by its sign and by what is better."""
    if better not in ("higher", "lower") or text[0] not in ("+", MINUS):
        return "even"
    return "good" if (text[0] == "+") == (better == "higher") else "bad"
