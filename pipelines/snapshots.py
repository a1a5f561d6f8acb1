"""Readers of what was published: find a snapshot, open its tables, tell whether it is whole.

For notebooks and reports; how a snapshot is made stands in `pipelines.publishing`.
"""

import datetime
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import InputError

POINTER = "CURRENT"
MANIFEST = "manifest.json"
POINTER_FORMAT = 1


@dataclass(frozen=True)
class Pointer:
    """The published state: which snapshot is current, and which stands for each as-of date.

    `generation` grows by one with each change, so that a run can tell whether another came between.
    """

    generation: int
    current: str | None
    by_as_of: dict[str, str]


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot, a folder that never changes."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the snapshot was made from and what it holds, with a sha256 for each file.

        Raises InputError where it is missing or damaged.
        """
        path = self.folder / MANIFEST
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            is_whole = all(isinstance(content[key], dict) for key in ("files", "tables"))
        except (OSError, ValueError, KeyError, TypeError):
            is_whole = False
        if not is_whole:
            raise InputError(f"{path} is missing or damaged.")
        return content

    @property
    def as_of(self) -> datetime.date:
        """Last business date of the snapshot."""
        return datetime.date.fromisoformat(self.manifest["as_of"])

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        return sorted(self.manifest["tables"])

    @property
    def report_names(self) -> list[str]:
        """Names of the HTML reports, in the order of the data set's languages."""
        return [f"report.{language}.html" for language in self.manifest["dataset"]["languages"]]

    def path(self, name: str) -> Path:
        """Return the Parquet file of a table.

        Raises InputError where the snapshot has no such table.
        """
        if name not in self.manifest["tables"]:
            raise InputError(f"There is no table {name!r}; there are {', '.join(self.tables)}.")
        return self.folder / "tables" / f"{name}.parquet"

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a data frame."""
        frame: pd.DataFrame = self.arrow(name).to_pandas(date_as_object=False)
        return frame

    def arrow(self, name: str) -> pa.Table:
        """Return a table as Arrow."""
        return pq.read_table(self.path(name))

    def describe(self, name: str) -> dict[str, str]:
        """Return column: meaning for a table; the empty name is the table itself."""
        metadata = pq.read_schema(self.path(name)).metadata or {}
        columns: dict[str, str] = json.loads(metadata.get(b"columns", b"{}"))
        return {"": metadata.get(b"description", b"").decode(), **columns}


def read_pointer(folder: Path) -> Pointer:
    """Return the published state of a data set's output folder.

    Raises InputError where nothing was published or the pointer cannot be read.
    """
    path = folder / POINTER
    if not path.is_file():
        raise InputError(f"Nothing is published in {folder}; run `regulars run` first.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != POINTER_FORMAT:
            raise InputError(f"{path} has format {content['format']}, not {POINTER_FORMAT}.")
        return Pointer(content["generation"], content["current"], dict(content["by_as_of"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged; remove it and run again.") from error


def open_snapshot(folder: Path | str, as_of: datetime.date | str | None = None) -> Snapshot:
    """Open the current snapshot of an output folder, or the one of an as-of date.

    Raises InputError where there is none.
    """
    folder = Path(folder)
    pointer = read_pointer(folder)
    name = pointer.current if as_of is None else pointer.by_as_of.get(str(as_of))
    if name is None:
        known = ", ".join(sorted(pointer.by_as_of))
        raise InputError(f"No snapshot of {as_of} in {folder}; there are {known}.")
    return Snapshot(folder / "snapshots" / name)


def list_snapshots(folder: Path | str) -> list[Snapshot]:
    """Return the snapshot that stands for each as-of date, oldest first."""
    pointer = read_pointer(Path(folder))
    names = [name for _, name in sorted(pointer.by_as_of.items())]
    return [Snapshot(Path(folder) / "snapshots" / name) for name in names]


def history(folder: Path | str, name: str) -> pd.DataFrame:
    """Return a table of every snapshot, one below the other, told apart by as_of_date."""
    frames = []
    for snapshot in list_snapshots(folder):
        frame = snapshot.table(name)
        if "as_of_date" not in frame.columns:
            frame = frame.assign(as_of_date=pd.Timestamp(snapshot.as_of))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def find_damage(snapshot: Snapshot) -> list[str]:
    """Return one sentence for each file that is not as the manifest says; nothing if all is."""
    try:
        manifest = snapshot.manifest
    except InputError as error:
        return [str(error)]
    problems = []
    for name, expected in sorted(manifest["files"].items()):
        path = snapshot.folder / name
        if not path.is_file():
            problems.append(f"{name} is missing.")
        elif (found := describe_file(path)) != expected:
            problems.append(f"{name} is damaged: it has sha256 {found['sha256'][:12]}….")
    for name, expected in sorted(manifest["tables"].items()):
        path = snapshot.folder / "tables" / f"{name}.parquet"
        if not any(problem.startswith(f"tables/{path.name} ") for problem in problems):
            found = describe_table(path)
            problems += [
                f"{name}: {key} is {found[key]}, not {expected[key]}."
                for key in found
                if found[key] != expected[key]
            ]
    return problems


def describe_file(path: Path) -> dict[str, Any]:
    """Return the size and sha256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 22):
            digest.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def describe_table(path: Path) -> dict[str, Any]:
    """Return the row count and schema of a Parquet file."""
    file = pq.ParquetFile(path)
    return {
        "rows": file.metadata.num_rows,
        "schema": {field.name: str(field.type) for field in file.schema_arrow},
    }
