"""Erasing people: out of everything retained, out of files to come, and through a kill.

How one landed file is rewritten stands in `pipelines.ingest.rewriting`; published tables in
`pipelines.publishing` and here; a shop's own files are never changed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.dataset import Dataset
from pipelines.errors import InputError
from pipelines.ingest.landing import LandedFile

LEDGER = "erasures.json"
PENDING = "erasures.pending.json"
LEDGER_FORMAT = 1


@dataclass(frozen=True)
class Settled:
    """What a file that came is kept as, and the signature of what it was checked for."""

    kept_as: str
    checked: str


@dataclass(frozen=True)
class Erasures:
    """Who was erased from a data set, as tokens of their numbers, with the files that held them.

    `orders` are tokens of their orders' numbers, by which lines and refunds are found; `files`
    names for each sha256 that came the one under which the file is kept.
    """

    key_id: str = ""
    members: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()
    files: Mapping[str, Settled] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nobody was ever erased."""
        return not self.members

    @property
    def kept(self) -> dict[str, str]:
        """The sha256 under which each file that came is kept, by the sha256 it came with."""
        return {sha256: settled.kept_as for sha256, settled in self.files.items()}


def load_erasures(output: Path) -> Erasures:
    """Return the erasures of an output folder, empty where there were none.

    Raises InputError where the ledger is damaged: without it, erased people would come back.
    """
    path = output / LEDGER
    if not path.exists():
        return Erasures()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != LEDGER_FORMAT:
            raise InputError(f"{path} has format {content['format']}, not {LEDGER_FORMAT}.")
        return Erasures(
            str(content["key_id"]),
            frozenset(content["members"]),
            frozenset(content["orders"]),
            {sha256: Settled(**settled) for sha256, settled in content["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is damaged, and without it erased people would come back; restore it from a "
            "backup."
        ) from error


def keep_out(files: list[LandedFile], output: Path, dataset: Dataset) -> list[LandedFile]:
    """Return the landed files without the people who were erased; nothing is done if nobody was.

    A file that holds one of them is rewritten under the hash of its new bytes, and the copy of
    the old ones is removed. Raises InputError where the key of the ledger is missing.
    """
    if load_erasures(output).is_empty:
        return files
    raise NotImplementedError


def finish_pending(folder: Path, output: Path, dataset: Dataset) -> bool:
    """Finish an erasure that was interrupted; return whether there was one.

    The caller holds the lock. `folder` is the data set's.
    """
    if not (output / PENDING).exists():
        return False
    raise NotImplementedError
