"""What a page is laid out in: cells, tables, figures and parts, and how values become cells.

What a part shows is chosen in the module of that part; here is only what they share.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from pipelines.report import content
from pipelines.report.content import Cell, Metric, ReportInput
from pipelines.report.words import Language, Words

MONTHS_SHOWN = 24
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


@dataclass(frozen=True)
class Entry:
    """One cell of a table: its text, marks behind it, a line below it, and how it is set.

    The meaning is shown where the reader points at the first cell of a row. `link` is the place in
    the page that this cell leads to; `anchor` names its row as such a place.
    """

    text: str
    marks: str = ""
    is_number: bool = False
    is_absent: bool = False
    bar: float | None = None
    heat: int | None = None
    detail: str = ""
    is_flagged: bool = False
    is_hatched: bool = False
    meaning: str = ""
    link: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Heading:
    """The head of a column, what it means where that is known, and where in the page it leads."""

    text: str
    is_number: bool = False
    meaning: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table ready to be laid out, with a note above it and the marks it uses explained below.

    Without rows only its note is shown. A folded one shows its rows when the reader opens it, and
    on paper.
    """

    headings: Sequence[Heading]
    rows: Sequence[Sequence[Entry]]
    footnotes: Sequence[str] = ()
    note: str = ""
    is_folded: bool = False


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
    findings: Sequence[str] = ()
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


def choose_heat(share: float) -> int:
    """The step of the colour scale for a share of the largest value."""
    return round(max(0.0, min(1.0, share)) * HEAT_STEPS)


class Layout:
    """The parts of one report in one language."""

    def __init__(self, report: ReportInput, language: Language) -> None:
        self.report = report
        self.words = Words(language, report.currency)
        self.metrics = content.read_metrics(report, language)
        self.months = content.read_cells(report, "all", "month")
        self.by_metric = content.group_by_metric(self.months)
        self.headline_month = content.find_headline_month(self.months)

    def read_changes(
        self, month: datetime.date
    ) -> dict[tuple[str, str, datetime.date, str], content.Change]:
        """How the whole shop's KPIs of a month differ from earlier ones."""
        return content.read_changes(self.report, "all", "month", month)

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
        return Heading(described.name, True, described.definition, self.link_metric(metric))

    def link_metric(self, metric: str) -> str:
        """The place of a KPI among the definitions; "" where it has none."""
        return f"kpi-{metric}" if metric in self.metrics else ""

    def name_of(self, row: Mapping[str, Any], column: str) -> str:
        """A label that a table carries in both languages, else its code."""
        name = content.read_text(row.get(f"{column}_{self.words.language}"))
        return name or content.read_text(row.get(column))
