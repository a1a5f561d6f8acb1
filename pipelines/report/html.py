"""Lays out the report: one HTML page that works offline, without script, on screen and on paper.

Rows are chosen in `content`, worded in `words` and drawn in `charts`; what a part looks like is in
the template and its style sheet.
"""

import datetime
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.report import charts, content
from pipelines.report.content import Cell, Metric, ReportInput
from pipelines.report.words import MINUS, Language, Words, to_number

MONTHS_SHOWN = 24
TREND_MONTHS = 13
SCOPES_SHOWN = 20
COHORTS_SHOWN = 18
COHORT_AGES_SHOWN = 12
QUARANTINE_SHOWN = 30
HEAT_STEPS = 8

MARKS = {"mark_incomplete": "○", "mark_censored": "†", "mark_small": "‡"}

# The scale of an axis: from this value on, in these units.
AXIS_UNITS: Mapping[Language, Sequence[tuple[float, str]]] = {
    "en": ((1e9, "unit_billion"), (1e6, "unit_million"), (1e4, "unit_thousand")),
    "zh": ((1e8, "unit_100m"), (1e4, "unit_10k")),
}
AXIS_DIVISORS = {
    "unit_billion": 1e9,
    "unit_million": 1e6,
    "unit_thousand": 1e3,
    "unit_100m": 1e8,
    "unit_10k": 1e4,
}

COLUMN_LABELS = {"member_count": "members"}
SEGMENT_COLUMNS = (
    ("member_count", "count"),
    ("net_amount", "amount"),
    ("mean_net_amount", "amount"),
    ("mean_occasion_count", "mean"),
    ("mean_recency_days", "mean"),
)
CLUSTER_COLUMNS = (
    ("member_count", "count"),
    ("sales_share", "share"),
    ("mean_net_amount", "amount"),
    ("mean_occasion_count", "mean"),
    ("mean_recency_days", "mean"),
)
FLOWS = {
    "retained_count": (charts.BLUE, 1),
    "reactivated_count": (charts.GREEN, 1),
    "new_count": (charts.SKY, 1),
    "lapsed_count": (charts.ORANGE, -1),
}


@dataclass(frozen=True)
class Entry:
    """One cell of a table: its text, marks behind it, and how it is set."""

    text: str
    marks: str = ""
    is_number: bool = False
    is_absent: bool = False
    bar: float | None = None
    heat: int | None = None


@dataclass(frozen=True)
class Heading:
    """The head of a column, and what the column means where that is known."""

    text: str
    is_number: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """A table ready to be laid out, with the explanations of the marks it uses."""

    headings: Sequence[Heading]
    rows: Sequence[Sequence[Entry]]
    footnotes: Sequence[str] = ()


@dataclass(frozen=True)
class Figure:
    """A chart with its title, its unit, the names of its colours and its numbers."""

    title: str
    unit: str
    svg: Markup
    numbers: Table | None
    legend: Sequence[tuple[str, str]] = ()
    remark: str = ""


@dataclass(frozen=True)
class Part:
    """A section of the report: what it shows, or the sentence that says why it is empty."""

    key: str
    title: str
    note: str = ""
    empty: str = ""
    figures: Sequence[Figure] = ()
    kind: str = ""
    tables: Sequence[tuple[str, Table]] = ()
    remarks: Sequence[str] = ()
    content: Mapping[str, Any] = field(default_factory=dict)


def mark_cell(cell: Cell) -> tuple[str, ...]:
    """The marks that a KPI's cell carries."""
    return tuple(
        mark
        for mark, is_set in (
            ("mark_incomplete", not cell.is_complete),
            ("mark_censored", cell.is_censored),
            ("mark_small", cell.is_small),
        )
        if is_set
    )


def explain_marks(words: Words, used: Sequence[str]) -> list[str]:
    """What the marks mean that were used."""
    return [f"{sign} {words.say(mark)}" for mark, sign in MARKS.items() if mark in used]


def enter_value(words: Words, value: float | None, unit: str, reason: str = "") -> Entry:
    """A value in its unit, or in words why there is none."""
    if value is None:
        text = words.explain_null(reason) if reason else words.say("absent")
        return Entry(text, is_number=True, is_absent=True)
    return Entry(words.format_value(value, unit), is_number=True)


def enter_cell(words: Words, cell: Cell | None, unit: str, used: list[str]) -> Entry:
    """A KPI's cell with its marks, which are noted among those used."""
    if cell is None:
        return enter_value(words, None, unit)
    marks = mark_cell(cell) if cell.value is not None else ()
    used.extend(marks)
    entry = enter_value(words, cell.value, unit, cell.null_reason or "unknown")
    return Entry(
        entry.text,
        marks="".join(MARKS[mark] for mark in marks),
        is_number=True,
        is_absent=entry.is_absent,
    )


def choose_axis_unit(words: Words, values: Sequence[float | None]) -> tuple[float, str]:
    """What to divide an axis by, and the label of its unit; 1 and "" for small values."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    for least, label in AXIS_UNITS[words.language]:
        if largest >= least:
            return AXIS_DIVISORS[label], label
    return 1.0, ""


class Layout:
    """The parts of one report in one language."""

    def __init__(self, report: ReportInput, language: Language) -> None:
        self.report = report
        self.words = Words(language, report.currency)
        self.metrics = content.read_metrics(report, language)
        self.months = content.read_cells(report, "all", "month")
        self.by_metric = content.group_by_metric(self.months)
        self.headline_month = content.find_headline_month(self.months)

    def get_metric(self, metric: str) -> Metric:
        return content.find_metric(self.metrics, metric)

    def head(
        self, label: str, table: str = "", column: str = "", *, is_number: bool = True
    ) -> Heading:
        """A column's head; the columns' meanings are written in English, so only there."""
        meaning = ""
        if self.words.language == "en":
            meaning = self.report.columns.get(table, {}).get(column or label, "")
        return Heading(self.words.say(label), is_number, meaning)

    def head_metric(self, metric: str) -> Heading:
        described = self.get_metric(metric)
        return Heading(described.name, True, described.definition)

    def name_of(self, row: Mapping[str, Any], column: str) -> str:
        """A label that a table carries in both languages, else its code."""
        name = content.read_text(row.get(f"{column}_{self.words.language}"))
        return name or content.read_text(row.get(column))

    def lay_headline(self) -> Part:
        words = self.words
        if self.headline_month is None:
            title = words.say("headline")
            return Part("headline", title, empty=words.say("headline_none"))
        month, is_complete = self.headline_month
        label = "headline_month" if is_complete else "headline_month_incomplete"
        headlines = content.collect_headlines(self.report, self.months)
        cards = [self.lay_card(headline, month) for headline in headlines]
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
            content={"cards": cards, "lead": lead, "trailing": self.lay_trailing()},
        )

    def lay_card(self, headline: content.Headline, month: datetime.date) -> dict[str, Any]:
        words, cell = self.words, headline.cell
        metric = self.get_metric(cell.metric)
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
            "value": enter_value(words, cell.value, metric.unit, cell.null_reason or "unknown"),
            "detail": detail,
            "remarks": remarks if cell.value is not None else [],
            "trend": Markup(trend),
            "changes": [
                self.lay_change(headline, metric, comparison, absent)
                for comparison, absent in (
                    ("previous_period", "no_previous"),
                    ("same_period_last_year", "no_last_year"),
                )
            ]
            if cell.value is not None
            else [],
        }

    def lay_change(
        self, headline: content.Headline, metric: Metric, comparison: str, absent: str
    ) -> dict[str, str]:
        words = self.words
        change = headline.changes.get(comparison)
        text = words.format_change(change.amount, change.rate, metric.unit) if change else ""
        if not change or not text:
            return {"text": "", "versus": words.say(absent), "tone": "none"}
        return {
            "text": text,
            "versus": words.say(
                "versus", month=words.format_short_month(change.compared_window_start)
            ),
            "tone": judge_change(text, metric.better),
        }

    def lay_trailing(self) -> tuple[str, Table] | None:
        """The trailing windows that end at the as-of date, one a row."""
        words = self.words
        used: list[str] = []
        windows = []
        for window_type in content.TRAILING_WINDOWS:
            cells = content.read_cells(self.report, "all", window_type)
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
                    enter_cell(words, cells.get(metric), self.get_metric(metric).unit, used)
                    for metric in shown
                ),
            ]
            for window_type, cells in windows
            if cells
        ]
        if not rows:
            return None
        headings = [
            self.head("window", is_number=False),
            *(self.head_metric(metric) for metric in shown),
        ]
        note = words.say("trailing_note", date=words.format_date(self.report.as_of))
        return note, Table(headings, rows, explain_marks(words, used))

    def take_months(self, metrics: Sequence[str]) -> dict[str, list[Cell]]:
        """The latest months of those metrics that have any value."""
        starts = set(sorted({cell.window_start for cell in self.months})[-MONTHS_SHOWN:])
        return {
            metric: [cell for cell in self.by_metric[metric] if cell.window_start in starts]
            for metric in metrics
            if any(cell.value is not None for cell in self.by_metric.get(metric, []))
        }

    def lay_numbers(self, groups: Mapping[str, Sequence[Cell]]) -> Table:
        """The numbers of a chart, the latest month first."""
        words = self.words
        used: list[str] = []
        starts = sorted({cell.window_start for cells in groups.values() for cell in cells})
        by_start = {
            metric: {cell.window_start: cell for cell in cells} for metric, cells in groups.items()
        }
        rows = [
            [
                Entry(words.format_month(start)),
                *(
                    enter_cell(words, cells.get(start), self.get_metric(metric).unit, used)
                    for metric, cells in by_start.items()
                ),
            ]
            for start in reversed(starts)
        ]
        headings = [
            self.head("month", is_number=False),
            *(self.head_metric(metric) for metric in groups),
        ]
        return Table(headings, rows, explain_marks(words, used))

    def lay_figure(
        self, title: str, metrics: Mapping[str, str], *, is_line: bool = False
    ) -> Figure | None:
        """A chart by month of one metric as bars, or of several shares as lines."""
        words = self.words
        groups = self.take_months(list(metrics))
        if not groups:
            return None
        cells = max(groups.values(), key=len)
        months = sorted({cell.window_start for cells in groups.values() for cell in cells})
        unit = self.get_metric(next(iter(groups))).unit
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
            legend = [(metrics[metric], self.get_metric(metric).name) for metric in groups]
        else:
            divisor, scale = choose_axis_unit(words, [cell.value for cell in cells])
            svg = charts.draw_bars(list_points(cells, divisor), next(iter(metrics.values())), alt)
            label = words.currency_unit if unit == "amount" else words.say("unit_people")
            label = words.say(scale, unit=label) if scale else label
        return Figure(words.say(title), label, Markup(svg), self.lay_numbers(groups), legend)

    def lay_growth(self) -> Part:
        words = self.words
        figures = [
            self.lay_figure("chart_active", {"active_members": charts.BLUE}),
            self.lay_figure("chart_net_sales", {"net_sales": charts.BLUE}),
            self.lay_figure(
                "chart_repurchase",
                {
                    "repurchase_rate": charts.BLUE,
                    "repurchase_rate_by_order": charts.SKY,
                    "buyback_rate": charts.ORANGE,
                },
                is_line=True,
            ),
            self.lay_figure(
                "chart_shares",
                {"member_order_share": charts.BLUE, "member_sales_share": charts.ORANGE},
                is_line=True,
            ),
            self.lay_figure("chart_registered", {"registered_members": charts.GREEN}),
            self.lay_figure("chart_new_members", {"new_members": charts.GREEN}),
        ]
        drawn = [figure for figure in figures if figure]
        count = len({cell.window_start for cell in self.months})
        remarks = [words.say("months_shown", count=MONTHS_SHOWN)] if count > MONTHS_SHOWN else []
        return Part(
            "growth",
            words.say("growth"),
            note=words.say("growth_note"),
            empty="" if drawn else words.say("chart_empty"),
            figures=drawn,
            remarks=remarks,
        )

    def lay_segments(self) -> Part:
        words = self.words
        rows = content.read_rows(self.report, "segment_summary", "position")
        title, note = words.say("segments"), words.say("segments_note")
        if not rows:
            return Part("segments", title, empty=words.say("segments_empty"))
        shares = [
            to_number(row[column]) or 0.0
            for row in rows
            for column in ("member_share", "sales_share")
        ]
        longest = max(shares) or 1.0
        lines = []
        for row in rows:
            bars = [
                (kind, share and share / longest * 100, enter_value(words, share, "share").text)
                for kind in ("member_share", "sales_share")
                for share in (to_number(row[kind]),)
            ]
            lines.append(
                {
                    "name": self.name_of(row, "segment"),
                    "bars": bars,
                    "entries": [
                        enter_value(words, to_number(row[column]), unit)
                        for column, unit in SEGMENT_COLUMNS
                    ],
                }
            )
        largest = max(rows, key=lambda row: to_number(row["member_share"]) or 0.0)
        alt = words.say(
            "segments_alt",
            segment=self.name_of(largest, "segment"),
            share=enter_value(words, to_number(largest["member_share"]), "share").text,
        )
        headings = [
            self.head(label, "segment_summary", label)
            for label in (COLUMN_LABELS.get(column, column) for column, _ in SEGMENT_COLUMNS)
        ]
        return Part(
            "segments",
            title,
            note=note,
            content={"lines": lines, "headings": headings, "alt": alt},
        )

    def lay_grid(self) -> Part:
        words = self.words
        rows = content.read_rows(self.report, "rfm_grid", "r_score", "fm_score")
        if not rows:
            return Part("grid", words.say("grid"), empty=words.say("grid_empty"))
        most = max((to_number(row["member_count"]) or 0.0 for row in rows), default=0.0)
        by_score = {(int(row["r_score"]), int(row["fm_score"])): row for row in rows}
        across = sorted({fm for _, fm in by_score})
        down = sorted({r for r, _ in by_score}, reverse=True)
        grid = [
            (r, [self.lay_grid_cell(by_score.get((r, fm)), most) for fm in across]) for r in down
        ]
        return Part(
            "grid",
            words.say("grid"),
            note=words.say("grid_note"),
            content={"across": across, "rows": grid},
            tables=self.lay_cuts(),
        )

    def lay_grid_cell(self, row: Mapping[str, Any] | None, most: float) -> dict[str, Any] | None:
        if row is None:
            return None
        count = to_number(row["member_count"])
        return {
            "segment": self.name_of(row, "segment"),
            "count": enter_value(self.words, count, "count").text,
            "amount": enter_value(self.words, to_number(row["net_amount"]), "amount").text,
            "heat": choose_heat(math.sqrt((count or 0.0) / most) if most else 0.0),
        }

    def lay_cuts(self) -> list[tuple[str, Table]]:
        words = self.words
        rows = content.read_rows(self.report, "rfm_cuts")
        if not rows:
            return []
        cuts = {(row["measure"], int(row["score"])): row for row in rows}
        scores = sorted({score for _, score in cuts}, reverse=True)
        lines = []
        for measure in ("recency", "frequency", "monetary"):
            line = [Entry(words.say(measure))]
            for score in scores:
                row = cuts.get((measure, score))
                cut = to_number(row["cut"]) if row else None
                if row is None or cut is None:
                    line.append(Entry(words.say("absent"), is_number=True, is_absent=True))
                    continue
                unit = "amount" if measure == "monetary" else "count"
                text = words.say(row["direction"], cut=words.format_value(cut, unit))
                line.append(Entry(text, is_number=True))
            lines.append(line)
        headings = [
            self.head("measure", is_number=False),
            *(Heading(f"{words.say('score')} {score}", True) for score in scores),
        ]
        return [(words.say("cuts"), Table(headings, lines))]

    def lay_cohorts(self) -> Part:
        words = self.words
        rows = content.read_rows(self.report, "cohorts", "cohort_month", "age_months")
        if not rows:
            return Part("cohorts", words.say("cohorts"), empty=words.say("cohorts_empty"))
        all_months = sorted({row["cohort_month"] for row in rows if row["cohort_month"]})
        oldest = max(int(row["age_months"]) for row in rows)
        ages = list(range(1, min(COHORT_AGES_SHOWN, oldest) + 1))
        shown = all_months[-COHORTS_SHOWN:]
        cells: dict[datetime.date, dict[int, Mapping[str, Any]]] = {}
        for row in rows:
            cells.setdefault(row["cohort_month"], {})[int(row["age_months"])] = row
        rates = [
            rate
            for month in shown
            for age, row in cells[month].items()
            if age in ages and (rate := to_number(row["retention_rate"])) is not None
        ]
        highest = max(rates, default=0.0) or 1.0
        used: list[str] = []
        lines = []
        for month in shown:
            by_age = cells[month]
            first = next(iter(by_age.values()))
            is_censored = any(content.read_flag(row["is_censored"]) for row in by_age.values())
            if is_censored:
                used.append("mark_censored")
            line = [
                Entry(f"{month:%Y-%m}", marks=MARKS["mark_censored"] if is_censored else ""),
                enter_value(words, to_number(first["cohort_size"]), "count"),
            ]
            for age in ages:
                rate = to_number(by_age[age]["retention_rate"]) if age in by_age else None
                line.append(
                    Entry(words.say("immature_cell"), is_absent=True)
                    if rate is None
                    else Entry(words.format_share(rate), heat=choose_heat(rate / highest))
                )
            lines.append(line)
        remarks = []
        if len(all_months) > COHORTS_SHOWN or oldest > COHORT_AGES_SHOWN:
            remarks.append(words.say("cohorts_shown", cohorts=len(shown), ages=len(ages)))
        return Part(
            "cohorts",
            words.say("cohorts"),
            note=words.say("cohorts_note"),
            remarks=remarks,
            content={"ages": ages, "rows": lines, "footnotes": explain_marks(words, used)},
        )

    def lay_lifecycle(self) -> Part:
        words = self.words
        rows = content.read_rows(self.report, "lifecycle", "window_start")
        dated = [
            (row["window_start"], row)
            for row in rows
            if row["scope_type"] == "all" and row["window_type"] == "month"
        ][-MONTHS_SHOWN:]
        if not dated:
            return Part("lifecycle", words.say("lifecycle"), empty=words.say("lifecycle_empty"))
        buyers = [to_number(row["buyer_count"]) for _, row in dated]
        divisor, scale = choose_axis_unit(words, buyers)
        flows = []
        for column, (color, sign) in FLOWS.items():
            points = []
            for start, row in dated:
                count = to_number(row[column])
                value = None if count is None else sign * count / divisor
                points.append(charts.Point(f"{start:%Y-%m}", value))
            flows.append((color, points))
        first, last = (words.format_month(start) for start in (dated[0][0], dated[-1][0]))
        svg = charts.draw_flows(flows, words.say("lifecycle_alt", first=first, last=last))
        used: list[str] = []
        lines = []
        columns = ("buyer_count", *FLOWS)
        for start, row in reversed(dated):
            marks = [
                mark
                for mark, is_set in (
                    ("mark_incomplete", not content.read_flag(row["is_complete"])),
                    ("mark_censored", content.read_flag(row["is_censored"])),
                )
                if is_set
            ]
            used.extend(marks)
            label = Entry(words.format_month(start), marks="".join(MARKS[mark] for mark in marks))
            lines.append(
                [label, *(enter_value(words, to_number(row[name]), "count") for name in columns)]
            )
        headings = [
            self.head("month", is_number=False),
            *(self.head(column, "lifecycle") for column in columns),
        ]
        people = words.say("unit_people")
        figure = Figure(
            words.say("buyer_count"),
            words.say(scale, unit=people) if scale else people,
            Markup(svg),
            Table(headings, lines, explain_marks(words, used)),
            [(color, words.say(column)) for column, (color, _) in FLOWS.items()],
        )
        return Part(
            "lifecycle", words.say("lifecycle"), note=words.say("lifecycle_note"), figures=[figure]
        )

    def lay_clusters(self) -> Part:
        words = self.words
        rows = content.read_rows(self.report, "cluster_profiles", "cluster")
        if not rows:
            return Part("clusters", words.say("clusters"), empty=words.say("clusters_empty"))
        cards = [
            {
                "number": enter_value(words, to_number(row["cluster"]), "count").text,
                "name": self.name_of(row, "cluster"),
                "share": enter_value(words, to_number(row["member_share"]), "share").text,
                "facts": [
                    (
                        words.say(COLUMN_LABELS.get(column, column)),
                        enter_value(words, to_number(row[column]), unit).text,
                    )
                    for column, unit in CLUSTER_COLUMNS
                ],
            }
            for row in rows
        ]
        note = words.say("clusters_note")
        return Part("clusters", words.say("clusters"), note=note, content={"cards": cards})

    def lay_scopes(self, scope_type: str, title: str) -> Part | None:
        """The stores or channels of the headline month; none where the run has no such scope."""
        words = self.words
        if self.headline_month is None:
            return None
        month, _ = self.headline_month
        cells = content.read_cells(self.report, scope_type, "month", month)
        if not cells:
            return None
        ranked = content.rank_scopes(cells, "net_sales")
        changes = content.read_changes(self.report, scope_type, "month", month)
        used: list[str] = []
        lines = []
        for scope, by_metric in ranked[:SCOPES_SHOWN]:
            line = [Entry(scope)]
            for metric in content.SCOPE_METRICS:
                unit = self.get_metric(metric).unit
                line.append(enter_cell(words, by_metric.get(metric), unit, used))
                if metric == "net_sales":
                    change = changes.get((metric, scope, month, "previous_period"))
                    text = words.format_change(change.amount, change.rate, unit) if change else ""
                    absent = words.say("absent")
                    line.append(Entry(text or absent, is_number=True, is_absent=not text))
            lines.append(line)
        headings = [
            self.head(scope_type, is_number=False),
            self.head_metric("net_sales"),
            self.head("change_short"),
            *(self.head_metric(metric) for metric in content.SCOPE_METRICS[1:]),
        ]
        hidden = len(ranked) - SCOPES_SHOWN
        return Part(
            title,
            words.say(title),
            note=words.say("scopes_note", month=words.format_month(month)),
            tables=[("", Table(headings, lines, explain_marks(words, used)))],
            remarks=[words.say("scopes_hidden", count=hidden)] if hidden > 0 else [],
        )

    def lay_waterfall(self) -> Part:
        words = self.words
        rows = content.read_rows(self.report, "population_waterfall", "position")
        if not rows:
            return Part("waterfall", words.say("waterfall"), empty=words.say("waterfall_empty"))
        totals = {
            column: max((to_number(row[column]) or 0.0 for row in rows), default=0.0)
            for column in ("row_count", "gross_amount")
        }
        lines = []
        for row in rows:
            line = [Entry(self.name_of(row, "step"))]
            for column, unit in (("row_count", "count"), ("gross_amount", "amount")):
                value = to_number(row[column])
                entry = enter_value(words, value, unit)
                share = (value or 0.0) / totals[column] if totals[column] else 0.0
                line.append(Entry(entry.text, is_number=True, bar=max(0.0, min(1.0, share)) * 100))
            lines.append(line)
        headings = [
            self.head("step", "population_waterfall", is_number=False),
            self.head("rows", "population_waterfall", "row_count"),
            self.head("gross_amount", "population_waterfall"),
        ]
        note = words.say("waterfall_note")
        tables = [("", Table(headings, lines))]
        return Part("waterfall", words.say("waterfall"), note=note, tables=tables, kind="waterfall")

    def lay_quarantine(self) -> Part:
        words = self.words
        rows = content.read_rows(
            self.report, "quarantine_summary", "source_table", "file_name", "reason"
        )
        rows = [row for row in rows if to_number(row["row_count"])]
        if not rows:
            return Part("quarantine", words.say("quarantine"), empty=words.say("quarantine_empty"))
        rows = sorted(rows, key=lambda row: -(to_number(row["row_count"]) or 0.0))
        lines = [
            [
                Entry(words.say_or(f"table_{row['source_table']}", str(row["source_table"]))),
                Entry(content.read_text(row["file_name"])),
                Entry(self.name_of(row, "reason")),
                enter_value(words, to_number(row["row_count"]), "count"),
            ]
            for row in rows[:QUARANTINE_SHOWN]
        ]
        headings = [
            self.head(label, "quarantine_summary", is_number=False)
            for label in ("source_table", "file_name", "reason")
        ]
        headings.append(self.head("rows", "quarantine_summary", "row_count"))
        hidden = len(rows) - QUARANTINE_SHOWN
        return Part(
            "quarantine",
            words.say("quarantine"),
            tables=[("", Table(headings, lines))],
            remarks=[words.say("quarantine_hidden", count=hidden)] if hidden > 0 else [],
        )

    def lay_definitions(self) -> Part:
        words = self.words
        lines = [
            [Entry(metric.name), Entry(metric.definition), Entry(metric.note)]
            for metric in self.metrics.values()
        ]
        headings = [self.head(label, is_number=False) for label in ("metric", "definition", "note")]
        tables = [("", Table(headings, lines))] if lines else []
        index = 0 if words.language == "en" else 1
        conventions = [[Entry(row[index]), Entry(row[2])] for row in self.report.conventions]
        if conventions:
            headings = [self.head(label, is_number=False) for label in ("convention", "setting")]
            tables.append((words.say("conventions"), Table(headings, conventions)))
        note = words.say("definitions_note")
        return Part("definitions", words.say("definitions"), note=note, tables=tables)

    def lay_parts(self) -> list[Part]:
        """All sections after page one, in their order."""
        parts: list[Part | None] = [
            self.lay_growth(),
            self.lay_segments(),
            self.lay_grid(),
            self.lay_cohorts(),
            self.lay_lifecycle(),
            self.lay_clusters(),
            self.lay_scopes("channel", "channels"),
            self.lay_scopes("store", "stores"),
            self.lay_waterfall(),
            self.lay_quarantine(),
            self.lay_definitions(),
        ]
        return [part for part in parts if part]


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


def choose_heat(share: float) -> int:
    """The step of the colour scale for a share of the largest value."""
    return round(max(0.0, min(1.0, share)) * HEAT_STEPS)


def judge_change(text: str, better: str) -> str:
    """Whether a change is good, bad or neither, by its sign and by what is better."""
    if better not in ("higher", "lower") or text[0] not in ("+", MINUS):
        return "even"
    return "good" if (text[0] == "+") == (better == "higher") else "bad"


@functools.cache
def read_template() -> jinja2.Template:
    """The page's template; it escapes all it is given."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def write_html(report: ReportInput, language: Language, path: Path) -> None:
    """Write the report in one language: the same report gives the same bytes."""
    layout = Layout(report, language)
    say: Callable[..., str] = layout.words.say
    page = read_template().render(
        language={"en": "en", "zh": "zh-CN"}[language],
        say=say,
        facts=[
            (say("as_of"), layout.words.format_date(report.as_of)),
            (say("knowledge_date"), layout.words.format_date(report.knowledge_date)),
            (say("currency"), report.currency),
            (say("timezone"), report.timezone),
        ],
        dataset=report.dataset,
        headline=layout.lay_headline(),
        parts=layout.lay_parts(),
    )
    path.write_text(page, encoding="utf-8", newline="\n")
