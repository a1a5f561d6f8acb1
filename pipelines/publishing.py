"""Publishing: a snapshot is made beside the published ones and becomes theirs by one rename.

Readers stand in `pipelines.snapshots`; nothing here knows what is in a table.
"""

import datetime
import json
import os
import shutil
from pathlib import Path
from typing import Any

from pipelines.errors import GateError, InputError
from pipelines.faults import reach_fault_point
from pipelines.snapshots import (
    MANIFEST,
    POINTER,
    POINTER_FORMAT,
    Pointer,
    Snapshot,
    describe_file,
    describe_table,
    find_damage,
    read_pointer,
)

BUILDING = ".building"
# Where data sets publish unless told otherwise, each in a folder of its name.
OUTPUT_ROOT = Path(__file__).resolve().parent.parent / "output"


def read_published(output: Path) -> Pointer:
    """Return the published state, empty where nothing was published yet."""
    if not (output / POINTER).exists():
        return Pointer(0, None, {})
    return read_pointer(output)


def find_prior(output: Path, pointer: Pointer, as_of: datetime.date) -> str | None:
    """Return the newest snapshot with a strictly earlier as-of date."""
    earlier = [date for date in pointer.by_as_of if date < as_of.isoformat()]
    return pointer.by_as_of[max(earlier)] if earlier else None


def list_key_ids(output: Path, pointer: Pointer) -> set[str]:
    """Return the ids of the keys with which the published snapshots' tokens were made."""
    manifests = [
        Snapshot(output / "snapshots" / name).manifest for name in pointer.by_as_of.values()
    ]
    return {manifest["key_id"] for manifest in manifests if manifest["key_id"] is not None}


def find_unchanged(
    output: Path, pointer: Pointer, as_of: datetime.date, fingerprint: str
) -> Snapshot | None:
    """Return the snapshot of an as-of date if it came from the same inputs and is undamaged."""
    name = pointer.by_as_of.get(as_of.isoformat())
    if name is None:
        return None
    snapshot = Snapshot(output / "snapshots" / name)
    if find_damage(snapshot) or snapshot.manifest["fingerprint"] != fingerprint:
        return None
    return snapshot


def clear_leftovers(output: Path) -> None:
    """Remove what a killed run left behind; the caller holds the lock."""
    for folder in (output / "work", output / "snapshots" / BUILDING):
        shutil.rmtree(folder, ignore_errors=True)
    for place in ("landing", "parsed", "quarantine", "quarantine/rows"):
        for part in (output / place).glob("*.part"):
            part.unlink()
    for part in output.glob(f"{POINTER}.*.part"):
        part.unlink()


def start_snapshot(output: Path) -> Path:
    """Return an empty folder to build a snapshot in."""
    building = output / "snapshots" / BUILDING
    shutil.rmtree(building, ignore_errors=True)
    (building / "tables").mkdir(parents=True)
    return building


def write_manifest(building: Path, content: dict[str, Any]) -> None:
    """Write the manifest, last of all files: each file's sha256, each table's rows and schema."""
    files = sorted(path for path in building.rglob("*") if path.is_file())
    manifest = content | {
        "files": {
            path.relative_to(building).as_posix(): describe_file(path)
            for path in files
            if path.name != "run.json"
        },
        "tables": {
            path.stem: describe_table(path) for path in files if path.parent.name == "tables"
        },
    }
    write_json(building / MANIFEST, manifest)
    for path in files:
        sync(path)
    sync(building / "tables")
    sync(building)
    reach_fault_point("manifest_written")


def refuse_zombie(output: Path, base: Pointer) -> None:
    """Raise GateError where another run has published since this one started from `base`."""
    if read_published(output).generation != base.generation:
        raise GateError(
            f"Another run has published in {output} since this one started; its result stands."
        )


def publish(
    output: Path, building: Path, as_of: datetime.date, fingerprint: str, base: Pointer
) -> Snapshot:
    """Turn the built folder into the snapshot of its as-of date and return it.

    `base` is the published state that the run started from. Raises GateError where another run has
    published since.
    """
    refuse_zombie(output, base)
    name = f"{as_of.isoformat()}-{fingerprint[:12]}"
    if name == base.by_as_of.get(as_of.isoformat()):
        name = f"{name}-{base.generation + 1}"  # the published one is damaged; readers may hold it
    target = output / "snapshots" / name
    shutil.rmtree(target, ignore_errors=True)
    building.rename(target)
    sync(target.parent)
    reach_fault_point("snapshot_renamed")
    by_as_of = base.by_as_of | {as_of.isoformat(): name}
    current_as_of = find_as_of(base)
    is_backfill = current_as_of is not None and as_of.isoformat() < current_as_of
    current = base.current if is_backfill else name
    write_pointer(output, Pointer(base.generation + 1, current, by_as_of))
    reach_fault_point("pointer_written")
    return Snapshot(target)


def find_as_of(pointer: Pointer) -> str | None:
    """Return the as-of date of the current snapshot."""
    return next((date for date, name in pointer.by_as_of.items() if name == pointer.current), None)


def roll_back(output: Path, to: datetime.date | None) -> Snapshot:
    """Make an earlier snapshot current: that of a date, or the one before the current.

    Raises InputError where there is none.
    """
    pointer = read_pointer(output)
    current = find_as_of(pointer) or ""
    earlier = [date for date in pointer.by_as_of if date < current]
    wanted = to.isoformat() if to else max(earlier, default=None)
    if wanted is None or wanted not in pointer.by_as_of:
        known = ", ".join(sorted(pointer.by_as_of))
        raise InputError(f"There is no snapshot to go back to; there are {known}.")
    name = pointer.by_as_of[wanted]
    write_pointer(output, Pointer(pointer.generation + 1, name, pointer.by_as_of))
    return Snapshot(output / "snapshots" / name)


def write_pointer(output: Path, pointer: Pointer) -> None:
    """Replace the pointer atomically; the caller holds the lock."""
    content = {
        "format": POINTER_FORMAT,
        "generation": pointer.generation,
        "current": pointer.current,
        "by_as_of": dict(sorted(pointer.by_as_of.items())),
    }
    part = output / f"{POINTER}.{os.getpid()}.part"
    write_json(part, content)
    part.replace(output / POINTER)
    sync(output)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON with sorted keys and make it durable."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    sync(path)


def sync(path: Path) -> None:
    """Make a file or a folder's entries durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
