"""A data set's `dataset.yaml`: its grammar, and the errors that say where a file departs from it.

What the settings do to a number stands in the models; nothing here reads an order.
"""

import datetime
import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.canonical import CANONICAL_TABLES
from pipelines.errors import InputError

Language = Literal["zh", "en"]
ScopeType = Literal["store", "channel", "brand", "city"]


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
            if source in self.personal:
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
    paid_statuses: list[str] = Field(default=["paid"], min_length=1)
    return_window_days: int = Field(default=15, ge=0)
    small_number: int = Field(default=30, ge=0, description="Denominators below it are flagged.")
    history_is_complete: bool = Field(
        default=False, description="The first loaded order is the shop's first: nothing censored."
    )

    @property
    def day_start_minutes(self) -> int:
        """Minutes after midnight at which a business day starts."""
        hours, minutes = self.day_starts_at.split(":")
        return int(hours) * 60 + int(minutes)


FourCuts = Annotated[list[float], Field(min_length=4, max_length=4)]


class Cuts(Settings):
    """The cut points of the five scores, best recency first, least frequency and spend first."""

    recency_days: FourCuts
    frequency: FourCuts
    monetary: FourCuts

    @field_validator("recency_days", "frequency", "monetary")
    @classmethod
    def rise_strictly(cls, cuts: list[float]) -> list[float]:
        """Refuse cuts that would leave a score empty."""
        if any(low >= high for low, high in zip(cuts, cuts[1:], strict=False)):
            raise ValueError("must be strictly increasing")
        return cuts


class Rfm(Settings):
    """How members are scored."""

    method: Literal["fixed"] = "fixed"
    window_days: int = Field(default=365, ge=1, description="Days that frequency and spend cover.")
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
    languages: list[Language] = Field(default=["zh", "en"], min_length=1)
    trade: Literal["frequent", "fashion", "durable"] = "frequent"
    files: dict[str, FileSource]
    conventions: Conventions = Conventions()
    scopes: list[ScopeType] = Field(default_factory=list)
    rfm: Rfm = Rfm()
    segments: str = "eleven_groups"
    clusters: Clusters = Clusters()

    @field_validator("timezone")
    @classmethod
    def exist(cls, timezone: str) -> str:
        """Refuse a zone that the time zone database does not know."""
        if timezone not in available_timezones():
            raise ValueError(f"{timezone!r} is not a time zone; write one like Asia/Shanghai")
        return timezone

    @model_validator(mode="after")
    def name_known_tables_and_columns(self) -> "Dataset":
        """Refuse tables and columns that no model reads, and mappings without a needed column."""
        if "orders" not in self.files:
            raise ValueError("files: orders are required")
        for table, source in self.files.items():
            if table not in CANONICAL_TABLES:
                known = ", ".join(CANONICAL_TABLES)
                raise ValueError(f"files: {table!r} is not one of {known}")
            canonical = CANONICAL_TABLES[table]
            if not source.columns:
                continue
            for column in source.columns:
                is_attribute = canonical.attributes_allowed and re.fullmatch(r"[a-z]\w*", column)
                if column not in canonical.columns and not is_attribute:
                    known = ", ".join(canonical.columns)
                    raise ValueError(f"files.{table}.columns: {column!r} is not one of {known}")
            for column, meaning in canonical.columns.items():
                if meaning.required and column not in source.columns:
                    raise ValueError(f"files.{table}.columns: {column} is required")
            if canonical.needs_time and canonical.dated is not None:
                times = canonical.dated[1]
                if not any(time in source.columns for time in times):
                    raise ValueError(f"files.{table}.columns: {' or '.join(times)} is required")
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
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        content = yaml.safe_load(text)
        nodes = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{path}, line {line}: this is not YAML: {error.problem}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}, line 1: expected keys such as name and files; see the README.")
    try:
        return Dataset.model_validate(content)
    except ValidationError as error:
        raise InputError(explain_validation(path, nodes, error)) from error


def explain_validation(path: Path, nodes: yaml.Node | None, error: ValidationError) -> str:
    """Return one sentence for the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    location = [part for part in first["loc"] if not is_union_branch(part)]
    key = ".".join(str(part) for part in location)
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
    return isinstance(part, str) and re.search(r"[\[\](),-]|^(date|int|float|str)$", part) is not None


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
