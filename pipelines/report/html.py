"""Writes the report: one HTML page that works offline, without script, on screen and on paper.

Its parts are laid out in `page`; what they look like is in the template and its style sheet.
"""

import functools
from collections.abc import Callable
from pathlib import Path

import jinja2

from pipelines.report.content import ReportInput
from pipelines.report.page import (
    cohorts,
    completeness,
    definitions,
    growth,
    headline,
    metrics,
    plain,
    scopes,
    segments,
)
from pipelines.report.page.layout import Layout, Part
from pipelines.report.words import Language


def lay_parts(layout: Layout) -> list[Part]:
    """All sections after page one, in their order."""
    parts: list[Part | None] = [
        metrics.lay_metrics(layout),
        growth.lay_growth(layout),
        segments.lay_segments(layout),
        segments.lay_grid(layout),
        cohorts.lay_cohorts(layout),
        cohorts.lay_lifecycle(layout),
        plain.lay_rhythm(layout),
        segments.lay_clusters(layout),
        scopes.lay_scopes(layout),
        *plain.lay_sections(layout),
        completeness.lay_completeness(layout),
        completeness.lay_waterfall(layout),
        metrics.lay_missing(layout),
        definitions.lay_definitions(layout),
    ]
    return [part for part in parts if part]


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
        headline=headline.lay_headline(layout),
        parts=lay_parts(layout),
    )
    path.write_text(page, encoding="utf-8", newline="\n")
