"""Lays out the workbook: the report's numbers as named tables that can be filtered and sent on.

Text is always written as text and nothing as a formula; rows are chosen in `content` and worded in
`words`.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas
import xlsxwriter

from pipelines.report import content
from pipelines.report.content import SCOPES_IN_FULL, Cell, Metric, ReportInput
from pipelines.report.words import Language, Words, to_number

LONGEST_TEXT = 32_767
TITLE_ROW, NOTE_ROW, FIRST_ROW = 0, 1, 3
BLUE, ORANGE = "#0072B2", "#D55E00"
FLAGS = ("is_complete", "is_small", "is_censored")


@dataclass(frozen=True)
class Column:
    """A column of a table: its label, the kind of its values, its width in characters."""

    label: str
    kind: str = "text"
    width: float = 14


class Book:
    """A workbook in one language, while it is written."""

    def __init__(
        self, workbook: xlsxwriter.Workbook, report: ReportInput, language: Language
    ) -> None:
        self.workbook = workbook
        self.report = report
        self.words = Words(language, report.currency)
        self.metrics = content.read_metrics(report, language)
        self.months = content.read_cells(report, "all", "month")
        self.formats: dict[str, xlsxwriter.format.Format] = {}

    def get_metric(self, metric: str) -> Metric:
        return content.find_metric(self.metrics, metric)

    def get_format(self, kind: str) -> xlsxwriter.format.Format:
        """The cell format of a kind of value."""
        if kind not in self.formats:
            mark = f'"{self.words.currency_mark}"'
            points = f'" {self.words.say("points")}"'
            number_formats = {
                "share": "0.0%",
                "count": "#,##0",
                "amount": f"{mark}#,##0.00;-{mark}#,##0.00",
                "ratio": "#,##0.00",
                "mean": "#,##0.0",
                "number": "#,##0.##",
                "date": "yyyy-mm-dd",
                "month": "yyyy-mm",
                "change_share": f"+0.0{points};-0.0{points};0.0{points}",
                "change": "+0.0%;-0.0%;0.0%",
                "text": "@",
            }
            properties: dict[str, Any] = {"valign": "top"}
            if kind in number_formats:
                properties["num_format"] = number_formats[kind]
            if kind in ("date", "month"):
                properties["align"] = "left"
            if kind == "absent":
                properties |= {"font_color": "#6B7783", "italic": True, "align": "right"}
            if kind == "prose":
                properties |= {"text_wrap": True, "num_format": "@"}
            if kind == "title":
                properties |= {"bold": True, "font_size": 15}
            if kind == "subtitle":
                properties |= {"bold": True, "font_size": 12}
            if kind == "note":
                properties |= {"font_color": "#52606D"}
            if kind == "head":
                properties |= {"bold": True, "text_wrap": True, "bottom": 1}
            self.formats[kind] = self.workbook.add_format(properties)
        return self.formats[kind]

    def add_sheet(self, name: str, title: str, note: str = "") -> xlsxwriter.worksheet.Worksheet:
        """A sheet with a title and a note, set up for printing."""
        sheet = self.workbook.add_worksheet(self.words.say(name))
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        self.write(sheet, TITLE_ROW, 0, title, "title")
        if note:
            self.write(sheet, NOTE_ROW, 0, note, "note")
        return sheet

    def write(
        self, sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Any, kind: str
    ) -> None:
        """One cell: numbers and dates as such, everything else as text, nothing for NULL."""
        if value is None or value is pandas.NaT or (isinstance(value, float) and value != value):
            return
        if isinstance(value, datetime.date):
            sheet.write_datetime(row, column, value, self.get_format(kind))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, value, self.get_format(kind))
        else:
            text = str(value)[:LONGEST_TEXT]
            if text:
                sheet.write_string(row, column, text, self.get_format(kind))

    def write_table(
        self,
        sheet: xlsxwriter.worksheet.Worksheet,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        first_row: int = FIRST_ROW,
        *,
        is_frozen: bool = True,
        frozen_columns: int = 1,
    ) -> int:
        """A named table with filters, each value plain or with its kind; returns the row below it.

        Without rows only its heads are written.
        """
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
        for offset, row in enumerate(rows, start=1):
            for index, (value, column) in enumerate(zip(row, columns, strict=True)):
                kind = column.kind
                if isinstance(value, tuple):
                    value, kind = value
                self.write(sheet, first_row + offset, index, value, kind)
        labels = count_labels([column.label for column in columns])
        sheet.add_table(
            first_row,
            0,
            first_row + max(1, len(rows)),
            len(columns) - 1,
            {
                "name": name,
                "style": "Table Style Light 1",
                "columns": [
                    {"header": label, "header_format": self.get_format("head")} for label in labels
                ],
            },
        )
        if is_frozen:
            sheet.freeze_panes(first_row + 1, frozen_columns)
            sheet.repeat_rows(first_row)
        return first_row + max(1, len(rows)) + 2

    def enter_cell(self, cell: Cell | None, unit: str) -> tuple[Any, str]:
        """A KPI's value in its unit, or in words why there is none."""
        if cell is None:
            return None, unit
        if cell.value is None:
            return self.words.explain_null(cell.null_reason or "unknown"), "absent"
        return cell.value, unit

    def remark(self, cell: Cell) -> str:
        """What must be known of a KPI's cell, in words."""
        marks = {
            "mark_incomplete": not cell.is_complete,
            "mark_censored": cell.is_censored,
            "mark_small": cell.is_small,
        }
        return " · ".join(self.words.say(mark) for mark, is_set in marks.items() if is_set)

    def name_of(self, row: Mapping[str, Any], column: str) -> str:
        """A label that a table carries in both languages, else its code."""
        name = content.read_text(row.get(f"{column}_{self.words.language}"))
        return name or content.read_text(row.get(column))

    def add_overview(self) -> None:
        say = self.words.say
        found = content.find_headline_month(self.months)
        if found:
            label = "headline_month" if found[1] else "headline_month_incomplete"
            note = say(label, month=self.words.format_month(found[0]))
        else:
            note = say("headline_none")
        title = f"{self.report.dataset} · {say('title')}"
        sheet = self.add_sheet("sheet_overview", title, note)
        rows = []
        for headline in content.collect_headlines(self.report, self.months):
            cell = headline.cell
            metric = self.get_metric(cell.metric)
            changes = [
                describe_change(headline.changes.get(comparison), metric.unit)
                for comparison in ("previous_period", "same_period_last_year")
            ]
            rows.append(
                [
                    metric.name,
                    self.enter_cell(cell, metric.unit),
                    *changes,
                    cell.window_start,
                    cell.window_end,
                    self.remark(cell),
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
        below = self.write_table(sheet, "overview", columns, rows)
        facts = (
            ("dataset", self.report.dataset),
            ("as_of", self.report.as_of),
            ("knowledge_date", self.report.knowledge_date),
            ("currency", self.report.currency),
            ("timezone", self.report.timezone),
        )
        for offset, (label, value) in enumerate(facts):
            self.write(sheet, below + offset, 0, say(label), "note")
            is_date = isinstance(value, datetime.date)
            self.write(sheet, below + offset, 1, value, "date" if is_date else "text")
        self.chart_months(sheet, below + len(facts) + 1)

    def chart_months(self, sheet: xlsxwriter.worksheet.Worksheet, row: int) -> None:
        """Native charts of the overview, on the numbers of the wide sheet."""
        wide = self.list_wide()
        months = self.list_months()
        if not months:
            return
        source = self.words.say("sheet_kpi_wide")
        for place, (metric, color) in enumerate(
            (("active_members", BLUE), ("net_sales", BLUE), ("repurchase_rate", ORANGE))
        ):
            if metric not in wide:
                continue
            line = FIRST_ROW + 1 + wide.index(metric)
            kind = "line" if self.get_metric(metric).unit == "share" else "column"
            chart = self.workbook.add_chart({"type": kind})
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
            name = self.get_metric(metric).name
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

    def list_months(self) -> list[datetime.date]:
        return sorted({cell.window_start for cell in self.months})

    def list_wide(self) -> list[str]:
        """The metrics of the wide sheet, in their published order."""
        present = {cell.metric for cell in self.months}
        described = [metric for metric in self.metrics if metric in present]
        return [*described, *sorted(present - set(described))]

    def add_kpi_wide(self) -> None:
        say = self.words.say
        sheet = self.add_sheet("sheet_kpi_wide", say("sheet_kpi_wide"), say("kpi_wide_note"))
        cells = {(cell.metric, cell.window_start): cell for cell in self.months}
        months = self.list_months()
        rows = []
        for metric in self.list_wide():
            described = self.get_metric(metric)
            unit = described.unit
            values = [self.enter_cell(cells.get((metric, month)), unit) for month in months]
            rows.append([described.name, self.words.say_or(f"unit_name_{unit}", unit), *values])
        columns = [
            Column(say("metric"), width=30),
            Column(say("unit"), width=9),
            *(Column(f"{month:%Y-%m}", "number", 14) for month in months),
        ]
        self.write_table(sheet, "kpi_by_month", columns, rows, frozen_columns=2)

    def add_kpi_long(self) -> None:
        say = self.words.say
        table, is_bounded = self.select_long()
        note = ""
        found = content.find_headline_month(self.months)
        if is_bounded and found:
            month = self.words.format_month(found[0])
            note = say("kpi_long_bounded", count=SCOPES_IN_FULL, month=month)
        sheet = self.add_sheet("sheet_kpi_long", say("sheet_kpi_long"), note)
        starts = content.read_dates(table["window_start"]) if len(table) else []
        ends = content.read_dates(table["window_end"]) if len(table) else []
        scope_types = {name: say(name) for name in ("all", "store", "channel")}
        rows = []
        for row, start, end in zip(table.to_dict("records"), starts, ends, strict=True):
            metric = self.get_metric(row["metric"])
            reason = content.read_text(row["null_reason"])
            scope = content.read_text(row["scope"])
            rows.append(
                [
                    metric.name,
                    scope_types.get(row["scope_type"], content.read_text(row["scope_type"])),
                    say("all") if row["scope_type"] == "all" else scope,
                    self.words.say_or(row["window_type"], row["window_type"]),
                    start,
                    end,
                    (to_number(row["value"]), metric.unit),
                    to_number(row["numerator"]),
                    to_number(row["denominator"]),
                    self.words.explain_null(reason) if reason else "",
                    *(say("yes" if content.read_flag(row[flag]) else "no") for flag in FLAGS),
                    content.read_text(row["definition_version"]),
                ]
            )
        columns = [
            Column(say("metric"), width=28),
            Column(say("scope_type"), width=10),
            Column(say("scope"), width=24),
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
        self.write_table(sheet, "kpi", columns, rows)

    def select_long(self) -> tuple[pandas.DataFrame, bool]:
        """The rows of the long sheet, and whether scopes that are many were cut to one month."""
        table = self.report.read_table("kpi")
        if table.empty:
            return table, False
        found = content.find_headline_month(self.months)
        selected, is_bounded = [], False
        for scope_type in sorted(table["scope_type"].unique()):
            part = table[table["scope_type"] == scope_type]
            if part["scope"].nunique() > SCOPES_IN_FULL and found:
                is_bounded = True
                part = content.select_windows(self.report, "kpi", scope_type, "month", found[0])
            selected.append(part)
        keys = ["scope_type", "scope", "metric", "window_type", "window_start"]
        return pandas.concat(selected).sort_values(keys, kind="stable"), is_bounded

    def add_segments(self) -> None:
        say = self.words.say
        sheet = self.add_sheet("sheet_segments", say("segments"), say("segments_note"))
        source = content.read_rows(self.report, "segment_summary", "position")
        kinds = {
            "member_count": ("members", "count"),
            "member_share": ("member_share", "share"),
            "net_amount": ("net_amount", "amount"),
            "sales_share": ("sales_share", "share"),
            "mean_net_amount": ("mean_net_amount", "amount"),
            "mean_occasion_count": ("mean_occasion_count", "mean"),
            "mean_recency_days": ("mean_recency_days", "mean"),
        }
        rows = [
            [self.name_of(row, "segment"), *(to_number(row[column]) for column in kinds)]
            for row in source
        ]
        columns = [
            Column(say("segment"), width=22),
            *(Column(say(label), kind, 16) for label, kind in kinds.values()),
        ]
        below = self.write_table(sheet, "segments", columns, rows)
        if rows:
            name = say("sheet_segments")
            chart = self.workbook.add_chart({"type": "bar"})
            for column, color in ((2, BLUE), (4, ORANGE)):
                chart.add_series(
                    {
                        "name": [name, FIRST_ROW, column],
                        "categories": [name, FIRST_ROW + 1, 0, FIRST_ROW + len(rows), 0],
                        "values": [name, FIRST_ROW + 1, column, FIRST_ROW + len(rows), column],
                        "fill": {"color": color},
                        "gap": 60,
                    }
                )
            chart.set_title({"name": say("segments"), "name_font": {"size": 11}})
            chart.set_legend({"position": "bottom"})
            chart.set_y_axis({"reverse": True})
            chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E1E7EC"}}})
            chart.set_size({"width": 760, "height": 420})
            sheet.insert_chart(below, 0, chart, {"description": say("segments")})

    def add_grid(self) -> None:
        say = self.words.say
        sheet = self.add_sheet("sheet_grid", say("grid"), say("grid_note"))
        source = content.read_rows(self.report, "rfm_grid", "r_score", "fm_score")
        rows = [
            [
                to_number(row["r_score"]),
                to_number(row["fm_score"]),
                self.name_of(row, "segment"),
                to_number(row["member_count"]),
                to_number(row["net_amount"]),
            ]
            for row in reversed(source)
        ]
        columns = [
            Column(say("r_score"), "count", 12),
            Column(say("fm_score"), "count", 12),
            Column(say("segment"), width=22),
            Column(say("members"), "count", 14),
            Column(say("net_amount"), "amount", 18),
        ]
        self.write_table(sheet, "rfm_grid", columns, rows, frozen_columns=2)
        if rows:
            color_scale(sheet, FIRST_ROW + 1, 3, FIRST_ROW + len(rows), 3)

    def add_clusters(self) -> None:
        say = self.words.say
        kinds = {
            "member_count": ("members", "count"),
            "member_share": ("member_share", "share"),
            "net_amount": ("net_amount", "amount"),
            "sales_share": ("sales_share", "share"),
            "mean_net_amount": ("mean_net_amount", "amount"),
            "mean_occasion_count": ("mean_occasion_count", "mean"),
            "mean_recency_days": ("mean_recency_days", "mean"),
        }
        source = content.read_rows(self.report, "cluster_profiles", "cluster")
        note = say("clusters_note" if source else "clusters_empty")
        sheet = self.add_sheet("sheet_clusters", say("clusters"), note)
        rows = [
            [
                to_number(row["cluster"]),
                self.name_of(row, "cluster"),
                *(to_number(row[column]) for column in kinds),
            ]
            for row in source
        ]
        columns = [
            Column(say("cluster_number"), "count", 10),
            Column(say("cluster"), width=26),
            *(Column(say(label), kind, 16) for label, kind in kinds.values()),
        ]
        self.write_table(sheet, "clusters", columns, rows, frozen_columns=2)

    def add_cohorts(self) -> None:
        say = self.words.say
        source = content.read_rows(self.report, "cohorts", "cohort_month", "age_months")
        note = say("cohorts_note" if source else "cohorts_empty")
        sheet = self.add_sheet("sheet_cohorts", say("cohorts"), note)
        ages = sorted({int(row["age_months"]) for row in source})
        triangle: dict[datetime.date, list[Any]] = {}
        for row in source:
            line = triangle.setdefault(
                row["cohort_month"],
                [
                    (row["cohort_month"], "month"),
                    to_number(row["cohort_size"]),
                    *[None] * len(ages),
                    say("mark_censored") if content.read_flag(row["is_censored"]) else "",
                ],
            )
            line[2 + ages.index(int(row["age_months"]))] = to_number(row["retention_rate"])
        columns = [
            Column(say("cohort_month"), "month", 14),
            Column(say("cohort_size"), "count", 11),
            *(Column(str(age), "share", 8) for age in ages),
            Column(say("remark"), width=18),
        ]
        lines = list(triangle.values())
        self.write_table(sheet, "cohorts", columns, lines, frozen_columns=2)
        later = [2 + index for index, age in enumerate(ages) if age > 0]
        if lines and later:
            color_scale(sheet, FIRST_ROW + 1, later[0], FIRST_ROW + len(lines), later[-1])
        detail = self.add_sheet("sheet_cohort_detail", say("sheet_cohort_detail"))
        kinds = {
            "cohort_size": "count",
            "active_count": "count",
            "retention_rate": "share",
            "net_amount": "amount",
            "cumulative_net_amount_per_member": "amount",
        }
        rows = [
            [
                (row["cohort_month"], "month"),
                to_number(row["age_months"]),
                *(
                    (say("null_immature"), "absent") if number is None else number
                    for number in (to_number(row[column]) for column in kinds)
                ),
                say("yes" if content.read_flag(row["is_censored"]) else "no"),
            ]
            for row in source
        ]
        columns = [
            Column(say("cohort_month"), "month", 14),
            Column(say("age_months"), "count", 14),
            *(Column(say(column), kind, 16) for column, kind in kinds.items()),
            Column(say("is_censored"), width=16),
        ]
        self.write_table(detail, "cohort_detail", columns, rows, frozen_columns=2)

    def add_lifecycle(self) -> None:
        say = self.words.say
        kinds = ("buyer_count", "new_count", "retained_count", "reactivated_count", "lapsed_count")
        source = [
            row
            for row in content.read_rows(self.report, "lifecycle", "window_type", "window_start")
            if row["scope_type"] == "all"
        ]
        note = say("lifecycle_note" if source else "lifecycle_empty")
        sheet = self.add_sheet("sheet_lifecycle", say("lifecycle"), note)
        rows = [
            [
                self.words.say_or(row["window_type"], row["window_type"]),
                row["window_start"],
                row["window_end"],
                *(to_number(row[column]) for column in kinds),
                *(
                    say("yes" if content.read_flag(row[flag]) else "no")
                    for flag in ("is_complete", "is_censored")
                ),
            ]
            for row in source
        ]
        columns = [
            Column(say("window_type"), width=14),
            Column(say("window_start"), "date", 13),
            Column(say("window_end"), "date", 13),
            *(Column(say(column), "count", 14) for column in kinds),
            Column(say("is_complete"), width=11),
            Column(say("is_censored"), width=16),
        ]
        self.write_table(sheet, "lifecycle", columns, rows, frozen_columns=3)

    def add_waterfall(self) -> None:
        say = self.words.say
        sheet = self.add_sheet("sheet_waterfall", say("waterfall"), say("waterfall_note"))
        rows = [
            [self.name_of(row, "step"), to_number(row["row_count"]), to_number(row["gross_amount"])]
            for row in content.read_rows(self.report, "population_waterfall", "position")
        ]
        columns = [
            Column(say("step"), width=42),
            Column(say("rows"), "count", 16),
            Column(say("gross_amount"), "amount", 20),
        ]
        self.write_table(sheet, "waterfall", columns, rows)
        if rows:
            bars = {"type": "data_bar", "bar_color": "#9CC3DE"}
            for column in (1, 2):
                sheet.conditional_format(FIRST_ROW + 1, column, FIRST_ROW + len(rows), column, bars)
        source = content.read_rows(
            self.report, "quarantine_summary", "source_table", "file_name", "reason"
        )
        note = "" if source else say("quarantine_empty")
        sheet = self.add_sheet("sheet_quarantine", say("quarantine"), note)
        rows = [
            [
                self.words.say_or(f"table_{row['source_table']}", str(row["source_table"])),
                content.read_text(row["file_name"]),
                self.name_of(row, "reason"),
                to_number(row["row_count"]),
            ]
            for row in source
        ]
        columns = [
            Column(say("source_table"), width=16),
            Column(say("file_name"), width=36),
            Column(say("reason"), width=48),
            Column(say("rows"), "count", 12),
        ]
        self.write_table(sheet, "quarantine", columns, rows)

    def add_definitions(self) -> None:
        say = self.words.say
        sheet = self.add_sheet("sheet_definitions", say("definitions"), say("definitions_note"))
        rows = [
            [
                metric.name,
                metric.definition,
                metric.note,
                self.words.say_or(f"unit_name_{metric.unit}", metric.unit),
                self.words.say_or(f"better_{metric.better}", metric.better),
                metric.version,
            ]
            for metric in self.metrics.values()
        ]
        columns = [
            Column(say("metric"), "prose", 28),
            Column(say("definition"), "prose", 64),
            Column(say("note"), "prose", 48),
            Column(say("unit"), width=10),
            Column(say("better"), width=14),
            Column(say("version"), width=10),
        ]
        below = self.write_table(sheet, "definitions", columns, rows)
        index = 0 if self.words.language == "en" else 1
        self.write(sheet, below, 0, say("conventions"), "subtitle")
        self.write_table(
            sheet,
            "conventions",
            [Column(say("convention"), "prose", 28), Column(say("setting"), "prose", 64)],
            [[row[index], row[2]] for row in self.report.conventions],
            below + 1,
            is_frozen=False,
        )
        self.add_rules()

    def add_rules(self) -> None:
        say = self.words.say
        sheet = self.add_sheet("sheet_rules", say("sheet_rules"))
        rows: list[list[Any]] = [
            [
                self.words.say_or(row["measure"], row["measure"]),
                to_number(row["score"]),
                self.words.say_or(f"direction_{row['direction']}", row["direction"]),
                (to_number(row["cut"]), "amount" if row["measure"] == "monetary" else "count"),
            ]
            for row in content.read_rows(self.report, "rfm_cuts")
        ]
        columns = [
            Column(say("measure"), width=22),
            Column(say("score"), "count", 10),
            Column(say("direction"), width=22),
            Column(say("cut"), "number", 14),
        ]
        below = self.write_table(sheet, "rfm_cuts", columns, rows, is_frozen=False)
        rows = [
            [
                self.name_of(row, "segment"),
                *(to_number(row[f"{letter}_score"]) for letter in "rfm"),
            ]
            for row in content.read_rows(
                self.report, "segment_rules", "rule_position", "r_score", "f_score", "m_score"
            )
        ]
        columns = [
            Column(say("segment"), width=22),
            *(
                Column(say(f"{letter}_score"), "count", width)
                for letter, width in (("r", 10), ("f", 22), ("m", 14))
            ),
        ]
        self.write_table(sheet, "segment_rules", columns, rows, below, is_frozen=False)

    def add_columns(self) -> None:
        """What the columns of the published tables mean; models say so in English only."""
        say = self.words.say
        if self.words.language != "en" or not self.report.columns:
            return
        sheet = self.add_sheet("sheet_columns", say("column_meanings"))
        rows = [
            [table, column, meaning]
            for table, columns in sorted(self.report.columns.items())
            for column, meaning in columns.items()
        ]
        heads = [
            Column(say("table"), width=24),
            Column(say("column"), width=34),
            Column(say("definition"), "prose", 100),
        ]
        self.write_table(sheet, "columns", heads, rows, frozen_columns=2)


def count_labels(labels: Sequence[str]) -> list[str]:
    """Labels made different from one another, as the heads of one table must be."""
    seen: dict[str, int] = {}
    counted = []
    for label in labels:
        seen[label.lower()] = seen.get(label.lower(), 0) + 1
        count = seen[label.lower()]
        counted.append(label if count == 1 else f"{label} ({count})")
    return counted


def describe_change(change: content.Change | None, unit: str) -> tuple[Any, str]:
    """A change as a number with its kind: percentage points for shares, else a rate."""
    if change is None:
        return None, "change"
    if unit == "share":
        points = None if change.amount is None else round(change.amount * 100, 10)
        return points, "change_share"
    return change.rate, "change"


def color_scale(
    sheet: xlsxwriter.worksheet.Worksheet, top: int, left: int, bottom: int, right: int
) -> None:
    """Shade a block of numbers from pale to blue."""
    scale = {"type": "2_color_scale", "min_color": "#F3F7FA", "max_color": "#5B9BC8"}
    sheet.conditional_format(top, left, bottom, right, scale)


def write_workbook(report: ReportInput, language: Language, path: Path) -> None:
    """Write the workbook in one language: the same report gives the same bytes."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as workbook:
        # The file's own date: two runs of one day must not differ by the clock.
        created = datetime.datetime.combine(report.as_of, datetime.time())
        book = Book(workbook, report, language)
        workbook.set_properties({"title": book.words.say("title"), "created": created})
        workbook.set_size(2400, 1500)
        book.add_overview()
        book.add_kpi_wide()
        book.add_kpi_long()
        book.add_segments()
        book.add_grid()
        book.add_clusters()
        book.add_cohorts()
        book.add_lifecycle()
        book.add_waterfall()
        book.add_definitions()
        book.add_columns()
