"""Landing: each source file is copied by its content before anything reads it.

How a landed file is parsed stands in `pipelines.ingest.tables`.
"""

import datetime
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipelines.dataset import SETTINGS_FILES, Dataset, FileSource
from pipelines.errors import InputError
from pipelines.ingest.profiles import list_filled_tables
from pipelines.machine import DISK_FULL

CHUNK_BYTES = 1 << 22
NUMBER_DIGITS = 15  # hexadecimal digits of a hash that fit into a signed integer of 64 bits
DATE_PARTS = {"%Y": r"(?P<Y>\d{4})", "%m": r"(?P<m>\d{2})", "%d": r"(?P<d>\d{2})"}


@dataclass(frozen=True)
class LandedFile:
    """One source file as it was when it landed, and one of the tables that its rows fill.

    `path` is its copy, named by its sha256; it stands under files.`key_table` of dataset.yaml.
    """

    table: str
    key_table: str
    source: FileSource
    name: str
    sha256: str
    size_bytes: int
    path: Path

    @property
    def number(self) -> int:
        """A number of the file, and of its sheet where that is named, that its bytes decide."""
        digest = self.sha256
        if self.source.sheet is not None:
            digest = hashlib.sha256(f"{digest} {self.source.sheet}".encode()).hexdigest()
        return int(digest[:NUMBER_DIGITS], 16)

    @property
    def label(self) -> str:
        """The name of the file, with its sheet where that is named."""
        return self.name if self.source.sheet is None else f"{self.name}#{self.source.sheet}"


def match_files(folder: Path, pattern: str) -> list[Path] | None:
    """Return the files that a pattern matches, sorted by name, or None where it is no pattern.

    The settings of the data set are no data, whatever matches them.
    """
    settings = {folder / name for name in SETTINGS_FILES}
    try:
        return sorted(p for p in folder.glob(pattern) if p.is_file() and p not in settings)
    except (ValueError, LookupError, NotImplementedError, OSError, RecursionError):
        return None


def find_sources(folder: Path, table: str, source: FileSource) -> list[Path]:
    """Return the files of a source, sorted by name; only the newest where it supersedes.

    Raises InputError where there is none, or where one lies outside the folder.
    """
    paths = match_files(folder, source.path)
    if paths is None:
        raise InputError(
            f"{folder / 'dataset.yaml'}: files.{table}: {source.path[:80]!r} is no pattern of file "
            "names; write one like orders_*.csv."
        )
    if not paths:
        raise InputError(
            f"{folder / 'dataset.yaml'}: files.{table}: no file matches {source.path!r} in "
            f"{folder}; copy it there or correct the path."
        )
    root = folder.resolve()
    for path in paths:
        if not path.resolve().is_relative_to(root):
            raise InputError(f"{path} points outside {folder}; copy the file itself there.")
    if source.mode == "append":
        return paths
    pattern = source.export_date
    if pattern is None:
        return paths[-1:]
    return [max(paths, key=lambda path: (find_export_date(pattern, path.name), path))]


def find_export_date(pattern: str, name: str) -> datetime.date:
    """Return the date that stands in a file's name.

    Raises InputError where the name does not have the pattern's form, or holds no date.
    """
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    for part, group in DATE_PARTS.items():
        expression = expression.replace(re.escape(part), group, 1)
    found = re.fullmatch(expression, PurePosixPath(name).name)
    try:
        if found is None:
            raise ValueError("the name has another form")
        return datetime.date(int(found["Y"]), int(found["m"]), int(found["d"]))
    except (ValueError, LookupError) as error:
        raise InputError(
            f"{name}: export_date {pattern!r} finds no date in the file's name ({error}); rename"
            " the file or correct export_date in dataset.yaml."
        ) from error


def land_files(
    folder: Path,
    dataset: Dataset,
    landing: Path,
    find_kept: Callable[[str, FileSource], str | None] | None = None,
) -> list[LandedFile]:
    """Copy every source file of a data set to `landing`; the same bytes are the same file.

    A file for which `find_kept` names another that is there is not copied again. Returns one entry
    per file and table that its rows fill. Raises InputError where a file cannot be read or changes
    while it is copied.
    """
    landing.mkdir(mode=0o700, parents=True, exist_ok=True)
    landing.chmod(0o700)
    landed: dict[tuple[str, str, str | None], LandedFile] = {}
    for key_table, sources in dataset.files.items():
        for source in sources:
            for path in find_sources(folder, key_table, source):
                name = path.relative_to(folder).as_posix()
                sha256, size_bytes = land_file(path, landing, source, find_kept)
                for table in list_filled_tables(key_table, source):
                    landed.setdefault(
                        (table, sha256, source.sheet),
                        LandedFile(
                            table, key_table, source, name, sha256, size_bytes, landing / sha256
                        ),
                    )
    return sorted(landed.values(), key=lambda file: (file.table, file.name))


def land_file(
    path: Path,
    landing: Path,
    source: FileSource | None = None,
    find_kept: Callable[[str, FileSource], str | None] | None = None,
) -> tuple[str, int]:
    """Copy one file to `landing` under the hash of its bytes, unless it is there already.

    Nor is it copied where it is kept as another file that is there. Returns the hash of what came,
    and its size in bytes.
    """
    try:
        before = path.stat()
        sha256 = hash_file(path)
        kept = find_kept(sha256, source) if find_kept and source else None
        target = landing / (kept or sha256)
        is_there = target.exists() and (kept or target.stat().st_size == before.st_size)
        target = target if is_there else landing / sha256
        if not is_there:
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
    return sha256, before.st_size


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
