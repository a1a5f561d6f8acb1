"""A data set's `dataset.yaml`: its grammar, and the errors that say where a file departs from it.

What the settings do to a number stands in the models; nothing here reads an order.
"""

import datetime
import itertools
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from pipelines.canonical import CANONICAL_TABLES, LogicalType
from pipelines.documents import Settings, explain_validation, read_yaml, refuse_at
from pipelines.errors import InputError
from pipelines.exports import DateOrder, OrderKind, StatusClass, load_profiles
from pipelines.holidays import is_known_country

# What stands in a data set's folder beside its data: its settings, and what a person promoted.
CUTS = "cuts.yaml"
SETTINGS_FILES = ("dataset.yaml", CUTS)
Language = Literal["zh", "en"]
ScopeType = Literal["store", "channel", "brand", "city", "region", "store_type"]
# Columns of the orders that hold the data set's own dimensions.
OWN_SCOPES = ("scope_1", "scope_2", "scope_3")
# Names in the time zone database that mean whatever a machine is set to, or nothing.
NO_ZONES = {"localtime", "Factory", "posixrules"}
# Files of no system that has a profile: their columns are mapped.
GENERIC = "generic"
# What a constant may be; an amount or a time that is the same on every row is a slip.
WORDS = (LogicalType.ID, LogicalType.TEXT)


@cache
def list_zones() -> set[str]:
    """Return the names of all time zones; looking them up takes long."""
    return available_timezones() - NO_ZONES


def refuse_repeats(entries: list[str]) -> list[str]:
    """Refuse an entry that stands twice; it would count twice."""
    repeated = next((entry for entry in entries if entries.count(entry) > 1), None)
    if repeated is not None:
        raise ValueError(f"{repeated!r} stands twice; remove one")
    return entries


def wrap_one(sources: Any) -> Any:
    """Return a list where one entry stands alone."""
    return [sources] if isinstance(sources, dict) else sources


class FileSource(Settings):
    """Which files fill a table, which export profile they follow, or how their columns are called.

    Without a profile the file's rows are the table's rows; `columns` goes before the profile's.
    """

    path: str = Field(description="File name or glob pattern inside the data set's folder.")
    profile: str | None = Field(
        default=None,
        description="Export profile; generic or absent: columns, or canonical names.",
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical column: column of the file. Absent: the files use canonical names.",
    )
    constants: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical column: a text for every row, for example channel: 天猫.",
    )
    encoding: Literal["auto", "utf-8", "gb18030", "utf-16"] = "auto"
    sheet: str | None = Field(default=None, description="Sheet of a workbook that has several.")
    header_row: int = Field(default=1, ge=1, le=100, description="Row of a workbook's header.")
    mode: Literal["append", "replace"] = Field(
        default="append",
        description="replace: the newest file, by export_date or else by name, supersedes the"
        " others.",
    )
    export_date: str | None = Field(
        default=None,
        description="How file names date the export, for example orders_%Y%m%d.csv; the later"
        " export of an order wins.",
    )
    date_order: DateOrder | None = Field(
        default=None, description="Order of day and month in dates that do not begin with the year."
    )
    excel_serials: bool = Field(default=False, description="Numbers in dates are Excel's serials.")
    empty: list[str] = Field(default_factory=list, description="More texts that mean empty.")
    more_decimals: Literal["refuse", "round"] = Field(
        default="refuse", description="Money with more than two decimals."
    )
    negative_amounts: Literal["return", "refund"] = Field(
        default="return",
        description="Orders below zero: returns on their own date, or refunds of the order of that"
        " number.",
    )
    statuses: dict[StatusClass, list[str]] = Field(
        default_factory=dict, description="What the words of the status column mean."
    )
    order_kinds: dict[OrderKind, list[str]] = Field(
        default_factory=dict, description="What the words of the kind column mean."
    )
    personal: list[str] = Field(
        default_factory=list,
        description="Columns about a person: never read, or as tokens where they are an id.",
    )

    # Canonical column: column of the file, of the dimensions that `scopes` names.
    _own_columns: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def own_columns(self) -> dict[str, str]:
        """The columns of the data set's own dimensions, as `scopes` names them."""
        return self._own_columns

    @field_validator("path")
    @classmethod
    def stay_inside(cls, path: str) -> str:
        """Refuse patterns that reach outside the data set's folder."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not path.strip():
            raise ValueError("must stay inside the data set's folder")
        return path

    @field_validator("statuses", "order_kinds")
    @classmethod
    def mean_one_thing(cls, words: dict[Any, list[str]]) -> dict[Any, list[str]]:
        """Refuse a word that is given two meanings."""
        refuse_repeats([word for texts in words.values() for word in texts])
        return words

    @field_validator("profile")
    @classmethod
    def be_known(cls, profile: str | None) -> str | None:
        """Refuse a profile that does not exist; generic says that there is none."""
        if profile == GENERIC:
            return None
        if profile is not None and profile not in load_profiles():
            known = ", ".join((*load_profiles(), GENERIC))
            raise ValueError(f"{profile!r} is not one of {known}")
        return profile

    @field_validator("export_date")
    @classmethod
    def date_the_day(cls, pattern: str | None) -> str | None:
        """Refuse a pattern that does not tell a whole date."""
        if pattern is not None and not all(part in pattern for part in ("%Y", "%m", "%d")):
            raise ValueError("must hold %Y, %m and %d, as in orders_%Y%m%d.csv")
        return pattern


class Arrival(Settings):
    """When new files are complete, for the sensor that starts the nightly job."""

    marker: str | None = Field(
        default=None, description="File that must be there, inside the data set's folder."
    )
    control: str | None = Field(
        default=None, description="File of lines file_name,row_count[,sha256] that must agree."
    )
    quiet_evaluations: int = Field(
        default=2, ge=1, le=1_000, description="Evaluations in a row that must see no change."
    )

    @field_validator("marker", "control")
    @classmethod
    def stay_inside(cls, path: str | None) -> str | None:
        """Refuse patterns that reach outside the data set's folder."""
        if path is not None:
            FileSource.stay_inside(path)
        return path


Verdict = Literal["stop", "warn", "ignore"]


class Gates(Settings):
    """What stops a night from being published, or warns."""

    rejected_share: float = Field(
        default=0.05, ge=0, le=1, description="Share of a file's rows above which the gate closes."
    )
    rejected_rows: int = Field(
        default=10,
        ge=0,
        description="Rows of a file that may be rejected whatever their share, if any is accepted.",
    )
    rejected: Verdict = Field(
        default="stop", description="Too many rows of a file cannot be read, or none is accepted."
    )
    refused_file: Literal["stop", "warn"] = Field(
        default="stop", description="A file that cannot be used at all; warn: go on without it."
    )
    empty_file: Verdict = "stop"
    shrunk_share: float = Field(
        default=0.5, ge=0, le=1, description="Share of the usual size below which a file is small."
    )
    shrunk_file: Verdict = "warn"
    reused_share: float = Field(
        default=0.01, ge=0, le=1, description="Share of order rows whose number may be reused."
    )
    reused_numbers: Verdict = Field(
        default="stop", description="Numbers stand for several orders, of other dates and amounts."
    )
    lost_share: float = Field(
        default=0.02, ge=0, le=1, description="Share of the orders before that may be gone."
    )
    lost_history: Verdict = Field(
        default="stop", description="Orders that the snapshot before had are gone."
    )
    changed_share: float = Field(
        default=0.5, ge=0, le=1, description="Share of earlier dates that may have changed."
    )
    changed_history: Verdict = Field(
        default="stop", description="Earlier dates have other orders than in the snapshot before."
    )
    undated_refunds: Verdict = Field(
        default="warn", description="Refund totals without dates, in a run of an earlier date."
    )
    missing_day: Verdict = "warn"
    missing_store: Verdict = "warn"
    doubled_share: float = Field(
        default=0.3, ge=0, le=1, description="Share of a date's orders that may have a twin."
    )
    doubled_day: Verdict = Field(
        default="stop", description="The newest date's orders stand twice, under two numbers."
    )
    unusual_day_ratio: float = Field(
        default=1.8, gt=1, le=1_000, description="How many times the most or fewest is unusual."
    )
    unusual_day: Verdict = Field(
        default="warn", description="Orders of the newest date against the same weekdays before."
    )
    unusual_amount_ratio: float = Field(
        default=5, gt=1, le=1_000, description="How many times the usual amount is unusual."
    )
    unusual_amount: Verdict = Field(
        default="stop", description="Mean amount of the newest date against the four weeks before."
    )


class Conventions(Settings):
    """The choices behind every number, with the defaults that the reports state."""

    purchase_unit: Literal["occasion", "order"] = "occasion"
    zero_amount_orders: Literal["exclude", "keep"] = "exclude"
    refunds: Literal["net", "ignore"] = "net"
    merges: Literal["apply", "ignore"] = "apply"
    knowledge: Literal["as_of", "latest"] | datetime.date = "as_of"
    unregistered_ids: Literal["identified", "member", "guest"] = "identified"
    day_starts_at: str = Field(default="00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    paid_statuses: Annotated[list[str], AfterValidator(refuse_repeats)] = Field(
        default=["paid"], min_length=1
    )
    return_window_days: int = Field(
        default=15, ge=0, le=3_650, description="Days after which few goods come back."
    )
    offline_channels: Annotated[list[str], AfterValidator(refuse_repeats)] = Field(
        default=[], description="Channels of stores, where members enrol; empty: all orders count."
    )
    guide_channels: Annotated[list[str], AfterValidator(refuse_repeats)] = Field(
        default=[], description="Channels in which guides sell; empty: all orders count."
    )
    small_number: int = Field(
        default=30, ge=0, le=1_000_000, description="Denominators below it are flagged."
    )
    holidays: str = Field(
        default="auto",
        pattern="^(auto|none|[A-Z]{2})$",
        description="Country of the public holidays, as CN; auto: CN where the currency is CNY,"
        " else none. They are no baseline of a member day, and 春节 aligns growth.",
    )
    history_is_complete: bool = Field(
        default=False, description="The first loaded order is the shop's first: nothing censored."
    )

    @field_validator("holidays")
    @classmethod
    def have_a_calendar(cls, holidays: str) -> str:
        """Refuse a country whose holidays nobody knows."""
        if holidays not in ("auto", "none") and not is_known_country(holidays):
            raise ValueError(f"no calendar of holidays is known for {holidays!r}; write none")
        return holidays

    @property
    def day_start_minutes(self) -> int:
        """Minutes after midnight at which a business day starts."""
        hours, minutes = self.day_starts_at.split(":")
        return int(hours) * 60 + int(minutes)


Cut = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
FourCuts = Annotated[list[Cut], Field(min_length=4, max_length=4)]


class Cuts(Settings):
    """The cut points of the five scores, best recency first, least frequency and spend first."""

    recency_days: FourCuts
    frequency: FourCuts
    monetary: FourCuts

    @field_validator("recency_days", "frequency", "monetary")
    @classmethod
    def rise_strictly(cls, cuts: list[float]) -> list[float]:
        """Refuse cuts that would leave a score empty."""
        if any(low >= high for low, high in itertools.pairwise(cuts)):
            raise ValueError("must be strictly increasing")
        return cuts


class Rfm(Settings):
    """How members are scored."""

    method: Literal["fixed"] = "fixed"
    window_days: int = Field(
        default=365, ge=1, le=36_500, description="Days that frequency and spend cover."
    )
    frequency: Literal["occasions", "orders"] = "occasions"
    monetary: Literal["sum", "mean"] = "sum"
    cuts: Cuts | None = Field(default=None, description="Absent: the preset of the trade.")


class TierLevel(Settings):
    """One tier: the points from which on a member is in it, its names, and the export's words."""

    points: int = Field(ge=0, le=1_000_000_000_000, description="Points earned in the window.")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    words: Annotated[list[str], AfterValidator(refuse_repeats)] = Field(
        default_factory=list, description="How the member file calls it, beside its names."
    )


class Tiers(Settings):
    """The tiers that members earn by points in six months."""

    window: Literal["rolling", "fixed"] = Field(
        default="rolling",
        description="rolling: the six months that end with the as-of date; fixed: half-years.",
    )
    levels: Annotated[list[TierLevel], Field(min_length=2, max_length=20)] = Field(
        default=[
            TierLevel(points=0, zh="普通", en="Basic"),
            TierLevel(points=500, zh="铜卡", en="Bronze"),
            TierLevel(points=2_000, zh="银卡", en="Silver"),
            TierLevel(points=5_000, zh="金卡", en="Gold"),
            TierLevel(points=10_000, zh="铂金", en="Platinum"),
            TierLevel(points=30_000, zh="黑金", en="Black"),
        ],
        description="From the lowest, which begins at 0 points, to the highest.",
    )

    @field_validator("levels")
    @classmethod
    def rise_from_zero(cls, levels: list[TierLevel]) -> list[TierLevel]:
        """Refuse thresholds that leave a member without a tier, and names of two tiers."""
        if levels[0].points != 0:
            raise ValueError("the lowest tier begins at 0 points")
        if any(low.points >= high.points for low, high in itertools.pairwise(levels)):
            raise ValueError("points must be strictly increasing")
        refuse_repeats([name for level in levels for name in {level.zh, level.en, *level.words}])
        return levels


PointKind = Literal["earn", "redeem", "expire", "adjust"]


class Clusters(Settings):
    """How many clusters to make."""

    count: Literal["auto"] | Annotated[int, Field(ge=2, le=8)] = "auto"


ScopeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class Dataset(Settings):
    """One shop's data: its files and its conventions."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    timezone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    languages: Annotated[list[Language], AfterValidator(refuse_repeats)] = Field(
        default=["zh", "en"], min_length=1
    )
    trade: Literal["frequent", "fashion", "durable"] = "frequent"
    files: dict[str, Annotated[list[FileSource], BeforeValidator(wrap_one), Field(min_length=1)]]
    arrival: Arrival = Arrival()
    gates: Gates = Gates()
    conventions: Conventions = Conventions()
    scopes: list[ScopeType | dict[ScopeName, str]] = Field(
        default_factory=list,
        description="Kinds of scope beside all; {customer_type: 客户类型} names a column of the"
        " orders files, up to three.",
    )
    rfm: Rfm = Rfm()
    segments: str = "eleven_groups"
    clusters: Clusters = Clusters()
    tiers: Tiers = Tiers()
    point_kinds: dict[PointKind, list[str]] = Field(
        default_factory=dict,
        description="What the words of the points file's kind mean; reversals of earned points are"
        " earn too.",
    )

    @field_validator("point_kinds")
    @classmethod
    def mean_one_kind(cls, words: dict[Any, list[str]]) -> dict[Any, list[str]]:
        """Refuse a word that is given two meanings."""
        refuse_repeats([word for texts in words.values() for word in texts])
        return words

    @field_validator("timezone")
    @classmethod
    def exist(cls, timezone: str) -> str:
        """Refuse a zone that the time zone database does not know."""
        if timezone not in list_zones():
            raise ValueError(f"{timezone!r} is not a time zone; write one like Asia/Shanghai")
        return timezone

    @field_validator("scopes")
    @classmethod
    def differ(cls, scopes: list[Any]) -> list[Any]:
        """Refuse a kind of scope that stands twice, that is taken, or more than there is room."""
        own = [name for scope in scopes if isinstance(scope, dict) for name in scope]
        refuse_repeats([*own, *(scope for scope in scopes if isinstance(scope, str))])
        taken = next((name for name in own if name in ("all", *get_args(ScopeType))), None)
        if taken is not None:
            raise ValueError(f"{taken!r} has a meaning of its own; choose another name")
        if len(own) > len(OWN_SCOPES):
            raise ValueError(f"there is room for {len(OWN_SCOPES)} dimensions of your own")
        return scopes

    @model_validator(mode="after")
    def read_own_scopes(self) -> "Dataset":
        """Map the columns of the data set's own dimensions in every source of orders."""
        own = dict(zip(OWN_SCOPES, self.own_scopes.values(), strict=False))
        for source in self.files.get("orders", []):
            personal = {name.strip() for name in source.personal} & set(own.values())
            if personal:
                problem = f"scopes: {min(personal)!r} is personal and cannot be a dimension"
                raise refuse_at(("scopes",), problem)
            source.own_columns.update(own)
        return self

    @model_validator(mode="after")
    def name_known_tables_and_columns(self) -> "Dataset":
        """Refuse tables and columns that no model reads, and mappings without a needed column."""
        if "orders" not in self.files:
            raise refuse_at(("files",), "files: orders are required")
        for table, sources in self.files.items():
            if table not in CANONICAL_TABLES:
                known = ", ".join(CANONICAL_TABLES)
                raise refuse_at(("files", table), f"files: {table!r} is not one of {known}")
            for source in sources:
                check_profile(table, source)
                check_columns(table, source)
        return self

    @property
    def filled_tables(self) -> set[str]:
        """The canonical tables that the files fill."""
        tables = set(self.files)
        for sources in self.files.values():
            for source in sources:
                tables |= set(load_profiles()[source.profile].tables) if source.profile else set()
        return tables

    @property
    def own_scopes(self) -> dict[str, str]:
        """The data set's own dimensions: their code, and the column of the orders files."""
        named = [scope for scope in self.scopes if isinstance(scope, dict)]
        return {name: header for scope in named for name, header in scope.items()}

    @property
    def scope_slots(self) -> dict[str, str]:
        """Each kind of scope that is asked for, with the column of places that holds it."""
        fixed = {scope: scope for scope in self.scopes if isinstance(scope, str)}
        return fixed | dict(zip(self.own_scopes, OWN_SCOPES, strict=False))

    @property
    def holiday_country(self) -> str | None:
        """The country whose holidays count, or none."""
        if self.conventions.holidays == "auto":
            return "CN" if self.currency == "CNY" else None
        return None if self.conventions.holidays == "none" else self.conventions.holidays

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)


def check_profile(table: str, source: FileSource) -> None:
    """Refuse a profile of another table."""
    if source.profile is not None and load_profiles()[source.profile].table != table:
        wanted = load_profiles()[source.profile].table
        problem = f"files.{table}.profile: {source.profile} is a profile of files.{wanted}"
        raise refuse_at(("files", table, "profile"), problem)


def check_columns(table: str, source: FileSource) -> None:
    """Refuse a mapping of unknown columns, or without a needed one where no profile gives it."""
    canonical, place = CANONICAL_TABLES[table], ("files", table, "columns")
    key = ".".join(place)
    personal = {name.strip() for name in source.personal}
    for column, name in (*source.columns.items(), *((name, "") for name in source.constants)):
        is_attribute = canonical.attributes_allowed and re.fullmatch(r"[a-z]\w*", column)
        if column not in canonical.columns and not is_attribute:
            known = ", ".join(canonical.columns)
            raise refuse_at((*place, column), f"{key}: {column!r} is not one of {known}")
        meaning = canonical.columns.get(column)
        if name.strip() in personal and (meaning is None or meaning.type is not LogicalType.ID):
            problem = f"{key}: {name!r} is personal and cannot be read as {column}; only ids can"
            raise refuse_at((*place, column), problem)
    check_constants(table, source)
    if not source.columns or source.profile is not None:
        return
    given = {*source.columns, *source.constants}
    for column, meaning in canonical.columns.items():
        if meaning.required and column not in given:
            raise refuse_at(place, f"{key}: {column} is required")
    if canonical.needs_time and canonical.dated is not None:
        times = canonical.dated[1]
        if not given & set(times):
            raise refuse_at(place, f"{key}: {' or '.join(times)} is required")


def check_constants(table: str, source: FileSource) -> None:
    """Refuse a constant that is mapped too, or of a column that is neither an id nor a text."""
    for column in source.constants:
        meaning = CANONICAL_TABLES[table].columns.get(column)
        place, key = ("files", table, "constants", column), f"files.{table}.constants: {column}"
        if column in source.columns:
            raise refuse_at(place, f"{key} is in columns too; remove one")
        if meaning is not None and (meaning.required or meaning.type not in WORDS):
            raise refuse_at(place, f"{key} cannot be the same on every row; map a column to it")


def load_dataset(folder: Path) -> Dataset:
    """Read FOLDER/dataset.yaml.

    Raises InputError with file, line, key, what was found and what to do.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the folder that holds dataset.yaml.")
    path = folder / "dataset.yaml"
    if not path.is_file():
        raise InputError(
            f"{path} does not exist; `regulars init {folder}` writes one by looking at the files."
        )
    content, nodes = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}, line 1: expected keys such as name and files; see the README.")
    try:
        return Dataset.model_validate(content)
    except ValidationError as error:
        raise InputError(explain_validation(path, nodes, error)) from error


def write_schema() -> dict[str, Any]:
    """Return the JSON schema of dataset.yaml, for editors."""
    schema = Dataset.model_json_schema()
    one = {"$ref": "#/$defs/FileSource"}
    schema["properties"]["files"]["additionalProperties"] = {
        "anyOf": [one, {"type": "array", "items": one, "minItems": 1}]
    }
    return schema
