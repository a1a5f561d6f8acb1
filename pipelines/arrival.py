"""When new files are complete: by what they are and that they stay so, never by the clock.

Whoever looks again and again, and starts the run, is not here; nor how a file is read.
"""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.dataset import CUTS, Dataset, FileSource, load_dataset
from pipelines.errors import InputError
from pipelines.ingest.formats import FileKind, identify, open_table
from pipelines.ingest.landing import find_sources, hash_file, match_files

SETTINGS = "dataset.yaml"
# A look must end before Dagster's minute for it is over, however slow the disk is.
HASHED_BYTES_PER_LOOK = 4 << 30
CONTROL_HEADER = ["file_name", "row_count"]

# Size, and nanoseconds of the last change of the content and of the file's entry: a file that is
# replaced by another of the same size and time has another third number.
Stat = tuple[int, int, int]


class Content(BaseModel):
    """What a file was found to hold while it had a stat; rows only where they were counted."""

    model_config = ConfigDict(frozen=True)

    stat: Stat
    sha256: str
    rows: int | None = None


class Memory(BaseModel):
    """What one look leaves to the next: stats, quiet looks so far, contents, the last run's key."""

    model_config = ConfigDict(frozen=True)

    stats: dict[str, Stat] = {}
    quiet: int = 0
    contents: dict[str, Content] = {}
    started: str = ""


@dataclass(frozen=True)
class Look:
    """What a look came to: one sentence, what to remember, and a run key if a run is to start."""

    sentence: str
    memory: str
    run_key: str | None = None


class NotYetError(Exception):
    """The files are not complete yet; the sentence says what they wait for."""


def look(folder: Path, memory: str | None) -> Look:
    """Look at a data set's files once, and say whether a run may start.

    It may when nothing has changed in as many looks as the data set asks for, marker and control
    files agree, and the content is not the one that was started last. The key is the sha256 of
    names, contents and settings: the same files have the same key, whenever they came.
    """
    before = recall(memory)
    try:
        dataset = load_dataset(folder)
        stats = observe(folder, dataset)
    except InputError as error:
        return conclude(str(error), before.model_copy(update={"stats": {}, "quiet": 0}))
    known = {name: c for name, c in before.contents.items() if c.stat == stats.get(name)}
    quiet = before.quiet + 1 if stats == before.stats else 0
    now = Memory(stats=stats, quiet=quiet, contents=known, started=before.started)
    wanted = dataset.arrival.quiet_evaluations
    if stats != before.stats:
        change = describe_change(before.stats, stats)
        return conclude(f"{change}; waiting until nothing changes {count_looks(wanted)}.", now)
    if quiet < wanted:
        so_far = f"Nothing has changed {count_looks(quiet)}"
        return conclude(f"{so_far}; waiting until it is {wanted}.", now)
    try:
        find_marker(folder, dataset)
        now = now.model_copy(update={"contents": read_contents(folder, now)})
        if len(now.contents) < len(stats):
            raise NotYetError(f"{len(now.contents)} of {len(stats)} files are read; going on.")
        names = [name for name in sorted(list_data_files(folder, dataset)) if name in stats]
        settings = [name for name in (SETTINGS, CUTS) if name in stats]
        run_key = sign({name: now.contents[name] for name in (*settings, *names)})
        if run_key == now.started:
            raise NotYetError("Nothing new: a run was started for these files.")
        if dataset.arrival.control is not None:
            now = now.model_copy(update={"contents": count_rows(folder, dataset, now.contents)})
            compare_control(folder, dataset, now.contents, names)
        if observe(folder, dataset) != stats:
            raise NotYetError("The files changed while they were read; looking again.")
    except (NotYetError, InputError) as error:
        return conclude(str(error), now)
    started = now.model_copy(update={"started": run_key})
    return Look("The files are complete.", started.model_dump_json(), run_key)


def conclude(sentence: str, memory: Memory) -> Look:
    """Return a look that starts nothing."""
    return Look(sentence, memory.model_dump_json())


def recall(memory: str | None) -> Memory:
    """Return what was remembered; nothing where it is not of this form, so that all is read anew.

    The run key, being of the content alone, keeps a run from starting twice even then.
    """
    try:
        return Memory.model_validate_json(memory or "{}")
    except ValidationError:
        return Memory()


def list_data_files(folder: Path, dataset: Dataset) -> dict[str, FileSource]:
    """Return the files that the data set's patterns match, by name, with their sources.

    Raises InputError where a pattern matches nothing, or a file outside the folder.
    """
    return {
        path.relative_to(folder).as_posix(): source
        for table, sources in dataset.files.items()
        for source in sources
        for path in find_sources(folder, table, source)
    }


def observe(folder: Path, dataset: Dataset) -> dict[str, Stat]:
    """Return the stat of the settings, of each file that a pattern matches, and of control files.

    Raises InputError where a pattern matches nothing, or a file outside the folder.
    """
    control = (path.relative_to(folder).as_posix() for path in find_control_files(folder, dataset))
    stats = {}
    for name in sorted({SETTINGS, CUTS, *list_data_files(folder, dataset), *control}):
        try:
            found = (folder / name).stat()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InputError(f"{folder / name} cannot be read: {error.strerror}.") from error
        stats[name] = (found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return stats


def describe_change(before: Mapping[str, Stat], now: Mapping[str, Stat]) -> str:
    """Return what is different, by the first file that is."""
    if not before:
        return f"{len(now)} files are seen for the first time"
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    change = "is new" if names[0] not in before else "changed" if names[0] in now else "is gone"
    more = f" and {len(names) - 1} more are other than before" if len(names) > 1 else ""
    return f"{names[0]} {change}{more}"


def count_looks(number: int) -> str:
    """Return how often a look was taken, in words of a sentence."""
    return f"in {number} evaluation{'s' if number != 1 else ''}"


def find_inside(folder: Path, pattern: str, key: str) -> list[Path]:
    """Return the files that a pattern matches, sorted by name; it may match none.

    Raises InputError where it is no pattern, or reaches outside the folder.
    """
    paths = match_files(folder, pattern)
    if paths is None:
        raise InputError(
            f"{folder / SETTINGS}: arrival.{key}: {pattern[:80]!r} is no pattern of file names; "
            "write one like *.ctl."
        )
    for path in paths:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{path} points outside {folder}; copy the file itself there.")
    return paths


def find_marker(folder: Path, dataset: Dataset) -> None:
    """Raise NotYetError where the data set asks for a marker file and there is none."""
    marker = dataset.arrival.marker
    if marker is not None and not find_inside(folder, marker, "marker"):
        raise NotYetError(f"Nothing changes any more; waiting for a file {marker} in {folder}.")


def find_control_files(folder: Path, dataset: Dataset) -> list[Path]:
    """Return the control files, if the data set asks for any."""
    control = dataset.arrival.control
    return [] if control is None else find_inside(folder, control, "control")


def read_contents(folder: Path, memory: Memory) -> dict[str, Content]:
    """Return the contents of the files; only what has another stat than remembered is read.

    Some are missing where there is more to read than fits into one look. Raises InputError where
    a file cannot be read.
    """
    contents, hashed_bytes = dict(memory.contents), 0
    for name, stat in memory.stats.items():
        if name in contents or hashed_bytes > HASHED_BYTES_PER_LOOK:
            continue
        try:
            contents[name] = Content(stat=stat, sha256=hash_file(folder / name))
        except OSError as error:
            raise InputError(f"{folder / name} cannot be read: {error.strerror}.") from error
        hashed_bytes += stat[0]
    return contents


def sign(contents: Mapping[str, Content]) -> str:
    """Return the sha256 of the names and contents of all files, settings among them."""
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{contents[name].sha256}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Listed:
    """What a control file says of a file: where it says so, rows without the header, sha256."""

    place: str
    rows: int
    sha256: str | None


def read_control(folder: Path, path: Path) -> dict[str, Listed]:
    """Return what a control file says, by name inside the data set's folder.

    Raises InputError with the line where it is not of the form file_name,row_count[,sha256].
    """
    name = path.relative_to(folder).as_posix()
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name} cannot be read as UTF-8 text; write it again.") from error
    listed: dict[str, Listed] = {}
    for line, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (line == 1 and cells[:2] == CONTROL_HEADER):
            continue
        if not (len(cells) in (2, 3) and cells[0] and re.fullmatch("[0-9]{1,15}", cells[1])):
            raise InputError(
                f"{name}, line {line}: this is not file_name,row_count or "
                "file_name,row_count,sha256; write it so."
            )
        pure = PurePosixPath(cells[0])
        if pure.is_absolute() or ".." in pure.parts:
            raise InputError(
                f"{name}, line {line}: {cells[0][:80]!r} is not inside the data set's folder; list "
                "names of files beside the control file."
            )
        key = (path.relative_to(folder).parent / pure).as_posix()
        sha256 = cells[2].lower() if len(cells) == 3 and cells[2] else None
        listed[key] = Listed(f"{name}, line {line}", int(cells[1]), sha256)
    return listed


def count_rows(
    folder: Path, dataset: Dataset, contents: Mapping[str, Content]
) -> dict[str, Content]:
    """Return the contents with the rows of every data file counted.

    Raises InputError where a file cannot be read at all.
    """
    counted = dict(contents)
    for name, source in list_data_files(folder, dataset).items():
        if name in counted and counted[name].rows is None:
            rows = count_rows_of(folder / name, name, source)
            counted[name] = counted[name].model_copy(update={"rows": rows})
    return counted


def compare_control(
    folder: Path, dataset: Dataset, contents: Mapping[str, Content], names: Sequence[str]
) -> None:
    """Compare all files with what the control files say of them.

    Raises NotYetError where a file is not listed, or is another than listed, or is not there.
    """
    listed: dict[str, Listed] = {}
    for path in find_control_files(folder, dataset):
        listed |= read_control(folder, path)
    for name in names:
        if name not in listed:
            raise NotYetError(
                f"No control file {dataset.arrival.control} lists {name}; waiting for one."
            )
        wanted, found = listed[name], contents[name]
        if found.rows != wanted.rows:
            raise NotYetError(
                f"{name} holds {found.rows:,} rows, but {wanted.place} says {wanted.rows:,}; "
                "waiting until they agree."
            )
        if wanted.sha256 is not None and found.sha256 != wanted.sha256:
            raise NotYetError(
                f"{name} has another sha256 than {wanted.place} says; waiting until they agree."
            )
    for name, wanted in sorted(listed.items()):
        if not (folder / name).is_file():
            raise NotYetError(f"{wanted.place} lists {name}, which is not there; waiting for it.")


def count_rows_of(path: Path, name: str, source: FileSource) -> int:
    """Return the rows of an export without its header, misfits among them.

    Raises InputError where the file cannot be read at all.
    """
    if identify(path) is FileKind.PARQUET:
        try:
            return int(pq.read_metadata(path).num_rows)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{name} is not a readable Parquet file; export it again.") from error
    table = open_table(path, name, source)
    rows: int = sum(batch.num_rows for batch in table.read_batches())
    return rows + len(table.misfits)
