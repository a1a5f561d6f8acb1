"""A data set's `dataset.yaml`: its grammar, and the errors that say where a file departs from it.

What the settings do to a number stands in the models; nothing here reads an order.
"""

import datetime
import itertools
import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipelines.canonical import CANONICAL_TABLES
from pipelines.errors import InputError

Language = Literal["zh", "en"]
ScopeType = Literal["store", "channel", "brand", "city"]
# Names in the time zone database that mean whatever a machine is set to, or nothing.
NO_ZONES = {"localtime", "Factory", "posixrules"}
MISPLACED = "misplaced"


def refuse_repeats(entries: list[str]) -> list[str]:
    """Refuse an entry that stands twice; it would count twice."""
    repeated = next((entry for entry in entries if entries.count(entry) > 1), None)
    if repeated is not None:
        raise ValueError(f"{repeated!r} stands twice; remove one")
    return entries


def refuse_at(location: tuple[str, ...], problem: str) -> PydanticCustomError:
    """Return an error of the whole data set that is found at one key of the file."""
    context = {"location": list(location), "problem": problem}
    return PydanticCustomError(MISPLACED, "{problem}", context)


class Settings(BaseModel):
    """Base of every block: unknown keys are refused and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSource(Settings):
    """Which files fill one canonical table, and how their columns are called."""

    path: str = Field(description="File name or glob pattern inside the data set's folder.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical column: column of the file. Absent: the files use canonical names.",
    )
    encoding: Literal["auto", "utf-8", "gb18030"] = "auto"
    mode: Literal["append", "replace"] = Field(
        default="append",
        description="replace: the file that sorts last by name supersedes the others.",
    )
    personal: list[str] = Field(
        default_factory=list, description="Columns of the file that are never read."
    )

    @field_validator("path")
    @classmethod
    def stay_inside(cls, path: str) -> str:
        """Refuse patterns that reach outside the data set's folder."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not path.strip():
            raise ValueError("must stay inside the data set's folder")
        return path

    @model_validator(mode="after")
    def keep_personal_columns_out(self) -> "FileSource":
        """Refuse a mapping that would read a personal column."""
        for canonical, source in self.columns.items():
            if source.strip() in {name.strip() for name in self.personal}:
                raise ValueError(f"{source!r} is personal and cannot be read as {canonical}")
        return self


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
    return_window_days: int = Field(default=15, ge=0, le=3_650)
    small_number: int = Field(
        default=30, ge=0, le=1_000_000, description="Denominators below it are flagged."
    )
    history_is_complete: bool = Field(
        default=False, description="The first loaded order is the shop's first: nothing censored."
    )

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


class Clusters(Settings):
    """How many clusters to make."""

    count: Literal["auto"] | Annotated[int, Field(ge=2, le=8)] = "auto"


class Dataset(Settings):
    """One shop's data: its files and its conventions."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    timezone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    languages: Annotated[list[Language], AfterValidator(refuse_repeats)] = Field(
        default=["zh", "en"], min_length=1
    )
    trade: Literal["frequent", "fashion", "durable"] = "frequent"
    files: dict[str, FileSource]
    conventions: Conventions = Conventions()
    scopes: Annotated[list[ScopeType], AfterValidator(refuse_repeats)] = Field(default_factory=list)
    rfm: Rfm = Rfm()
    segments: str = "eleven_groups"
    clusters: Clusters = Clusters()

    @field_validator("timezone")
    @classmethod
    def exist(cls, timezone: str) -> str:
        """Refuse a zone that the time zone database does not know."""
        if timezone not in available_timezones() - NO_ZONES:
            raise ValueError(f"{timezone!r} is not a time zone; write one like Asia/Shanghai")
        return timezone

    @model_validator(mode="after")
    def name_known_tables_and_columns(self) -> "Dataset":
        """Refuse tables and columns that no model reads, and mappings without a needed column."""
        if "orders" not in self.files:
            raise refuse_at(("files",), "files: orders are required")
        for table, source in self.files.items():
            if table not in CANONICAL_TABLES:
                known = ", ".join(CANONICAL_TABLES)
                raise refuse_at(("files", table), f"files: {table!r} is not one of {known}")
            canonical, place = CANONICAL_TABLES[table], ("files", table, "columns")
            key = ".".join(place)
            if not source.columns:
                continue
            for column in source.columns:
                is_attribute = canonical.attributes_allowed and re.fullmatch(r"[a-z]\w*", column)
                if column not in canonical.columns and not is_attribute:
                    known = ", ".join(canonical.columns)
                    problem = f"{key}: {column!r} is not one of {known}"
                    raise refuse_at((*place, column), problem)
            for column, meaning in canonical.columns.items():
                if meaning.required and column not in source.columns:
                    raise refuse_at(place, f"{key}: {column} is required")
            if canonical.needs_time and canonical.dated is not None:
                times = canonical.dated[1]
                if not any(time in source.columns for time in times):
                    raise refuse_at(place, f"{key}: {' or '.join(times)} is required")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)


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


class Loader(yaml.SafeLoader):
    """Reads plain YAML; what cannot become a value has its line in the error."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return the value of a node.

        Raises ConstructorError also where PyYAML lets errors of Python pass, as for 30 February.
        """
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{error}".rstrip("."), node.start_mark
            ) from error


def read_yaml(path: Path) -> tuple[Any, yaml.Node | None]:
    """Return the content of a YAML file, and its nodes, which know their lines.

    Raises InputError with the line where it is no UTF-8 text or no YAML, or a key stands twice.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: the bytes are not UTF-8 text; save the file as UTF-8."
        ) from error
    try:
        loader = Loader(text)
        nodes = loader.get_single_node()
        refuse_repeated_keys(path, nodes)
        return (None if nodes is None else loader.construct_document(nodes)), nodes
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        problem = f"the character {chr(error.character)!r} is not allowed"
    except RecursionError:
        line, problem = 1, "it is nested too deeply"
    raise InputError(f"{path}, line {line}: this is not YAML: {problem}.")


def refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """Raise InputError where a key stands twice in one block; YAML would take the last silently."""
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            refuse_repeated_keys(path, entry)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise InputError(
                    f"{path}, line {key.start_mark.line + 1}: {key.value} stands twice; remove one."
                )
            seen.add(str(key.value))
            refuse_repeated_keys(path, value)


def explain_validation(path: Path, nodes: yaml.Node | None, error: ValidationError) -> str:
    """Return one sentence for the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    location = [part for part in first["loc"] if not is_union_branch(part)]
    key = ".".join(str(part) for part in location)
    if first["type"] == MISPLACED:
        location = first["ctx"]["location"]
    line = find_line(nodes, location)
    if first["type"] == "extra_forbidden":
        problem = "is not a key that dataset.yaml has; remove it or correct its spelling"
    elif first["type"] == "missing":
        problem = "is required; add it"
    else:
        problem = first["msg"].removeprefix("Value error, ")
        problem = problem[0].lower() + problem[1:]
    subject = f"{key}: " if key else ""
    return f"{path}, line {line}: {subject}{problem}."


def is_union_branch(part: object) -> bool:
    """Whether a part of a validation path names a type of a union instead of a key."""
    return (
        isinstance(part, str) and re.search(r"[\[\](),-]|^(date|int|float|str)$", part) is not None
    )


def find_line(node: yaml.Node | None, location: list[Any]) -> int:
    """Return the line of the deepest part of `location` that stands in the file."""
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, node = key.start_mark.line + 1, value
                    break
            else:
                return line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return line
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def describe_conventions(dataset: Dataset) -> list[tuple[str, str, str]]:
    """Return (English label, Chinese label, value) of each choice, for the reports."""
    chosen = dataset.conventions
    return [
        ("Time zone", "业务时区", dataset.timezone),
        ("Business day starts at", "营业日开始时间", chosen.day_starts_at),
        ("Currency", "币种", dataset.currency),
        ("Purchase unit", "购买计数单位", chosen.purchase_unit),
        ("Paid statuses", "已付款状态", ", ".join(chosen.paid_statuses)),
        ("Zero-amount orders", "零元订单", chosen.zero_amount_orders),
        ("Refunds", "退款", chosen.refunds),
        ("Refunds known until", "退款截止日", str(chosen.knowledge)),
        ("Member merges", "会员合并", chosen.merges),
        ("Ids missing from the member file", "会员表中没有的会员号", chosen.unregistered_ids),
        ("Small numbers below", "小样本阈值", str(chosen.small_number)),
        ("History is complete", "历史数据完整", "yes" if chosen.history_is_complete else "no"),
        ("RFM window, days", "RFM 窗口（天）", str(dataset.rfm.window_days)),
        ("RFM frequency", "RFM 频次", dataset.rfm.frequency),
        ("RFM monetary", "RFM 金额", dataset.rfm.monetary),
        ("Segments", "分群规则", dataset.segments),
    ]


def write_schema() -> dict[str, Any]:
    """Return the JSON schema of dataset.yaml, for editors."""
    return Dataset.model_json_schema()
