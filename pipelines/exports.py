"""Export profiles: what one export of one system looks like, as data, one YAML file each.

Which files of a shop follow which profile is said in its dataset.yaml; how a profile meets a file's
header stands in `pipelines.ingest.profiles`.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from pipelines.canonical import CANONICAL_TABLES, LogicalType
from pipelines.documents import Settings, explain_validation, read_yaml
from pipelines.errors import InputError

PROFILES = Path(__file__).parent / "profiles"
DateOrder = Literal["ymd", "dmy", "mdy"]
StatusClass = Literal["created", "paid", "shipped", "done", "refunded", "cancelled", "test"]
OrderKind = Literal[
    "sale",
    "deposit",
    "balance",
    "gift_card",
    "stored_value",
    "voucher",
    "trade_in",
    "exchange",
    "return",
]
# How rows of a file become rows of a table. each: one row is one; filled: the row is one where a
# column is filled, else it continues the order; repeated: rows repeat the order they belong to;
# negative and not_negative: rows below zero are refunds, with the sign turned, the others orders.
RowRule = Literal["each", "filled", "repeated", "negative", "not_negative"]


class FirstFilled(Settings):
    """Columns of which each row gives the first that is filled."""

    first_filled: list[str] = Field(min_length=2)


# A column of the file; a list of names it has had, the first that the header holds; or several.
Choice = str | list[str] | FirstFilled


class Overruling(Settings):
    """A column that goes before another wherever it holds one of some words."""

    column: str
    words: list[str] = Field(min_length=1)


class TableLayout(Settings):
    """How the rows of a file fill one canonical table."""

    rows: RowRule = "each"
    filled: str | None = Field(
        default=None, description="rows: filled: the column that tells that a row is one."
    )
    columns: dict[str, Choice] = Field(description="Canonical column: column of the file.")
    constants: dict[str, str] = Field(
        default_factory=dict, description="Canonical column: the text that every row has."
    )
    times: dict[str, Choice] = Field(
        default_factory=dict,
        description="Canonical amount: the column it is multiplied by, as a price by a quantity.",
    )
    minus: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Canonical amount: the columns taken off it, as shipping. Nothing is taken off"
        " zero or less, and what is left is not below zero.",
    )
    overruled_by: dict[str, Overruling] = Field(
        default_factory=dict,
        description="Canonical text: a column that counts instead where it holds given words.",
    )

    @model_validator(mode="after")
    def name_what_the_rule_needs(self) -> "TableLayout":
        """Refuse a rule without its column, and arithmetic on a column that is not filled."""
        if (self.rows == "filled") != (self.filled is not None):
            raise ValueError("rows: filled and the key filled belong together")
        for column in (*self.times, *self.minus, *self.overruled_by):
            if column not in self.columns:
                raise ValueError(f"{column} is changed, but no column fills it")
        return self

    def list_read(self) -> dict[str, set[str]]:
        """Return every name of a column that each canonical column is read from."""
        read = {name: set(list_names(choice)) for name, choice in self.columns.items()}
        for name, choice in self.times.items():
            read[name] |= set(list_names(choice))
        for name, columns in self.minus.items():
            read[name] |= set(columns)
        for name, overruling in self.overruled_by.items():
            read[name].add(overruling.column)
        return read


class CellSettings(Settings):
    """What the cells of an export need before they are read."""

    empty: list[str] = Field(default_factory=list, description="More texts that mean empty.")
    has_apostrophes: bool = Field(
        default=False, description="A leading apostrophe marks text and is no part of it."
    )
    date_order: DateOrder = "ymd"
    excel_serials: bool = Field(default=False, description="Numbers in dates are Excel's serials.")
    before_bracket: list[str] = Field(
        default_factory=list, description="Columns of which only the text before a bracket counts."
    )


class Profile(Settings):
    """One export of one system."""

    title: dict[Literal["en", "zh"], str]
    about: dict[Literal["en", "zh"], str] = Field(
        default_factory=dict, description="What a person must know who uses it."
    )
    table: str = Field(description="The canonical table under which dataset.yaml names the files.")
    recognised_by: list[Choice] = Field(
        min_length=1, description="Columns that together tell the export from every other."
    )
    tables: dict[str, TableLayout]
    cells: CellSettings = CellSettings()
    statuses: dict[StatusClass, list[str]] = Field(default_factory=dict)
    order_kinds: dict[OrderKind, list[str]] = Field(default_factory=dict)
    personal: list[str] = Field(
        default_factory=list, description="Columns that hold something about a person."
    )

    @model_validator(mode="after")
    def name_known_tables_and_columns(self) -> "Profile":
        """Refuse tables and columns that nobody knows, and personal columns read as they are."""
        if self.table not in self.tables:
            raise ValueError(f"tables: {self.table} is the table of the profile and is missing")
        for name, layout in self.tables.items():
            if name not in CANONICAL_TABLES:
                raise ValueError(f"tables: {name!r} is no canonical table")
            known = CANONICAL_TABLES[name].columns
            for column in (*layout.columns, *layout.constants):
                if column not in known:
                    raise ValueError(f"tables.{name}: {column!r} is not one of {', '.join(known)}")
            for column in (*layout.times, *layout.minus):
                if known[column].type is not LogicalType.MONEY:
                    raise ValueError(f"tables.{name}.{column} is no amount to calculate with")
            for column, names in layout.list_read().items():
                is_personal = bool(set(self.personal) & names)
                if is_personal and known[column].type is not LogicalType.ID:
                    raise ValueError(
                        f"tables.{name}.{column} would read a personal column; only ids can, as"
                        " tokens"
                    )
        return self


def list_names(choice: Choice) -> list[str]:
    """Return every column name of a choice."""
    if isinstance(choice, FirstFilled):
        return choice.first_filled
    return [choice] if isinstance(choice, str) else choice


@cache
def load_profiles() -> dict[str, Profile]:
    """Return every profile by its name, which is the name of its file."""
    return {path.stem: load_profile(path) for path in sorted(PROFILES.glob("*.yaml"))}


def load_profile(path: Path) -> Profile:
    """Read one profile.

    Raises InputError with file, line, key, what was found and what to do.
    """
    content, nodes = read_yaml(path)
    try:
        return Profile.model_validate(content)
    except ValidationError as error:
        raise InputError(explain_validation(path, nodes, error)) from error
