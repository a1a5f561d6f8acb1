"""The words in which `init` and `doctor` speak, in both languages.

What is said and when stands with those who say it; the words themselves in `words.yaml`.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["zh", "en"]


@functools.cache
def read_words() -> Mapping[str, Mapping[str, str]]:
    """Return every text by its key, then by language."""
    content = (Path(__file__).parent / "words.yaml").read_text(encoding="utf-8")
    texts: dict[str, dict[str, str]] = yaml.safe_load(content)
    return texts


@dataclass(frozen=True)
class Note:
    """One thing to say: the key of its words, and the values in them, which may be notes too."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def say(note: Note, language: Language) -> str:
    """Return a note in one language."""
    values = {name: spell(value, language) for name, value in note.values.items()}
    return read_words()[note.key][language].format(**values)


def spell(value: object, language: Language) -> str:
    """Return a value of a note in one language; counts have thousands.

    Several are listed: names in a tuple closely, what has commas of its own in a list.
    """
    if isinstance(value, Note):
        return say(value, language)
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(spell(each, language) for each in value)
    if isinstance(value, list):
        return ("；" if language == "zh" else "; ").join(spell(each, language) for each in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
