"""The data dictionary of the metrics as Markdown, from the headers of their models and no other.

What is published of a definition stands in `marts.metrics`; the queries in `sql/kpis`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from pipelines.catalogue import Family, Kpi, Model, load_catalogue
from pipelines.report.content import NO_DENOMINATOR
from pipelines.report.words import Words

Language = Literal["zh", "en"]


def write_dictionary(languages: Sequence[Language], level: int = 2) -> str:
    """Return the dictionary: families with a table of contents each, and a section for each metric.

    `level` is that of a family's heading.
    """
    metrics = load_catalogue().kpis
    lines: list[str] = []
    for family in get_args(Family):
        members = [
            model for model in metrics if model.header.kpi and model.header.kpi.family == family
        ]
        if not members:
            continue
        title = " · ".join(Words(language, "").say(f"family_{family}") for language in languages)
        lines += [f"{'#' * level} {title}", ""]
        for model in members:
            lines += describe_metric(model, languages, level + 1)
    return "\n".join(lines).rstrip("\n") + "\n"


def describe_metric(model: Model, languages: Sequence[Language], level: int) -> list[str]:
    """Return the section of one metric."""
    kpi = model.header.kpi
    if kpi is None:
        return []
    names = [kpi.name.zh if language == "zh" else kpi.name.en for language in languages]
    heading = f"{'#' * level} {' · '.join(names)} `{model.table}`"
    definitions = [f"{model.header.describe(language)}  " for language in languages]
    definitions[-1] = definitions[-1].rstrip()
    return [heading, "", *definitions, "", *list_properties(model, kpi, languages), ""]


def list_properties(model: Model, kpi: Kpi, languages: Sequence[Language]) -> Iterator[str]:
    """Yield what else a header says, a list item each."""
    spoken = [Words(language, "") for language in languages]

    def name(label: str) -> str:
        return " · ".join(dict.fromkeys(words.say(label) for words in spoken))

    for part in ("numerator", "denominator"):
        told = [model.header.explain_columns(words.language)[part] for words in spoken]
        if not told[0].startswith(NO_DENOMINATOR):
            yield f"- {name(part)}: {' · '.join(told)}"
    yield f"- {name('unit')}: {name(f'unit_name_{kpi.unit}')}"
    if kpi.better != "neither":
        yield f"- {name('better')}: {name(f'better_{kpi.better}')}"
    notes = [kpi.note.zh if words.language == "zh" else kpi.note.en for words in spoken]
    yield f"- {name('note')}: {' · '.join(notes)}"
    windows = [
        " · ".join(dict.fromkeys(words.say_or(window, window) for words in spoken))
        for window in kpi.windows
    ]
    yield f"- {name('window_type')}: {', '.join(windows) or name('every_window')}"
    scopes = [
        " · ".join(dict.fromkeys(words.say_or(scope, scope) for words in spoken))
        for scope in kpi.scopes
    ]
    yield f"- {name('scope_type')}: {', '.join(scopes) or name('every_scope')}"
    if kpi.looks_back:
        yield f"- {name('looks_back')}"
    if kpi.needs:
        yield f"- {name('needs')}: {', '.join(f'`{need}`' for need in kpi.needs)}"
    yield f"- {name('source')}: {kpi.source}"
    yield f"- {name('definition_version')}: {kpi.version}"
