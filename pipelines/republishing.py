"""Published snapshots written anew without some people, and taking the place of what they were.

How a snapshot is made in the first place stands in `pipelines.publishing`; who is to go in
`pipelines.erasure`.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from pipelines import publishing
from pipelines.engines.duckdb import ROW_GROUP_ROWS, quote_list, quote_name, quote_text
from pipelines.errors import InputError
from pipelines.faults import reach_fault_point
from pipelines.ingest.identities import Key, tokenise
from pipelines.ingest.rewriting import Sieve, withdraw_lines
from pipelines.machine import choose_engine_memory
from pipelines.snapshots import MANIFEST, Pointer, Snapshot

MEMBER = "member_id"
# Where a member stands in the row of another; the row stays, without them.
MENTIONS = ("referrer_id", "canonical_id", "merged_into")
LISTS = "lists"


def list_retained(output: Path) -> list[Snapshot]:
    """Return every snapshot that is there, those that no date stands for any more among them.

    Raises InputError where one has no readable manifest.
    """
    folders = sorted((output / "snapshots").glob("*"))
    snapshots = [Snapshot(f) for f in folders if f.is_dir() and f.name != publishing.BUILDING]
    for snapshot in snapshots:
        if not isinstance(snapshot.manifest.get("inputs"), list):
            raise InputError(f"{snapshot.folder / MANIFEST} does not name its inputs.")
    return snapshots


def find_labels(output: Path, tokens: Mapping[str, object], key: Key) -> dict[str, str]:
    """Return the members that snapshots publish and the tokens name: label and token.

    A label is a number, or the token itself where numbers are personal.
    """
    labels: dict[str, str] = {}
    with connect(output) as connection:
        for label in list_labels(connection, output):
            token = tokenise(label, key)
            if token in tokens:
                labels[label] = str(token)
            elif label in tokens:
                labels[label] = label
    return labels


def list_labels(connection: duckdb.DuckDBPyConnection, output: Path) -> Iterator[str]:
    """Yield every member, once, that a snapshot's tables name."""
    selects = [
        f"select cast({quote_name(column)} as varchar) as label"
        f" from read_parquet({quote_text(str(path))})"
        for snapshot in list_retained(output)
        for path in list_tables(snapshot)
        for column in list_columns(path)
    ]
    if not selects:
        return
    query = f"select distinct label from ({' union all '.join(selects)}) where label is not null"
    for batch in connection.sql(query).to_arrow_reader(ROW_GROUP_ROWS):
        yield from batch.column(0).to_pylist()


def list_tables(snapshot: Snapshot) -> list[Path]:
    """Return the Parquet files of a snapshot."""
    return sorted((snapshot.folder / "tables").glob("*.parquet"))


def list_columns(path: Path) -> list[str]:
    """Return the columns of a published table that name members."""
    names = pq.read_schema(path).names
    return [n for n in names if n == MEMBER or n in MENTIONS or n.endswith(f"_{MEMBER}")]


def connect(output: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that reaches the snapshots only and keeps the order of rows."""
    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{choose_engine_memory()}B",
        "temp_directory": str(output / "work" / "spill"),
    }
    connection = duckdb.connect(config=config)
    connection.execute("set enable_progress_bar = false")
    folder = str((output / "snapshots").resolve())
    connection.execute(f"set allowed_directories = {quote_list([folder])}")
    connection.execute("set enable_external_access = false")
    return connection


def withdraw(output: Path, sieve: Sieve, note: Mapping[str, Any]) -> int:
    """Write every snapshot that names a person of the sieve anew; return how many there are.

    The new folders take the old ones' place by one change of the pointer. Snapshots that no date
    stands for, and that name one, are removed. The caller holds the lock; `note` goes into the
    manifests.
    """
    pointer = publishing.read_published(output)
    tokens = dict.fromkeys(sieve.members)
    labels = sorted(find_labels(output, tokens, sieve.key))
    renamed: dict[str, str] = {}
    superseded: list[Path] = []
    with connect(output) as connection:
        for snapshot in list_retained(output):
            tables = [p for p in list_tables(snapshot) if names_any(connection, p, labels)]
            lists = [
                path
                for path in sorted((snapshot.folder / LISTS).glob("*.csv"))
                if withdraw_lines(path, None, sieve)
            ]
            prior = str(snapshot.manifest["prior"])
            if not tables and not lists and prior not in renamed:
                continue
            if snapshot.folder.name in pointer.by_as_of.values():
                content = dict(snapshot.manifest) | {"erasures": dict(note)}
                content |= {"prior": renamed[prior]} if prior in renamed else {}
                building = copy_rest(output, snapshot, {*tables, *lists})
                for path in tables:
                    target = building / path.relative_to(snapshot.folder)
                    write_table(connection, path, target, labels)
                for path in lists:
                    withdraw_lines(path, building / path.relative_to(snapshot.folder), sieve)
                name = name_next(snapshot.folder.name, pointer.generation + 1)
                publish_beside(building, content, output / "snapshots" / name)
                renamed[snapshot.folder.name] = name
            superseded.append(snapshot.folder)
    reach_fault_point("erasure_snapshots_written")
    if renamed:
        publishing.write_pointer(output, rename(pointer, renamed))
    reach_fault_point("erasure_pointer_written")
    for folder in superseded:
        shutil.rmtree(folder)
    shutil.rmtree(output / "work", ignore_errors=True)
    return len(renamed)


def names_any(connection: duckdb.DuckDBPyConnection, path: Path, labels: list[str]) -> bool:
    """Whether a published table names one of the members."""
    columns = list_columns(path)
    if not columns or not labels:
        return False
    condition = " or ".join(f"{quote_name(column)} in {write_in(labels)}" for column in columns)
    query = f"select exists (select 1 from read_parquet({quote_text(str(path))}) where {condition})"
    return connection.execute(query).fetchall() == [(True,)]


def write_in(labels: list[str]) -> str:
    """Return a SQL list to compare with."""
    return f"({', '.join(quote_text(label) for label in labels)})"


def copy_rest(output: Path, snapshot: Snapshot, without: set[Path]) -> Path:
    """Return a folder with the files of a snapshot, but for some and the manifest."""
    building = publishing.start_snapshot(output)
    for path in sorted(snapshot.folder.rglob("*")):
        target = building / path.relative_to(snapshot.folder)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif path not in without and path != snapshot.folder / MANIFEST:
            try:
                os.link(path, target)
            except OSError:
                shutil.copyfile(path, target)
    return building


def write_table(
    connection: duckdb.DuckDBPyConnection, path: Path, target: Path, labels: list[str]
) -> None:
    """Write a published table as it was, in its order, without the members' rows."""
    columns = list_columns(path)
    gone = write_in(labels)
    replaced = ", ".join(
        f"case when {quote_name(name)} in {gone} then null else {quote_name(name)} end"
        f" as {quote_name(name)}"
        for name in columns
        if name != MEMBER
    )
    selected = f"* replace ({replaced})" if replaced else "*"
    stays = f"coalesce({MEMBER} not in {gone}, true)" if MEMBER in columns else "true"
    metadata = pq.read_schema(path).metadata or {}
    entries = ", ".join(
        f"{quote_name(name.decode())}: {quote_text(text.decode())}"
        for name, text in metadata.items()
    )
    connection.execute(
        f"copy (select {selected} from read_parquet({quote_text(str(path))}) where {stays})"
        f" to {quote_text(str(target))}"
        f" (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS},"
        f" kv_metadata {{{entries}}})"
    )


def publish_beside(building: Path, content: dict[str, Any], target: Path) -> None:
    """Turn the built folder into a snapshot that nobody knows yet."""
    publishing.write_manifest(building, content)
    shutil.rmtree(target, ignore_errors=True)
    building.rename(target)
    publishing.sync(target.parent)


def name_next(name: str, generation: int) -> str:
    """Return the name of the snapshot that takes another's place."""
    return re.sub(r"-e\d+$", "", name) + f"-e{generation}"


def rename(pointer: Pointer, renamed: Mapping[str, str]) -> Pointer:
    """Return the pointer with snapshots under their new names."""
    by_as_of = {date: renamed.get(name, name) for date, name in pointer.by_as_of.items()}
    current = renamed.get(pointer.current, pointer.current) if pointer.current else None
    return Pointer(pointer.generation + 1, current, by_as_of)
