"""A workbook while it is written: its sheets, its named tables, and the formats of its cells.

Text is always written as text and nothing as a formula; what a sheet shows stands in its module.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas
import xlsxwriter

from pipelines.report import content
from pipelines.report.content import Cell, Metric, ReportInput
from pipelines.report.words import Language, Words

LONGEST_TEXT = 32_767
TITLE_ROW, NOTE_ROW, FIRST_ROW = 0, 1, 3
BLUE, ORANGE = "#0072B2", "#D55E00"


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

    def list_months(self) -> list[datetime.date]:
        return sorted({cell.window_start for cell in self.months})


def count_labels(labels: Sequence[str]) -> list[str]:
    """Labels made different from one another, as the heads of one table must be."""
    seen: dict[str, int] = {}
    counted = []
    for label in labels:
        seen[label.lower()] = seen.get(label.lower(), 0) + 1
        count = seen[label.lower()]
        counted.append(label if count == 1 else f"{label} ({count})")
    return counted


def color_scale(
    sheet: xlsxwriter.worksheet.Worksheet, top: int, left: int, bottom: int, right: int
) -> None:
    """Shade a block of numbers from pale to blue."""
    scale = {"type": "2_color_scale", "min_color": "#F3F7FA", "max_color": "#5B9BC8"}
    sheet.conditional_format(top, left, bottom, right, scale)
