"""The members behind a metric: the lists of `sql/members`, asked for one scope and one window.

They are made from what the snapshot was made from, and nothing of them is published.
"""

import csv
import datetime
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from textwrap import indent
from typing import Any

import pyarrow as pa

from pipelines.catalogue import SQL_ROOT, MemberList, Model, read_model
from pipelines.cycles import PromotedCycles
from pipelines.dataset import Dataset
from pipelines.engines.duckdb import quote_text
from pipelines.errors import CatalogueError, InputError
from pipelines.ingest.landing import LandedFile
from pipelines.ingest.profiles import list_filled_tables
from pipelines.ingest.quarantine import guard_formula
from pipelines.runs import Run, RunRequest, start_run
from pipelines.snapshots import Snapshot
from pipelines.windows import ONE_DAY, list_windows

# What the lists read beside the tables of a run: the one row that says what is asked.
ASKED = "asked"
IS_COUNTED = "is_counted"


@dataclass(frozen=True)
class Asked:
    """A scope and a window, with the windows before and after as buy-back and lifecycle mean them.

    Of a trailing window they are the same number of days before and after it.
    """

    scope_type: str
    scope: str
    window_type: str
    window_start: datetime.date
    window_end: datetime.date
    before_start: datetime.date
    before_end: datetime.date
    after_end: datetime.date


def ask(
    scope_type: str, scope: str, window_type: str, window_start: datetime.date, as_of: datetime.date
) -> Asked:
    """Return what a list is asked for.

    Raises InputError where there is no such window up to the as-of date.
    """
    days = int(window_type[9:-1]) if window_type.startswith("trailing_") else None
    first = window_start if days is None else window_start + (days - 1) * ONE_DAY
    for row in list_windows(min(first, as_of), as_of, history_is_complete=True):
        if (row["window_type"], row["window_start"]) == (window_type, window_start):
            before = row["previous_start"] if days is None else window_start - days * ONE_DAY
            return Asked(
                scope_type=scope_type,
                scope=scope,
                window_type=window_type,
                window_start=window_start,
                window_end=row["window_end"],
                before_start=before,
                before_end=window_start - ONE_DAY,
                after_end=row["next_end"],
            )
    raise InputError(f"There is no window {window_type}:{window_start} up to {as_of}.")


@cache
def load_lists() -> dict[str, Model]:
    """Return the lists of members by name."""
    return {path.stem: read_model(path) for path in sorted((SQL_ROOT / "members").glob("*.sql"))}


def write_query(members: MemberList, asked: Asked) -> str:
    """Return the query that lists the members behind a metric, as it is run and printed.

    Its rows are the list's, by member, with whether the metric counts the member.
    Raises CatalogueError where there is no such list.
    """
    if members.of not in load_lists():
        raise CatalogueError(f"There is no list of members {members.of!r} in {SQL_ROOT}/members.")
    row = ",\n".join(
        f"        {write_literal(value)} as {name}" for name, value in vars(asked).items()
    )
    body = indent(load_lists()[members.of].query.strip(), "    ")
    condition = f"\nwhere {members.where}" if members.where else ""
    return (
        f"with\n\n{ASKED} as (\n    select\n{row}\n),\n\nlisted as (\n{body}\n)\n\n"
        f"select\n    listed.*,\n    coalesce({members.counted or 'true'}, false) as {IS_COUNTED}\n"
        f"from listed\ncross join {ASKED}\ncross join raw.parameters as parameters{condition}\n"
        "order by listed.member_id"
    )


def write_literal(value: str | datetime.date) -> str:
    """Return a text or a date as it stands in SQL."""
    return f"date '{value}'" if isinstance(value, datetime.date) else quote_text(value)


class Rebuild(Run):
    """A run that makes some tables of a published snapshot once more, and publishes nothing."""

    def use(self, snapshot: Snapshot) -> None:
        """Take the landed files and the purchase cycles that the snapshot was made from."""
        promoted = snapshot.manifest.get("promoted")
        self.promoted = PromotedCycles.model_validate(promoted) if promoted else None
        self.files = find_landed(snapshot, self.dataset, self.output / "landing")

    def keep_quarantine(self, conflicts: list[str] | None = None) -> None:
        """Leave the quarantine as the run wrote it."""

    def release_sources(self, name: str) -> None:
        """Keep every table, for the lists read some that no model would read any more."""

    def build_for(self, tables: Iterable[str]) -> None:
        """Make these tables and all that they are made from."""
        needed, open_names = set[str](), list(tables)
        while open_names:
            name = open_names.pop()
            is_made = name in self.catalogue.models or self.catalogue.raw[name].depends_on
            if is_made and name not in needed:
                needed.add(name)
                open_names += self.catalogue.find_sources(name)
        for name in self.catalogue.order:
            if name in needed:
                self.build(name)


@contextmanager
def rebuild(
    snapshot: Snapshot, folder: Path, output: Path, lists: Iterable[Model]
) -> Iterator[Rebuild]:
    """Make what lists of members read from the inputs of a snapshot; it is gone afterwards.

    Raises InputError where the settings are other than the snapshot's, or a landed file is gone;
    LockedError where a run is at work.
    """
    request = RunRequest(folder, snapshot.as_of.isoformat(), output)
    with start_run(request) as started:
        run = Rebuild(**vars(started))
        if not holds_all(run.dataset.model_dump(mode="json"), snapshot.manifest["dataset"]):
            raise InputError(
                f"{folder / 'dataset.yaml'} says other than when {snapshot.folder.name} was made; "
                "run again, then ask."
            )
        run.use(snapshot)
        run.fill()
        run.build_for({name for model in lists for name in model.depends_on} - {ASKED})
        yield run


def holds_all(settings: Any, then: Any) -> bool:
    """Whether the settings are what they were; one that there was not yet changes nothing."""
    if isinstance(then, dict) and isinstance(settings, dict):
        return all(name in settings and holds_all(settings[name], then[name]) for name in then)
    if isinstance(then, list) and isinstance(settings, list):
        return len(then) == len(settings) and all(map(holds_all, settings, then))
    return bool(settings == then)


def find_landed(snapshot: Snapshot, dataset: Dataset, landing: Path) -> list[LandedFile]:
    """Return the landed files that a snapshot was made from.

    Raises InputError where one of them is gone.
    """
    found: dict[tuple[str, str, str | None], LandedFile] = {}
    for key_table, sources in dataset.files.items():
        for source in sources:
            tables = list_filled_tables(key_table, source)
            for entry in snapshot.manifest["inputs"]:
                name, sha256 = entry["name"], entry["sha256"]
                if entry["table"] not in tables or not PurePosixPath(name).match(source.path):
                    continue
                if not (landing / sha256).is_file():
                    raise InputError(f"{name} as it was for {snapshot.as_of} is no longer kept.")
                found.setdefault(
                    (entry["table"], sha256, source.sheet),
                    LandedFile(
                        entry["table"],
                        key_table,
                        source,
                        name,
                        sha256,
                        entry["bytes"],
                        landing / sha256,
                    ),
                )
    return sorted(found.values(), key=lambda file: (file.table, file.name))


def write_members(rows: pa.Table, path: Path) -> None:
    """Write a list of members as CSV that its owner alone may read.

    Texts that a spreadsheet would take for a formula are quoted by an apostrophe. Raises InputError
    where the file is there already, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(rows.column_names)
        for row in rows.to_pylist():
            writer.writerow([guard_formula(value) for value in row.values()])
