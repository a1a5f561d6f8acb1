"""Erasing people: out of everything retained, out of files to come, and through a kill.

How one landed file is written anew stands in `pipelines.ingest.rewriting`, a snapshot in
`pipelines.republishing`; a shop's own files are never changed.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines import publishing, republishing
from pipelines.dataset import Dataset, FileSource
from pipelines.errors import InputError
from pipelines.faults import reach_fault_point
from pipelines.ingest.formats import FileKind, identify
from pipelines.ingest.identities import Key, load_key, make_key, tokenise
from pipelines.ingest.landing import LandedFile, flush, hash_file, match_files
from pipelines.ingest.rewriting import (
    Merge,
    Sieve,
    Use,
    list_forms,
    read_marks,
    rewrite,
    withdraw_quarantined,
)
from pipelines.locking import hold_lock
from pipelines.merges import follow_merges
from pipelines.snapshots import Snapshot

LEDGER = "erasures.json"
PENDING = "erasures.pending.json"
LEDGER_FORMAT = 1
# Raised when other rows or cells are touched, so that files are looked through again.
REWRITING_VERSION = 1


@dataclass(frozen=True)
class Settled:
    """What a file that came is kept as, and the signature of what it was looked through for."""

    kept_as: str
    checked: str


@dataclass(frozen=True)
class Erasures:
    """Who was erased from a data set, as tokens of their numbers, and what became of the files.

    `orders` are tokens of their orders' numbers, by which lines and refunds are found; `files`
    names for each sha256 that came (and a mark of the sheet, for a workbook's others) the one
    under which the file is kept.
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
    def people_hash(self) -> str:
        """The sha256 of who was erased, in tokens."""
        return hash_json(sorted(self.members))

    def find_kept(self, sha256: str, source: FileSource) -> str | None:
        """Return the sha256 under which a file that comes is kept, if it came before."""
        settled = self.files.get(name_sheet(sha256, source)) or self.files.get(sha256)
        return settled.kept_as if settled is not None else None


@dataclass(frozen=True)
class Erased:
    """What an erasure came to: numbers erased, landed files and snapshots written anew."""

    member_count: int
    file_count: int
    snapshot_count: int


@dataclass(frozen=True)
class Wanted:
    """A file to look through: the ledger's name for it, its own name, and how it is read."""

    entry: str
    name: str
    uses: tuple[Use, ...]

    @property
    def sha256(self) -> str:
        """The hash under which the file came."""
        return self.entry.partition(".")[0]

    @property
    def has_orders(self) -> bool:
        """Whether its rows are orders or belong to orders."""
        return any(use.has_orders for use in self.uses)


# The ledger


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
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is damaged, and without it erased people would come back; restore it from a "
            "backup."
        ) from error


def write_erasures(output: Path, erasures: Erasures) -> None:
    """Replace the ledger atomically; only its owner can read it."""
    content = {
        "key_id": erasures.key_id,
        "members": sorted(erasures.members),
        "orders": sorted(erasures.orders),
        "files": {entry: asdict(settled) for entry, settled in erasures.files.items()},
    }
    write_private(output / LEDGER, content)


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write JSON that is there whole or not at all, and that its owner alone can read."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    text = json.dumps({"format": LEDGER_FORMAT, **content}, indent=1, sort_keys=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text + "\n")
    publishing.sync(part)
    part.replace(path)
    publishing.sync(path.parent)


def find_key(output: Path, dataset: Dataset, erasures: Erasures) -> Key:
    """Return the key of the tokens; a data set that never had one gets one.

    Raises InputError where the ledger or a snapshot was made with another key.
    """
    known = publishing.list_key_ids(output, publishing.read_published(output))
    known |= {erasures.key_id} if erasures.key_id else set()
    key = load_key(dataset.name) if known else make_key(dataset.name)
    if known - {key.id}:
        raise InputError(
            f"The key of {dataset.name} is {key.id}, but {', '.join(sorted(known - {key.id}))} was "
            "used before, so that nobody who was erased would be known; bring back that key."
        )
    return key


# What a run asks for


def keep_out(files: list[LandedFile], output: Path, dataset: Dataset) -> list[LandedFile]:
    """Return the landed files without the people who were erased; nothing is done if nobody was.

    A file that holds one of them is written anew under the hash of its new bytes, and the copy of
    the old ones is removed. One that cannot be looked through stays for this run, which refuses it,
    and no longer. Raises InputError where the key of the ledger is missing.
    """
    erasures = load_erasures(output)
    if erasures.is_empty:
        return files
    worker = Worker(output, erasures, find_key(output, dataset, erasures))
    uses: dict[str, dict[str, list[LandedFile]]] = {}
    for file in files:
        entry = worker.name_entry(file.sha256, file.source)
        uses.setdefault(entry, {}).setdefault(file.name, []).append(file)
    worker.settle_all(
        Wanted(entry, next(iter(named)), gather_uses(named)) for entry, named in uses.items()
    )
    worker.save()
    reach_fault_point("erased_kept_out")
    sweep(output, worker.files, worker.unread)
    kept: dict[tuple[str, str, str], LandedFile] = {}
    for file in map(worker.redirect, files):  # what differed in erased people only is one file
        kept.setdefault((file.table, file.sha256, name_sheet("", file.source)), file)
    return list(kept.values())


def gather_uses(named: Mapping[str, Sequence[LandedFile]]) -> tuple[Use, ...]:
    """Return the different ways in which files of the same bytes are read."""
    uses: list[Use] = []
    for files in named.values():
        for file in files:
            use = Use(file.key_table, file.source)
            if use not in uses:
                uses.append(use)
    return tuple(uses)


def finish_pending(folder: Path, output: Path, dataset: Dataset) -> bool:
    """Finish an erasure that was interrupted; return whether there was one.

    Copies that a killed run has left in landing are removed where people were erased. The caller
    holds the lock. `folder` is the data set's. Raises InputError where the key is missing.
    """
    for name in (LEDGER, PENDING):
        (output / f"{name}.part").unlink(missing_ok=True)
    path = output / PENDING
    erasures = load_erasures(output)
    if not path.exists():
        if not erasures.is_empty:
            sweep(output, erasures.files)
        return False
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        pending, key_id = frozenset(content["members"]), str(content["key_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged; remove it and erase again.") from error
    key = find_key(output, dataset, replace(erasures, key_id=key_id))
    carry_out(folder, output, dataset, pending, key)
    return True


# Erasing


def erase(
    folder: Path, output: Path, dataset: Dataset, members: Sequence[str], always: bool = False
) -> Erased:
    """Erase people by their numbers from everything retained in an output folder.

    A person is all numbers that were merged into one; who was erased before may be named again.
    Raises InputError where nothing retained holds a number, unless `always`: then it is kept out of
    files to come; LockedError where a run is at work.
    """
    with hold_lock(output):
        publishing.clear_leftovers(output)
        finish_pending(folder, output, dataset)
        erasures = load_erasures(output)
        key = find_key(output, dataset, erasures)
        asked = tokenise_asked(members, key)
        found, numbers = find_people(folder, output, dataset, asked, key)
        gone = erasures.members.intersection(asked)
        found |= {asked[token] for token in gone}
        numbers |= gone
        unknown = [place for place in range(len(members)) if place not in found]
        if unknown and not always:
            raise InputError(explain_unknown(unknown[0], len(members), output))
        tokens = numbers | {
            token for place in unknown if (token := tokenise(members[place], key)) is not None
        }
        pending = {"key_id": key.id, "members": sorted(tokens)}
        write_private(output / PENDING, pending)
        reach_fault_point("erasure_noted")
        return carry_out(folder, output, dataset, frozenset(tokens), key)


def tokenise_asked(members: Sequence[str], key: Key) -> dict[str, int]:
    """Return the tokens by which each of the given numbers may be found, with its place.

    A text like a token may be one, as lists show it where numbers are personal. Raises InputError
    where a number tells nobody apart.
    """
    asked: dict[str, int] = {}
    for place, member in enumerate(members):
        token = tokenise(member, key)
        if token is None:
            raise InputError(
                f"Number {place + 1} of those to erase is empty or masked, so it tells nobody "
                "apart; give it in full."
            )
        asked[token] = place
        if re.fullmatch("[0-9a-f]{32}", member):
            asked.setdefault(member, place)
    return asked


def explain_unknown(place: int, count: int, output: Path) -> str:
    """Return the sentence on a number that nothing holds; the number itself is not in it."""
    which = "the number given" if count == 1 else f"number {place + 1} of the {count} given"
    return (
        f"Nothing retained in {output} holds {which}, and nobody was erased; correct it, or add "
        "--always to keep it out of files to come."
    )


def find_people(
    folder: Path, output: Path, dataset: Dataset, asked: Mapping[str, int], key: Key
) -> tuple[set[int], set[str]]:
    """Return the places of the asked that something holds, and the tokens of all their numbers.

    Merges are followed as the newest files have them, if the data set applies merges.
    """
    found: set[int] = set()
    people: set[str] = set()
    tokens: dict[str, str] = {}
    merges: list[Merge] = []
    newest = list_newest(output)
    for wanted in list_retained(folder, output, dataset):
        try:
            marks = read_marks(output / "landing" / wanted.sha256, wanted.name, wanted.uses)
            for mark in marks:
                label, token = name_label(mark.member, mark.is_personal, key)
                if token in asked:
                    found.add(asked[token])
                    people.add(label)
                    tokens[label] = token
                if isinstance(mark, Merge) and (not newest or wanted.sha256 in newest):
                    merges.append(mark)
        except InputError:
            continue  # it will not be kept
    for label, token in republishing.find_labels(output, asked, key).items():
        found.add(asked[token])
        people.add(label)
        tokens[label] = token
    if dataset.conventions.merges == "ignore":
        return found, set(tokens.values())
    pairs = []
    for merge in merges:
        old, tokens[old] = name_label(merge.member, merge.is_personal, key)
        new, tokens[new] = name_label(merge.target, merge.is_personal, key)
        pairs.append((old, new, merge.date))
    resolved, _ = follow_merges(pairs)
    persons = {resolved.get(label, label) for label in people}
    return found, {
        token for label, token in tokens.items() if token and resolved.get(label, label) in persons
    }


def name_label(cell: str, is_personal: bool, key: Key) -> tuple[str, str]:
    """Return the number that a run makes of a cell, and its token; empty where it is nobody's."""
    forms = list_forms(cell)
    if not forms:
        return "", ""
    token = tokenise(forms[-1], key) or ""
    return (token if is_personal else forms[-1]), token


def list_newest(output: Path) -> set[str]:
    """Return the hashes of the files that the current snapshot was made from."""
    pointer = publishing.read_published(output)
    if pointer.current is None:
        return set()
    manifest = Snapshot(output / "snapshots" / pointer.current).manifest
    return {file["sha256"] for file in manifest["inputs"]}


def list_retained(folder: Path, output: Path, dataset: Dataset) -> list[Wanted]:
    """Return every file in landing with the ways in which it may be read.

    A file is known by the names that snapshots, or the data set's folder, have for it; one that
    nobody knows may be any of the data set's.
    """
    landing = output / "landing"
    names = list_names(output)
    hashes = sorted(path.name for path in landing.glob("*") if not path.name.startswith("."))
    if any(sha256 not in names for sha256 in hashes):
        for path in list_source_files(folder, dataset):
            names.setdefault(hash_file(path), set()).add(path.relative_to(folder).as_posix())
    for entry, settled in load_erasures(output).files.items():
        names.setdefault(settled.kept_as, set()).update(names.get(entry.partition(".")[0], set()))
    sources = [Use(table, source) for table, ones in dataset.files.items() for source in ones]
    wanted = []
    for sha256 in hashes:
        known = sorted(names.get(sha256, set()))
        uses = [
            use
            for use in sources
            if any(PurePosixPath(name).match(use.source.path) for name in known)
        ]
        by_entry: dict[str, list[Use]] = {}
        for use in uses or sources:
            entry = name_entry(landing / sha256, sha256, use.source)
            by_entry.setdefault(entry, []).append(use)
        name = known[0] if known else sha256
        wanted += [Wanted(entry, name, tuple(ways)) for entry, ways in by_entry.items()]
    return wanted


def list_names(output: Path) -> dict[str, set[str]]:
    """Return the names that snapshots have for the files they were made from, by hash."""
    names: dict[str, set[str]] = {}
    for snapshot in republishing.list_retained(output):
        for file in snapshot.manifest["inputs"]:
            names.setdefault(file["sha256"], set()).add(file["name"])
    return names


def list_source_files(folder: Path, dataset: Dataset) -> Iterator[Path]:
    """Yield the files in a data set's folder that its patterns match."""
    for sources in dataset.files.values():
        for source in sources:
            yield from match_files(folder, source.path) or ()  # a run refuses what is no pattern


def carry_out(
    folder: Path, output: Path, dataset: Dataset, tokens: frozenset[str], key: Key
) -> Erased:
    """Erase the people of the tokens; whatever of it was done before is not done again."""
    erasures = load_erasures(output)
    members = erasures.members | tokens
    worker = Worker(output, replace(erasures, members=members, key_id=key.id), key)
    worker.settle_all(list_retained(folder, output, dataset))
    reach_fault_point("erasure_landing_written")
    worker.save()
    reach_fault_point("erasure_ledger_written")
    sweep(output, worker.files)
    now = load_erasures(output)
    note = {"count": len(now.members), "people": now.people_hash}
    sieve = Sieve(now.members, now.orders, key)
    count = republishing.withdraw(output, sieve, note)
    withdraw_quarantined(output / "quarantine", sieve)
    reach_fault_point("erasure_quarantine_written")
    (output / PENDING).unlink(missing_ok=True)
    publishing.sync(output)
    return Erased(len(tokens), worker.rewritten_count, count)


def name_sheet(sha256: str, source: FileSource) -> str:
    """Return the ledger's name for a workbook that is read at one of its sheets."""
    if source.sheet is None and source.header_row == 1:
        return sha256
    return f"{sha256}.{hash_json([source.sheet, source.header_row])[:8]}"


def name_entry(path: Path, sha256: str, source: FileSource) -> str:
    """Return the ledger's name for a file as a source reads it; text has one way to be read."""
    is_sheeted = path.exists() and identify(path) in (FileKind.XLSX, FileKind.HTML)
    return name_sheet(sha256, source) if is_sheeted else sha256


def hash_json(content: Any) -> str:
    """Return the sha256 of what can be written as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sweep(output: Path, files: Mapping[str, Settled], unread: Iterable[str] = ()) -> None:
    """Remove every landed file that the ledger does not keep, and what was read from it."""
    kept = {settled.kept_as for settled in files.values()} | set(unread)
    for path in (output / "landing").glob("*"):
        if path.name not in kept:
            for place in ("parsed", "quarantine/rows"):
                for copy in (output / place).glob(f"{path.name}-*"):
                    copy.unlink()
            path.unlink()


class Worker:
    """Looks through landed files for erased people, and keeps the ledger of what became of them."""

    def __init__(self, output: Path, erasures: Erasures, key: Key) -> None:
        self.output = output
        self.landing = output / "landing"
        self.erasures = erasures
        self.key = key
        self.files = dict(erasures.files)
        self.orders = erasures.orders
        self.rewritten_count = 0
        self.unread: set[str] = set()

    def name_entry(self, sha256: str, source: FileSource) -> str:
        """Return the ledger's name for a file that has come, which may be kept under another."""
        sheet = name_sheet(sha256, source)
        if sheet in self.files or sha256 in self.files:
            return sheet if sheet in self.files else sha256
        return name_entry(self.landing / sha256, sha256, source)

    def settle_all(self, wanted: Iterable[Wanted]) -> None:
        """Look through files until no order of an erased person is new."""
        files = sorted(wanted, key=lambda file: (not file.has_orders, file.entry))
        while True:
            known = self.orders
            for file in files:
                try:
                    self.settle(file)
                except InputError:
                    self.unread.add(file.sha256)
            if self.orders == known:
                return

    def settle(self, file: Wanted) -> None:
        """Look through one file, unless it was for the same people, and write it anew if needed."""
        settled = self.files.get(file.entry)
        start = settled.kept_as if settled is not None else file.sha256
        if not (self.landing / start).exists():
            start = file.sha256
        elif settled is not None and settled.checked == self.sign(file):
            return
        sieve = Sieve(self.erasures.members, self.orders, self.key)
        part = self.landing / f".{start}.erased.part"
        kept = start
        if rewrite(self.landing / start, file.name, file.uses, sieve, part):
            flush(part)
            kept = hash_file(part)
            part.replace(self.landing / kept)
            publishing.sync(self.landing)
            self.rewritten_count += kept != start
        else:
            part.unlink(missing_ok=True)
        checked = self.sign(file)
        self.orders = sieve.list_order_tokens()
        self.record(file.entry, start, Settled(kept, checked))

    def record(self, entry: str, start: str, settled: Settled) -> None:
        """Enter what became of a file under its own name and those it had before."""
        for other, before in self.files.items():
            if before.kept_as == start and other.partition(".")[1] == entry.partition(".")[1]:
                self.files[other] = replace(before, kept_as=settled.kept_as)
        self.files[entry] = settled
        self.files[settled.kept_as] = settled

    def sign(self, file: Wanted) -> str:
        """Return the signature of what a file is looked through for, and how it is read."""
        orders = sorted(self.orders) if file.has_orders else []
        people = [REWRITING_VERSION, sorted(self.erasures.members), orders]
        uses = sorted(
            json.dumps([use.key_table, use.source.model_dump(mode="json")], sort_keys=True)
            for use in file.uses
        )
        return hash_json([people, uses])[:16]

    def save(self) -> None:
        """Write the ledger, unless it says this already."""
        now = replace(self.erasures, orders=self.orders, files=self.files)
        if now != load_erasures(self.output):
            write_erasures(self.output, now)

    def redirect(self, file: LandedFile) -> LandedFile:
        """Return a landed file as it is kept, or as it came where it cannot be looked through."""
        settled = self.files.get(self.name_entry(file.sha256, file.source))
        if settled is None:
            return file
        path = self.landing / settled.kept_as
        return replace(file, sha256=path.name, size_bytes=path.stat().st_size, path=path)
