"""Which table a file fills: by an export profile where one knows its header, else by synonyms.

How files of one kind come together under one pattern stands in
`pipelines.ingest.discovery.proposals`.
"""

from dataclasses import dataclass

from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import FileSource
from pipelines.errors import InputError
from pipelines.exports import Profile, load_profiles
from pipelines.ingest.cells import CellRules, read_typed
from pipelines.ingest.discovery.files import FoundFile
from pipelines.ingest.discovery.names import (
    choose_identity,
    find_identity,
    is_personal,
    list_synonyms,
    simplify_name,
)
from pipelines.ingest.discovery.synonyms import (
    EVIDENCE,
    FOREIGN_KEYS,
    IDENTITY_EVIDENCE,
    NAME_HINTS,
)
from pipelines.ingest.profiles import choose, lay_out, recognise

HINT_WEIGHT = 3
UTC = CellRules("UTC")


@dataclass(frozen=True)
class Guess:
    """The table that a file seems to fill, as which profile or with which mapping, and why.

    `columns` maps canonical columns to columns of the file and is empty with a profile;
    `telling` are the columns that gave the profile away.
    """

    table: str
    score: int
    columns: dict[str, str]
    profile: str | None = None
    telling: tuple[str, ...] = ()


def guess_profile(file: FoundFile) -> Guess | None:
    """Return the most telling profile that a file's header meets in all that it needs."""
    header = list(file.columns)
    for name in recognise(header):
        profile = load_profiles()[name]
        source = FileSource(path="any", profile=name)
        try:
            for table in profile.tables:
                lay_out(table, profile.table, file.path.name, source, header)
        except InputError:
            continue
        telling = [column for choice in profile.recognised_by for column in choose(choice, header)]
        return Guess(profile.table, len(profile.recognised_by), {}, name, tuple(telling))
    return None


def guess_table(file: FoundFile, identity: str | None = None) -> Guess | None:
    """Return the table that a file's names speak for most, or None where it fills none.

    `identity` is the kind by which the orders know their members.
    """
    best: Guess | None = None
    stem = simplify_name(file.path.stem)
    if file.sheet is not None:
        stem += simplify_name(file.sheet)
    for table, canonical in CANONICAL_TABLES.items():
        matched = match_columns(file, table, identity)
        if find_missing(table, matched):
            continue
        if table in EVIDENCE and not any(column in matched for column in EVIDENCE[table]):
            continue
        if any(has_key(file, key) for key in FOREIGN_KEYS.get(table, ())):
            continue
        hinted = any(simplify_name(hint) in stem for hint in NAME_HINTS.get(table, ()))
        known = [column for column in matched if column in canonical.columns]
        guess = Guess(table, len(known) + (HINT_WEIGHT if hinted else 0), matched)
        if best is None or guess.score > best.score:
            best = guess
    return best


def match_columns(file: FoundFile, table: str, identity: str | None = None) -> dict[str, str]:
    """Return canonical column: column of the file, for each that the names let one guess.

    Left out are columns that stand twice and types that cannot hold the values. A personal column
    is matched only as the member key: where there is no other, or where it is the `identity` that
    the orders know their members by.
    """
    usable, personal = list_usable(file, table)
    matched: dict[str, str] = {}
    for column, wanted in CANONICAL_TABLES[table].columns.items():
        for simple in list_synonyms(table, column):
            source = usable.get(simple)
            if source is None or source in matched.values():
                continue
            if file.schema is not None:
                kind = file.schema.field(source).type
                if read_typed(source, kind, wanted, UTC) is None:
                    continue
            matched[column] = source
            break
    may_be_token = table == "orders" or any(column in matched for column in IDENTITY_EVIDENCE)
    if table in ("orders", "members") and may_be_token:
        found = choose_identity(personal.values(), identity)
        if found is not None and (identity is not None or "member_id" not in matched):
            matched["member_id"] = found
    order = list(CANONICAL_TABLES[table].columns)
    return {column: matched[column] for column in sorted(matched, key=order.index)}


def list_usable(file: FoundFile, table: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return simplified name: column, of the columns that stand once: others, and personal ones."""
    usable: dict[str, str] = {}
    personal: dict[str, str] = {}
    for name in file.columns:
        if name.strip() and file.columns.count(name) == 1:
            place = personal if is_personal(name, table) else usable
            place.setdefault(simplify_name(name), name)
    return usable, personal


def guess_files(files: list[FoundFile]) -> dict[FoundFile, Guess]:
    """Return what each file most likely is; left out are those that fill no table.

    Where the orders know their members by an identity, a member file is read by the same one.
    """
    guesses: dict[FoundFile, Guess] = {}
    for file in files:
        guess = guess_profile(file) or guess_table(file)
        if guess is not None:
            guesses[file] = guess
    keys = [find_key(file, guess) for file, guess in guesses.items() if guess.table == "orders"]
    identity = next((kind for key in keys if key and (kind := find_identity(key))), None)
    for file, guess in guesses.items():
        if identity is not None and guess.table == "members" and guess.profile is None:
            guesses[file] = guess_table(file, identity) or guess
    return guesses


def find_key(file: FoundFile, guess: Guess) -> str | None:
    """Return the column of a file that tells the member."""
    if guess.profile is None:
        return guess.columns.get("member_id")
    keys = list_profile_keys(load_profiles()[guess.profile], list(file.columns))
    return keys[0] if keys else None


def find_closest(file: FoundFile) -> tuple[str, list[str]] | None:
    """Return the table that a file almost fills, and the columns that it seems not to have."""
    stem = simplify_name(file.path.stem)
    close = []
    for table in CANONICAL_TABLES:
        matched = match_columns(file, table)
        missing = find_missing(table, matched)
        hinted = any(simplify_name(hint) in stem for hint in NAME_HINTS.get(table, ()))
        if missing and matched and (hinted or len(matched) > len(missing)):
            close.append((not hinted, len(missing), -len(matched), table, missing))
    return min(close)[3:] if close else None


def has_key(file: FoundFile, key: str) -> bool:
    """Whether a file has a column that is called like a key."""
    names = set(list_synonyms("", key))
    return any(simplify_name(column) in names for column in file.columns)


def find_missing(table: str, matched: dict[str, str]) -> list[str]:
    """Return the columns that a table needs and the file seems not to have."""
    canonical = CANONICAL_TABLES[table]
    missing = [
        column
        for column, wanted in canonical.columns.items()
        if wanted.required and column not in matched
    ]
    if canonical.needs_time and canonical.dated is not None:
        times = canonical.dated[1]
        if not any(time in matched for time in times):
            missing.append(" or ".join(times))
    return missing


def list_personal(profile: Profile | None, columns: tuple[str, ...], table: str) -> list[str]:
    """Return the columns of a header that hold something about a person."""
    if profile is not None:
        named = {name.strip() for name in profile.personal}
        return [name for name in dict.fromkeys(columns) if name in named]
    return [name for name in dict.fromkeys(columns) if name.strip() and is_personal(name, table)]


def list_profile_keys(profile: Profile, header: list[str]) -> tuple[str, ...]:
    """Return the columns that a profile reads as the member's key, best first."""
    for layout in profile.tables.values():
        choice = layout.columns.get("member_id")
        if choice is not None and choose(choice, header):
            return choose(choice, header)
    return ()


def list_profile_columns(profile: Profile) -> set[str]:
    """Return every column that a profile reads, under each name it has had."""
    layouts = profile.tables.values()
    used = {name for layout in layouts for names in layout.list_read().values() for name in names}
    used |= {layout.filled for layout in layouts if layout.filled}
    return {name.strip() for name in used}
