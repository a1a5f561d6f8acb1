"""Landing: each source file is copied by its content before anything reads it.

How a landed file is parsed stands in `pipelines.ingest.tables`.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.dataset import Dataset, FileSource
from pipelines.errors import InputError
from pipelines.machine import DISK_FULL

CHUNK_BYTES = 1 << 22


@dataclass(frozen=True)
class LandedFile:
    """One source file as it was when it landed; `path` is its copy, named by its sha256."""

    table: str
    name: str
    sha256: str
    size_bytes: int
    path: Path


def find_sources(folder: Path, table: str, source: FileSource) -> list[Path]:
    """Return the files that fill a table, sorted by name; only the last where it supersedes.

    Raises InputError where there is none, or where one lies outside the folder.
    """
    try:
        paths = sorted(path for path in folder.glob(source.path) if path.is_file())
    except (ValueError, LookupError, NotImplementedError, OSError, RecursionError) as error:
        raise InputError(
            f"{folder / 'dataset.yaml'}: files.{table}: {source.path[:80]!r} is no pattern of file "
            "names; write one like orders_*.csv."
        ) from error
    if not paths:
        raise InputError(
            f"{folder / 'dataset.yaml'}: files.{table}: no file matches {source.path!r} in "
            f"{folder}; copy it there or correct the path."
        )
    root = folder.resolve()
    for path in paths:
        if not path.resolve().is_relative_to(root):
            raise InputError(f"{path} points outside {folder}; copy the file itself there.")
    return paths[-1:] if source.mode == "replace" else paths


def land_files(folder: Path, dataset: Dataset, landing: Path) -> list[LandedFile]:
    """Copy every source file of a data set to `landing`; the same bytes are the same file.

    Raises InputError where a file cannot be read or changes while it is copied.
    """
    landing.mkdir(parents=True, exist_ok=True)
    landed = []
    for table, source in dataset.files.items():
        seen: set[str] = set()
        for path in find_sources(folder, table, source):
            file = land_file(path, table, path.relative_to(folder).as_posix(), landing)
            if file.sha256 not in seen:
                seen.add(file.sha256)
                landed.append(file)
    return landed


def land_file(path: Path, table: str, name: str, landing: Path) -> LandedFile:
    """Copy one file to `landing` under the hash of its bytes, unless it is there already."""
    try:
        before = path.stat()
        sha256 = hash_file(path)
        target = landing / sha256
        if not (target.exists() and target.stat().st_size == before.st_size):
            part = landing / f".{sha256}.part"
            shutil.copyfile(path, part)
            flush(part)
            is_whole = hash_file(part) == sha256
            part.replace(target) if is_whole else part.unlink()
        after = path.stat()
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not unchanged or not target.exists():
        raise InputError(f"{path} changed while it was copied; run again when it is complete.")
    if before.st_size == 0:
        raise InputError(f"{path} is empty; export it again.")
    return LandedFile(table, name, sha256, before.st_size, target)


def flush(path: Path) -> None:
    """Have a written file on the disk before it is renamed to what others trust."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
