"""Which figures need which tables and columns, so that what is missing is told with its cost.

The sentences stand in `enabling.yaml`; how a figure is made stands in its model.
"""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter

from pipelines.canonical import CANONICAL_TABLES
from pipelines.documents import Settings, read_yaml


class Need(Settings):
    """Tables or columns, written table or table.column, and what is not seen without them.

    Said where none of `missing` and all of `given` are there; `is_first` are those that matter to
    every shop.
    """

    missing: list[str] = Field(min_length=1)
    given: list[str] = Field(default_factory=list)
    is_first: bool = False
    zh: str
    en: str


@functools.cache
def load_needs() -> tuple[Need, ...]:
    """Return every need, the weightiest first."""
    content, _ = read_yaml(Path(__file__).parent / "enabling.yaml")
    return tuple(TypeAdapter(list[Need]).validate_python(content))


def list_unmet(given: Mapping[str, set[str]]) -> Iterator[Need]:
    """Yield what is missing, where `given` names the columns that each table has."""

    def is_given(name: str) -> bool:
        table, _, column = name.partition(".")
        return table in given and (not column or column in given[table])

    for need in load_needs():
        if not any(map(is_given, need.missing)) and all(map(is_given, need.given)):
            yield need


def list_unknown() -> list[str]:
    """Return what the needs name that is no canonical table or column."""
    names = [name for need in load_needs() for name in (*need.missing, *need.given)]
    parts = [(name, *name.partition(".")[::2]) for name in names]
    return [
        name
        for name, table, column in parts
        if table not in CANONICAL_TABLES
        or (column and column not in CANONICAL_TABLES[table].columns)
    ]


def find_need(name: str) -> Need | None:
    """Return the need of an input, written table, table.column, or a | b for alternatives.

    Where several are about it, the one that names nothing else; None where none is.
    """
    wanted = {part.strip() for part in name.split("|")}
    about = [need for need in load_needs() if wanted & set(need.missing)]
    return min(about, key=lambda need: len(wanted ^ set(need.missing)), default=None)


def explain_missing(missing: str, language: Literal["zh", "en"]) -> list[str]:
    """Return what brings the inputs that a metric lacks, a sentence for each.

    `missing` is as `metrics` publishes it; an input that no sentence is about stands for itself.
    """
    names = [name.strip() for name in missing.split(",") if name.strip()]
    tables = {name for name in names if "." not in name}
    told = [name for name in names if name.partition(".")[0] not in tables - {name}]
    sentences = []
    for name in told:
        need = find_need(name)
        sentences.append(name if need is None else need.zh if language == "zh" else need.en)
    return list(dict.fromkeys(sentences))
