"""Where a profile or mapping meets a file's header: which column of the file fills which column.

What an export looks like stands in `pipelines/profiles`; how a cell is read in
`pipelines.ingest.cells`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict

from pipelines.canonical import CANONICAL_TABLES, LogicalType
from pipelines.dataset import Dataset, FileSource
from pipelines.errors import InputError
from pipelines.exports import (
    CellSettings,
    Choice,
    FirstFilled,
    Profile,
    RowRule,
    TableLayout,
    load_profiles,
)

LONGEST_NAME, MOST_NAMES = 40, 60
# Ids, phones, dates, times, amounts, addresses of mail: what no column is called.
DATA = re.compile(r"\d{5}|\d[-/.]\d{1,2}[-/.]\d|\d:\d\d|^\D?\d+\.\d+$|@")


@dataclass(frozen=True)
class Layout:
    """How the rows of one file become rows of one table.

    `columns` names, for each canonical column, the columns of the file of which the first filled
    one counts; `filled` the column that the rule `filled` looks at. An amount is its column, times
    that of `times`, less those of `minus`, whose empty cells are zero: nothing is taken off zero or
    less, and what is left is not below zero. `overruled` names for a text the column whose cell
    counts instead where it is one of the words.
    """

    table: str
    columns: dict[str, tuple[str, ...]]
    rows: RowRule = "each"
    filled: str | None = None
    constants: dict[str, str] = field(default_factory=dict)
    cells: CellSettings = field(default_factory=CellSettings)
    personal: frozenset[str] = frozenset()
    times: dict[str, str] = field(default_factory=dict)
    minus: dict[str, list[str]] = field(default_factory=dict)
    overruled: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def has_tokens(self) -> bool:
        """Whether an id of the table is personal, so that it becomes a token."""
        return any(name in self.personal for names in self.columns.values() for name in names)


@dataclass(frozen=True)
class Place:
    """Where a file stands: its name, and the key of dataset.yaml to correct."""

    name: str
    key: str


def find_profile(source: FileSource) -> Profile | None:
    """Return the profile that a source follows."""
    return load_profiles()[source.profile] if source.profile is not None else None


def list_filled_tables(table: str, source: FileSource) -> list[str]:
    """Return the tables that a source's files fill, that under which it stands first."""
    profile = find_profile(source)
    tables = [table, *(name for name in (profile.tables if profile else ()) if name != table)]
    if table == "orders" and source.negative_amounts == "refund" and "refunds" not in tables:
        tables.append("refunds")
    return tables


def lay_out(table: str, key_table: str, name: str, source: FileSource, header: list[str]) -> Layout:
    """Return how a file's rows fill `table`; the source stands under files.`key_table`.

    Raises InputError where a mapped or required column is missing, or stands twice.
    """
    place = Place(name, f"files.{key_table}")
    profile = find_profile(source)
    table_layout = profile.tables.get(table) if profile else None
    choices: dict[str, Choice] = dict(table_layout.columns) if table_layout else {}
    if table == key_table:
        choices |= source.columns
    personal = {*source.personal, *(profile.personal if profile else ())}
    personal = {column.strip() for column in personal}
    if table_layout is None and table == "refunds" and key_table == "orders":
        return turn_negative_orders(lay_out("orders", "orders", name, source, header))
    if not choices:
        known = CANONICAL_TABLES[table].columns
        choices = {
            name: name
            for name, column in known.items()
            if name in header and (name not in personal or column.type is LogicalType.ID)
        }
    if table == "orders":
        choices |= source.own_columns
    optional = set(table_layout.columns) - set(source.columns) if table_layout else set()
    columns: dict[str, tuple[str, ...]] = {}
    own_constants = source.constants if table == key_table else {}
    for canonical, choice in choices.items():
        if canonical not in CANONICAL_TABLES[table].columns or canonical in own_constants:
            continue
        found = choose(choice, header)
        if found:
            columns[canonical] = found
            refuse_doubles(place, canonical, found, header)
        elif canonical not in optional or CANONICAL_TABLES[table].columns[canonical].required:
            is_own = table == "orders" and canonical in source.own_columns
            key = "scopes" if is_own else f"{place.key}.columns"
            raise InputError(
                f"{name}, line 1: there is no column {describe(choice)} for {canonical}; "
                f"{tell_columns(header)}. Correct {key} in dataset.yaml."
            )
    constants = dict(table_layout.constants) if table_layout else {}
    constants = {name: text for name, text in constants.items() if name not in columns}
    constants |= own_constants
    refuse_gaps(place, table, {*columns, *constants}, header)
    cells = profile.cells if profile else CellSettings()
    rows: RowRule = table_layout.rows if table_layout else "each"
    if table == "orders" and source.negative_amounts == "refund" and rows == "each":
        rows = "not_negative"
    filled = choose(table_layout.filled, header) if table_layout and table_layout.filled else ()
    if table_layout and table_layout.filled and not filled:
        raise InputError(
            f"{name}, line 1: there is no column {table_layout.filled!r}, which tells the first row"
            f" of an order; {tell_columns(header)}. Correct {place.key}.profile."
        )
    return Layout(
        table,
        columns,
        rows,
        filled[0] if filled else None,
        constants,
        cells.model_copy(
            update={
                "empty": [*cells.empty, *source.empty],
                "date_order": source.date_order or cells.date_order,
                "excel_serials": source.excel_serials or cells.excel_serials,
            }
        ),
        frozenset(personal),
        **change_values(place, table_layout, columns, set(source.columns), header),
    )


class Changes(TypedDict):
    """What a layout changes in the values that it reads."""

    times: dict[str, str]
    minus: dict[str, list[str]]
    overruled: dict[str, tuple[str, tuple[str, ...]]]


def change_values(
    place: Place,
    layout: TableLayout | None,
    columns: dict[str, tuple[str, ...]],
    remapped: set[str],
    header: list[str],
) -> Changes:
    """Return what is done to values, for the columns that the header holds.

    A column that the data set maps itself is read as it is. Raises InputError where a column that
    is needed stands twice; without the column to multiply by there is no amount.
    """
    changes = Changes(times={}, minus={}, overruled={})
    if layout is None:
        return changes
    for name, choice in layout.times.items():
        if name in columns and name not in remapped:
            factor = choose(choice, header)
            if factor:
                changes["times"][name] = factor[0]
            else:
                del columns[name]
    for name, names in layout.minus.items():
        found = [column for wanted in names for column in choose(wanted, header)]
        if name in columns and name not in remapped and found:
            changes["minus"][name] = found
    for name, overruling in layout.overruled_by.items():
        found = list(choose(overruling.column, header))
        if name in columns and name not in remapped and found:
            changes["overruled"][name] = (found[0], tuple(overruling.words))
    for name, factor_name in changes["times"].items():
        refuse_doubles(place, name, (factor_name,), header)
    for name, taken in changes["minus"].items():
        refuse_doubles(place, name, tuple(taken), header)
    for name, (column, _) in changes["overruled"].items():
        refuse_doubles(place, name, (column,), header)
    return changes


def turn_negative_orders(orders: Layout) -> Layout:
    """Return how the orders below zero of a file become refunds of the order of that number."""
    times = [time for time in ("paid_at", "created_at") if time in orders.columns]
    columns = {
        "order_id": orders.columns["order_id"],
        "refunded_at": tuple(name for time in times for name in orders.columns[time]),
        "amount": orders.columns["paid_amount"],
    }
    return Layout("refunds", columns, "negative", None, {}, orders.cells, orders.personal)


def choose(choice: Choice, header: list[str]) -> tuple[str, ...]:
    """Return the columns of the header that a choice means, none where it has none of them."""
    if isinstance(choice, FirstFilled):
        return tuple(name for name in map(str.strip, choice.first_filled) if name in header)
    names = [choice] if isinstance(choice, str) else choice
    for name in names:
        found = name if name in header else name.strip()
        if found in header:
            return (found,)
    return ()


def describe(choice: Choice) -> str:
    """Return a choice in words."""
    names = choice.first_filled if isinstance(choice, FirstFilled) else choice
    return repr(names) if isinstance(names, str) else " or ".join(repr(name) for name in names)


def refuse_doubles(place: Place, canonical: str, names: tuple[str, ...], header: list[str]) -> None:
    """Raise InputError where a column that is read stands twice in the header."""
    for name in names:
        if header.count(name) > 1:
            raise InputError(
                f"{place.name}, line 1: {header.count(name)} columns are called {name!r}, "
                f"so {canonical} could be any of them; rename all but one."
            )


def refuse_gaps(place: Place, table: str, given: set[str], header: list[str]) -> None:
    """Raise InputError where a required column, or every time of a dated table, is missing."""
    canonical = CANONICAL_TABLES[table]
    wanted = [name for name, column in canonical.columns.items() if column.required]
    missing = [name for name in wanted if name not in given]
    times = canonical.dated[1] if canonical.dated is not None and canonical.needs_time else ()
    if times and not given & set(times):
        missing.append(" or ".join(times))
    if missing:
        raise InputError(
            f"{place.name}, line 1: there is no column for {missing[0]}; "
            f"{tell_columns(header)}. Name it in {place.key}.columns in dataset.yaml."
        )


def tell_columns(header: list[str]) -> str:
    """Return what the columns are, in words of one sentence.

    An export without a header begins with somebody's order, of which nothing may be told.
    """
    if any(DATA.search(name) for name in header):
        return "the first row looks like data and not like names of columns"
    names = [" ".join(name.split())[:LONGEST_NAME] for name in header[:MOST_NAMES]]
    more = f" and {len(header) - MOST_NAMES} more" if len(header) > MOST_NAMES else ""
    return f"the columns are {', '.join(names)}{more}"


def recognise(header: list[str]) -> list[str]:
    """Return the profiles that an export with this header may follow, the most telling first."""
    found = [
        (-len(profile.recognised_by), name)
        for name, profile in load_profiles().items()
        if all(choose(choice, header) for choice in profile.recognised_by)
    ]
    return [name for _, name in sorted(found)]


def iterate_words(dataset: Dataset, key: str) -> Iterator[tuple[str, str]]:
    """Yield (word, class) of each source's profile, then of the source itself, which goes before.

    `key` is statuses or order_kinds.
    """
    for sources in dataset.files.values():
        for source in sources:
            profile = find_profile(source)
            for words in (getattr(profile, key) if profile else {}, getattr(source, key)):
                for meaning, texts in words.items():
                    for text in texts:
                        yield text, meaning


def list_status_words(dataset: Dataset) -> dict[str, str]:
    """Return the class of each status word that the data set or its profiles explain."""
    return dict(iterate_words(dataset, "statuses"))


def list_kind_words(dataset: Dataset) -> dict[str, str]:
    """Return the order kind of each word that the data set or its profiles explain."""
    return dict(iterate_words(dataset, "order_kinds"))
