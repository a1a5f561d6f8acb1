"""What dataset.yaml could say: files of one kind under one pattern, and the table that they fill.

What one file is stands in `pipelines.ingest.discovery.guesses`; what its values add in
`pipelines.ingest.discovery.contents`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path

from pipelines.canonical import CANONICAL_TABLES
from pipelines.errors import InputError
from pipelines.exports import DateOrder, load_profiles
from pipelines.ingest.discovery.files import FoundFile
from pipelines.ingest.discovery.guesses import (
    Guess,
    guess_files,
    list_personal,
    list_profile_columns,
    list_profile_keys,
)
from pipelines.ingest.landing import find_export_date
from pipelines.ingest.profiles import choose

DATE_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)(?P<gap>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=gap)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)


@dataclass(frozen=True)
class Proposal:
    """Files of one kind under one pattern, the table that they fill, and what their values add.

    `keys` are the columns that tell the member, `ignored` those that nobody reads; `may_be_full`
    says that each file looks like the one before with more rows.
    """

    pattern: str
    files: tuple[FoundFile, ...]
    guess: Guess
    keys: tuple[str, ...]
    personal: tuple[str, ...]
    ignored: tuple[str, ...]
    export_date: str | None = None
    date_order: DateOrder | None = None
    statuses: dict[str, list[str]] = field(default_factory=dict)
    unexplained: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    may_be_full: bool = False

    @property
    def table(self) -> str:
        """The table under which dataset.yaml names the files."""
        return self.guess.table

    @property
    def tables(self) -> list[str]:
        """Every table that the files fill, their own first."""
        if self.guess.profile is None:
            return [self.table]
        filled = load_profiles()[self.guess.profile].tables
        return [self.table, *(name for name in filled if name != self.table)]

    @property
    def has_token(self) -> bool:
        """Whether the member's key is personal and becomes a token."""
        return any(key in self.personal for key in self.keys)

    def find_columns(self, table: str, column: str) -> tuple[str, ...]:
        """Return the columns of the files' header that fill a canonical column."""
        return find_columns(self.guess, list(list_headers(self.files)), table, column)


def find_columns(guess: Guess, header: list[str], table: str, column: str) -> tuple[str, ...]:
    """Return the columns of a header that fill a canonical column."""
    if guess.profile is None:
        name = guess.columns.get(column) if table == guess.table else None
        return (name,) if name is not None else ()
    layout = load_profiles()[guess.profile].tables.get(table)
    choice = layout.columns.get(column) if layout is not None else None
    return choose(choice, header) if choice is not None else ()


def choose_proposals(
    folder: Path, files: list[FoundFile]
) -> tuple[dict[str, list[Proposal]], list[tuple[FoundFile, str | None]]]:
    """Return the proposals for each table, and the files not used, with the one that was preferred.

    Every export that a profile knows is proposed, and one shape of those that only their names
    speak for.
    """
    kinds: dict[tuple[object, ...], list[FoundFile]] = {}
    guesses = guess_files(files)
    others: list[tuple[FoundFile, str | None]] = [
        (file, None) for file in files if file not in guesses
    ]
    for file, guess in guesses.items():
        shape = guess.profile or (tuple(sorted(file.columns)), file.schema is not None)
        kinds.setdefault((guess.table, shape, file.sheet, file.header_row), []).append(file)
    chosen: dict[str, list[Proposal]] = {}
    for table in CANONICAL_TABLES:
        groups = [
            [
                describe_group(pattern, group, guesses[group[0]])
                for pattern, group in group_files(folder, alike)
            ]
            for (of_table, *_), alike in kinds.items()
            if of_table == table
        ]
        known = [group for group in groups if group[0].guess.profile is not None]
        guessed = sorted((group for group in groups if group not in known), key=rank_group)
        taken = known or guessed[:1]
        if taken:
            chosen[table] = [proposal for group in taken for proposal in group]
        best = chosen[table][0].pattern if taken else None
        left = [group for group in guessed if group not in taken]
        others += [(file, best) for group in left for one in group for file in one.files]
    return chosen, sorted(others, key=lambda other: (other[0].path.name, other[0].sheet or ""))


def rank_group(group: list[Proposal]) -> tuple[int, int, str]:
    """Return what sorts the best of several shapes first."""
    count = sum(len(proposal.files) for proposal in group)
    return -group[0].guess.score, -count, group[0].pattern


def group_files(folder: Path, files: list[FoundFile]) -> Iterator[tuple[str, list[FoundFile]]]:
    """Yield patterns, each with the files of one kind that it and nothing else matches."""
    pattern = find_pattern(folder, files)
    if pattern is not None:
        yield pattern, files
        return
    alike: dict[str, list[FoundFile]] = {}
    for file in files:
        alike.setdefault(re.sub(r"\d+", "0", file.path.name), []).append(file)
    for group in alike.values():
        shared = find_pattern(folder, group)
        if shared is not None:
            yield shared, group
        else:
            for file in group:
                yield escape(file.path.name), [file]


def find_pattern(folder: Path, files: list[FoundFile]) -> str | None:
    """Return a pattern for exactly these files whose names begin alike, or None.

    The pattern of one file whose name holds a date takes in the ones of other dates.
    """
    names = [file.path.name for file in files]
    if len(names) == 1:
        dated = DATE_IN_NAME.search(names[0])
        if dated is not None and re.search(r"[^\W\d_]", names[0][: dated.start()]):
            pattern = f"{escape(names[0][: dated.start()])}*{escape(names[0][dated.end() :])}"
            if matches_only(folder, pattern, names):
                return pattern
        return escape(names[0])
    start = find_common_start(names)
    end = find_common_start([name[len(start) :][::-1] for name in names])[::-1]
    trimmed = re.sub(r"\d[\d.\-_]*$", "", start), re.sub(r"^[\d\-_]+", "", end)
    for first, last in (trimmed, (start, end)):
        if not re.search(r"[^\W\d_]", first):
            continue
        pattern = f"{escape(first)}*{escape(last)}"
        if matches_only(folder, pattern, names):
            return pattern
    return None


def matches_only(folder: Path, pattern: str, names: list[str]) -> bool:
    """Whether a pattern matches the files of these names and no other."""
    return sorted(path.name for path in folder.glob(pattern)) == sorted(names)


def find_common_start(names: list[str]) -> str:
    """Return the letters with which all names begin."""
    first, last = min(names), max(names)
    different = (i for i, letter in enumerate(first) if not last.startswith(letter, i))
    return first[: next(different, len(first))]


def propose_export_date(names: list[str]) -> str | None:
    """Return how the file names date the export, or None where one of them tells no date.

    A name with two dates tells a period, not when it was exported.
    """
    found = list(DATE_IN_NAME.finditer(names[0]))
    if len(found) != 1 or "%" in names[0]:
        return None
    before, after = names[0][: found[0].start()], names[0][found[0].end() :]
    date = found[0]["gap"].join(("%Y", "%m", "%d"))
    for pattern in (f"{before}{date}{after}", f"{before}{date}*"):
        try:
            for name in names:
                find_export_date(pattern, name)
        except InputError:
            continue
        return pattern
    return None


def list_headers(files: Iterable[FoundFile]) -> tuple[str, ...]:
    """Return every column name of files, of all their layouts, once."""
    names = (name for file in files for name in file.columns)
    return tuple(dict.fromkeys(name for name in names if name.strip()))


def describe_group(pattern: str, files: list[FoundFile], guess: Guess) -> Proposal:
    """Return a proposal with the member key, the personal and the unused columns of its files."""
    header = list_headers(files)
    if guess.profile is not None:
        profile = load_profiles()[guess.profile]
        personal, used = list_personal(profile, header, guess.table), list_profile_columns(profile)
        found = [key for file in files for key in list_profile_keys(profile, list(file.columns))]
        keys = tuple(dict.fromkeys(found))
    else:
        personal, used = list_personal(None, header, guess.table), set(guess.columns.values())
        keys = tuple(guess.columns[key] for key in ("member_id",) if key in guess.columns)
    ignored = [name for name in dict.fromkeys(header) if name not in {*used, *personal}]
    names = [file.path.name for file in files]
    is_dated = guess.table == "orders"
    return Proposal(
        pattern,
        tuple(files),
        guess,
        keys,
        tuple(personal),
        tuple(ignored),
        export_date=propose_export_date(names) if is_dated else None,
    )
