"""Writes the workbook: the report's numbers as named tables that can be filtered and sent on.

Its sheets stand in `sheets`; rows are chosen in `content` and worded in `words`.
"""

import datetime
from pathlib import Path

import xlsxwriter

from pipelines.report.content import ReportInput
from pipelines.report.sheets import completeness, definitions, kpis, members, plain
from pipelines.report.sheets.book import Book
from pipelines.report.words import Language


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
        kpis.add_overview(book)
        kpis.add_kpi_wide(book)
        kpis.add_kpi_long(book)
        kpis.add_scopes(book)
        members.add_segments(book)
        members.add_grid(book)
        members.add_clusters(book)
        members.add_cohorts(book)
        members.add_lifecycle(book)
        plain.add_sections(book)
        completeness.add_completeness(book)
        definitions.add_definitions(book)
        definitions.add_columns(book)
