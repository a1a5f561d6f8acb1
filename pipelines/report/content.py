"""What a report is made of: the published tables it is given and the rows that its parts show.

Nothing is computed that is not in a published table, and nothing is worded or drawn here.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas

from pipelines.conventions import Convention
from pipelines.ingest.enabling import explain_missing
from pipelines.report.words import Language, to_number

DATE_COLUMNS = (
    *("cohort_start", "window_start", "window_end", "as_of_date"),
    *("month", "first_on", "last_on", "prior_as_of", "cycle_start", "cycle_end"),
)
HEADLINE_METRICS = (
    "active_members",
    "repurchase_rate",
    "member_order_share",
    "member_sales_share",
    "net_sales",
    "average_order_value",
    "buyback_rate",
    "registered_members",
)
TRAILING_METRICS = (
    "active_members",
    "repurchase_rate",
    "orders_per_buyer",
    "orders",
    "net_sales",
    "average_order_value",
)
TRAILING_WINDOWS = ("trailing_30d", "trailing_90d", "trailing_180d", "trailing_365d")
# What models say of a count, which is divided by nothing, in each language.
NO_DENOMINATOR = ("Always empty", "恒为空")
# What a definition says beside names, definition and note.
METRIC_TEXTS = (*("family", "source", "windows", "scopes", "needs", "missing"),)
SCOPE_METRICS = (
    "net_sales",
    "orders",
    "average_order_value",
    "active_members",
    "repurchase_rate",
    "member_sales_share",
)


@dataclass(frozen=True)
class ReportInput:
    """All that a report needs to know of a run.

    `conventions` are those of the settings; `tables` are the published tables by name, without the
    member-level ones; `columns` gives the meaning of their columns. `proposal_count` is how many
    members are proposed for the exclusion list.
    """

    dataset: str
    as_of: datetime.date
    knowledge_date: datetime.date
    currency: str
    timezone: str
    conventions: Sequence[Convention]
    tables: Mapping[str, pandas.DataFrame]
    columns: Mapping[str, Mapping[str, str]]
    proposal_count: int = 0

    def read_table(self, name: str) -> pandas.DataFrame:
        """A published table; an empty one where the run did not publish it."""
        table = self.tables.get(name)
        return pandas.DataFrame() if table is None else table


@dataclass(frozen=True)
class Metric:
    """What `metrics` says of a KPI, in one language."""

    metric: str
    name: str
    definition: str
    note: str
    unit: str
    better: str
    version: str
    family: str = ""
    numerator: str = ""
    denominator: str = ""
    source: str = ""
    windows: str = ""
    scopes: str = ""
    needs: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Cell:
    """One row of `kpi`: a metric in a scope and a window."""

    metric: str
    scope: str
    window_start: datetime.date
    window_end: datetime.date
    value: float | None
    numerator: float | None
    denominator: float | None
    null_reason: str
    is_complete: bool
    is_small: bool
    is_censored: bool


@dataclass(frozen=True)
class Change:
    """One row of `kpi_change`: how a cell differs from an earlier window."""

    compared_window_start: datetime.date
    amount: float | None
    rate: float | None


@dataclass(frozen=True)
class Headline:
    """A KPI of page one: its latest cell, its changes by comparison, and its months up to there."""

    cell: Cell
    changes: Mapping[str, Change]
    history: Sequence[Cell]


def read_text(value: Any) -> str:
    """A cell of a published table as text; "" where it is NULL."""
    return "" if value is None or value is pandas.NaT or value != value else str(value)


def read_flag(value: Any) -> bool:
    """A cell of a published table as a flag; NULL is not set."""
    return value is not None and value is not pandas.NA and bool(value == True)  # noqa: E712


def read_dates(values: pandas.Series) -> list[datetime.date | None]:
    """A date column of a published table, however the reader typed it."""
    if not len(values):
        return []
    stamps = pandas.to_datetime(values).to_list()
    return [None if pandas.isna(stamp) else stamp.date() for stamp in stamps]


def read_metrics(report: ReportInput, language: Language) -> dict[str, Metric]:
    """The KPIs by id, in the order in which they are published."""
    table = report.read_table("metrics")
    if table.empty:
        return {}
    return {
        row["metric"]: Metric(
            metric=row["metric"],
            name=read_text(row[f"name_{language}"]),
            definition=read_text(row[f"definition_{language}"]),
            note=read_text(row[f"note_{language}"]),
            unit=read_text(row["unit"]),
            better=read_text(row["better"]),
            version=read_text(row["version"]),
            numerator=read_text(row[f"numerator_{language}"]),
            denominator=read_text(row[f"denominator_{language}"]),
            **{name: read_text(row.get(name)) for name in METRIC_TEXTS},
        )
        for row in table.sort_values("position").to_dict("records")
    }


def group_missing(metrics: Iterable[Metric], language: Language) -> dict[str, list[str]]:
    """The names of the KPIs that cannot be shown, by the sentence on what would bring them."""
    groups: dict[str, list[str]] = {}
    for metric in metrics:
        for sentence in explain_missing(metric.missing, language):
            groups.setdefault(sentence, []).append(metric.name)
    return groups


def write_formula(metric: Metric) -> str:
    """What is divided by what, or what is counted."""
    if not metric.denominator or metric.denominator.startswith(NO_DENOMINATOR):
        return metric.numerator
    return f"{metric.numerator.rstrip('.。')} / {metric.denominator}"


def find_metric(metrics: Mapping[str, Metric], metric: str) -> Metric:
    """The KPI of that id; one that is not described goes by its id and counts."""
    return metrics.get(metric) or Metric(metric, metric, "", "", "count", "neither", "")


def select_windows(
    report: ReportInput,
    name: str,
    scope_type: str,
    window_type: str,
    window_start: datetime.date | None,
) -> pandas.DataFrame:
    """The rows of `kpi` or `kpi_change` of one kind of scope and window, or of one window only."""
    table = report.read_table(name)
    if table.empty:
        return table
    table = table[(table["scope_type"] == scope_type) & (table["window_type"] == window_type)]
    if window_start is None or table.empty:
        return table
    return table[pandas.to_datetime(table["window_start"]) == pandas.Timestamp(window_start)]


def read_cells(
    report: ReportInput,
    scope_type: str,
    window_type: str,
    window_start: datetime.date | None = None,
) -> list[Cell]:
    """The cells of one kind of scope and window, of one window only where its start is given."""
    table = select_windows(report, "kpi", scope_type, window_type, window_start)
    if table.empty:
        return []
    cells = []
    starts_on, ends_on = read_dates(table["window_start"]), read_dates(table["window_end"])
    for row, start, end in zip(table.to_dict("records"), starts_on, ends_on, strict=True):
        if start is None or end is None:
            continue
        cells.append(
            Cell(
                metric=row["metric"],
                scope=read_text(row["scope"]),
                window_start=start,
                window_end=end,
                value=to_number(row["value"]),
                numerator=to_number(row["numerator"]),
                denominator=to_number(row["denominator"]),
                null_reason=read_text(row["null_reason"]),
                is_complete=read_flag(row["is_complete"]),
                is_small=read_flag(row["is_small"]),
                is_censored=read_flag(row["is_censored"]),
            )
        )
    return sorted(cells, key=lambda cell: (cell.window_start, cell.metric, cell.scope))


def group_by_metric(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """Cells by metric, each in the order of time."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.metric, []).append(cell)
    return groups


def find_headline_month(cells: Sequence[Cell]) -> tuple[datetime.date, bool] | None:
    """The latest complete month and True; without one the latest month and False; or nothing."""
    complete = [cell.window_start for cell in cells if cell.is_complete]
    if complete:
        return max(complete), True
    return (max(cell.window_start for cell in cells), False) if cells else None


def read_changes(
    report: ReportInput,
    scope_type: str,
    window_type: str,
    window_start: datetime.date | None = None,
) -> dict[tuple[str, str, datetime.date, str], Change]:
    """Changes by metric, scope, start of the window and comparison."""
    table = select_windows(report, "kpi_change", scope_type, window_type, window_start)
    if table.empty:
        return {}
    starts, compared = read_dates(table["window_start"]), read_dates(table["compared_window_start"])
    changes = {}
    for row, start, earlier in zip(table.to_dict("records"), starts, compared, strict=True):
        if start is not None and earlier is not None:
            changes[(row["metric"], read_text(row["scope"]), start, row["comparison"])] = Change(
                compared_window_start=earlier,
                amount=to_number(row["change_amount"]),
                rate=to_number(row["change_rate"]),
            )
    return changes


def collect_headlines(report: ReportInput, months: Sequence[Cell]) -> list[Headline]:
    """The KPIs of page one at the headline month.

    One that is not mature there is given at its latest month with a value, if any.
    """
    found = find_headline_month(months)
    if found is None:
        return []
    month, _ = found
    changes = read_changes(report, "all", "month")
    groups = group_by_metric(months)
    headlines = []
    for metric in HEADLINE_METRICS:
        history = [cell for cell in groups.get(metric, []) if cell.window_start <= month]
        if not history:
            continue
        cell = history[-1]
        if cell.value is None and cell.null_reason == "immature":
            history = [earlier for earlier in history if earlier.value is not None] or history
            cell = history[-1]
        headlines.append(
            Headline(
                cell=cell,
                changes={
                    comparison: change
                    for comparison in ("previous_period", "same_period_last_year")
                    if (change := changes.get((metric, "all", cell.window_start, comparison)))
                },
                history=history,
            )
        )
    return headlines


def list_scope_types(report: ReportInput) -> list[str]:
    """The kinds of scope that the run has beside the whole shop, by name."""
    table = report.read_table("kpi")
    return [] if table.empty else sorted(set(table["scope_type"]) - {"all"})


def rank_scopes(cells: Sequence[Cell], by: str) -> list[tuple[str, dict[str, Cell]]]:
    """Scopes with their cells by metric, the largest value of one metric first."""
    scopes: dict[str, dict[str, Cell]] = {}
    for cell in cells:
        scopes.setdefault(cell.scope, {})[cell.metric] = cell

    def rank(item: tuple[str, dict[str, Cell]]) -> tuple[float, str]:
        cell = item[1].get(by)
        value = cell.value if cell else None
        return (float("inf") if value is None else -value, item[0])

    return sorted(scopes.items(), key=rank)


def read_cohorts(report: ReportInput) -> list[dict[str, Any]]:
    """The cohorts by month, oldest first, each by age."""
    rows = read_rows(report, "cohorts", "cohort_start", "age")
    return [row for row in rows if row["cohort_type"] == "month"]


def read_rows(report: ReportInput, name: str, *order: str) -> list[dict[str, Any]]:
    """All rows of a small published table, in the order of the given columns, dates as dates."""
    table = report.read_table(name)
    if table.empty:
        return []
    table = table.assign(
        **{
            column: pandas.Series(read_dates(table[column]), index=table.index, dtype=object)
            for column in DATE_COLUMNS
            if column in table
        }
    )
    ordered = table.sort_values(list(order), kind="stable") if order else table
    columns = [str(column) for column in ordered.columns]
    return [dict(zip(columns, row, strict=True)) for row in ordered.itertuples(index=False)]
