"""The catalogue of models: every file of `sql/`, its header, its query and what it depends on.

Reads and judges models; how one is run stands in `pipelines.engines` and `pipelines.runs`.
"""

import graphlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlglot
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from pipelines.errors import CatalogueError
from pipelines.raw import RAW_TABLES, RawTable

SQL_ROOT = Path(__file__).resolve().parent.parent / "sql"
CASES_ROOT = SQL_ROOT.parent / "tests" / "sql"
HEADER = re.compile(r"\A/\*---\n(.*?)\n---\*/\n", re.DOTALL)
LAYERS_READ = {
    "staging": {"raw", "staging"},
    "intermediate": {"raw", "staging", "intermediate"},
    "kpis": {"raw", "intermediate"},
    "marts": {"raw", "staging", "intermediate", "kpis", "marts"},
}
KPI_COLUMNS = ["scope_type", "scope", "window_type", "window_start", "numerator", "denominator"]
ALL_VALUES = "kpis.all_values"


class Block(BaseModel):
    """Base of the header's blocks: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def unfold(text: str) -> str:
    """Return a text that YAML may have folded as one line."""
    return " ".join(text.split())


Line = Annotated[str, AfterValidator(unfold)]


class Bilingual(Block):
    """A text in both languages."""

    en: Line
    zh: Line


class NotNull(Block):
    """No row may lack a value in these columns."""

    not_null: list[str]


class Unique(Block):
    """No two rows may agree in all of these columns."""

    unique: list[str]


class Between(Block):
    """The values of a column lie between two numbers, both included."""

    between: dict[str, tuple[float, float]]


class Accepted(Block):
    """The values of a column are among these."""

    accepted: dict[str, list[str]]


class Holds(Block):
    """An expression that is true, or NULL, on every row."""

    holds: str


Check = Annotated[NotNull | Unique | Between | Accepted | Holds, Field(union_mode="left_to_right")]


Family = Literal[
    "sales",
    "members",
    "repurchase",
    "lifecycle",
    "rhythm",
    "loyalty",
    "goods",
    "service",
    "traffic",
    "growth",
]


class MemberList(Block):
    """The members behind a metric: a list of `sql/members`, narrowed to those whom it counts.

    Conditions are SQL over the list's columns. Where the metric is a fraction of members, `where`
    leaves its denominator, and `counted` tells which of them are in its numerator. Where only the
    denominator counts members, as where sales are shared out, `part` says so.
    """

    of: str
    part: Literal["numerator", "denominator"] = "numerator"
    where: Line | None = None
    counted: Line | None = None


class Kpi(Block):
    """What makes a model a metric."""

    name: Bilingual
    unit: Literal["share", "count", "amount", "ratio"]
    better: Literal["higher", "lower", "neither"]
    version: int = Field(ge=1)
    family: Family
    position: int = Field(default=1000, description="Place in lists; then by name.")
    needs: list[str] = Field(
        default_factory=list,
        description="Inputs without which there are no rows: table or table.column, or a | b.",
    )
    windows: list[str] = Field(
        default_factory=list, description="Kinds of window, where not all have it."
    )
    scopes: list[str] = Field(
        default_factory=list, description="Kinds of scope, where not all have it."
    )
    looks_back: bool = Field(
        default=False, description="Needs a past: flagged while that is not in the data."
    )
    members: MemberList | None = Field(
        default=None, description="How to list the members whom it counts, where it counts any."
    )
    moves_on: bool = Field(
        default=False,
        description="Grows with the as-of date by definition, so that a change restates nothing.",
    )
    source: Line = Field(description="Where the definition comes from.")
    note: Bilingual


class Header(Block):
    """The YAML header of a model file, the only source of what the table means."""

    description: Line | Bilingual
    grain: list[str]
    columns: dict[str, Line | Bilingual]
    checks: list[Check] = Field(default_factory=list)
    kpi: Kpi | None = None

    def describe(self, language: Literal["en", "zh"] = "en") -> str:
        """Return the description in a language, in English where there is no other."""
        if isinstance(self.description, Bilingual):
            return self.description.zh if language == "zh" else self.description.en
        return self.description

    def explain_columns(self, language: Literal["en", "zh"] = "en") -> dict[str, str]:
        """Return what each column means in a language, in English where there is no other."""
        return {
            name: text if isinstance(text, str) else (text.zh if language == "zh" else text.en)
            for name, text in self.columns.items()
        }


@dataclass(frozen=True)
class Model:
    """One table: its file, header, query and the tables that the query reads."""

    name: str
    path: Path
    header: Header
    query: str
    depends_on: frozenset[str]

    @property
    def layer(self) -> str:
        """The folder of the model, which is its schema."""
        return self.name.split(".")[0]

    @property
    def table(self) -> str:
        """The name of the table within its schema."""
        return self.name.split(".")[1]


@dataclass(frozen=True)
class Catalogue:
    """All models and raw tables by name."""

    models: Mapping[str, Model]
    raw: Mapping[str, RawTable]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names of the models and fitted raw tables, each after all that it reads.

        Raises CatalogueError where models read each other in a circle.
        """
        graph = {name: sorted(model.depends_on) for name, model in sorted(self.models.items())}
        graph |= {name: sorted(table.depends_on) for name, table in sorted(self.raw.items())}
        try:
            names = tuple(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError as error:
            raise CatalogueError(f"Models read each other: {' -> '.join(error.args[1])}.") from None
        return tuple(name for name in names if name in self.models or self.raw[name].depends_on)

    def find_sources(self, name: str) -> frozenset[str]:
        """Return the names of the tables that a model or fitted table reads."""
        return self.models[name].depends_on if name in self.models else self.raw[name].depends_on

    def find_readers(self, name: str) -> frozenset[str]:
        """Return the names of the models and fitted tables that read a table."""
        return frozenset(reader for reader in self.order if name in self.find_sources(reader))

    def find_idle(self, given: Collection[str]) -> frozenset[str]:
        """Return the metrics that lack an input, and the models that only they read.

        `given` names the tables and `table.column`s that the data set has.
        """
        idle = {
            model.name
            for model in self.kpis
            if model.header.kpi is not None and list_missing(model.header.kpi, given)
        }
        for name in reversed(self.order):
            readers = self.find_readers(name)
            if name in self.models and name not in self.published and readers and readers <= idle:
                idle.add(name)
        return frozenset(idle)

    @property
    def published(self) -> tuple[str, ...]:
        """Names of the models that a snapshot publishes."""
        return tuple(name for name in sorted(self.models) if name.startswith("marts."))

    @property
    def kpis(self) -> tuple[Model, ...]:
        """The metrics, in the order of lists."""
        metrics = [model for model in self.models.values() if model.header.kpi is not None]
        return tuple(
            sorted(metrics, key=lambda m: (m.header.kpi.position if m.header.kpi else 0, m.table))
        )


def load_catalogue(root: Path = SQL_ROOT) -> Catalogue:
    """Read every model below `root` and the union of the KPIs.

    Raises CatalogueError for the first file whose header or query cannot be read.
    """
    paths = sorted(path for layer in LAYERS_READ for path in (root / layer).glob("*.sql"))
    models = {model.name: model for model in (read_model(path) for path in paths)}
    union = unite_kpis(Catalogue(models, RAW_TABLES).kpis)
    return Catalogue(models | {union.name: union}, RAW_TABLES)


def read_model(path: Path) -> Model:
    """Read one model file.

    Raises CatalogueError with file and line.
    """
    return parse_model(path, path.read_text(encoding="utf-8"))


@cache
def parse_model(path: Path, text: str) -> Model:
    """Return the model of a file's text; a process parses the same text once."""
    match = HEADER.match(text)
    if match is None:
        raise CatalogueError(f"{path}, line 1: a model starts with a header, /*--- … ---*/.")
    header = read_header(path, match[1])
    first_line = text[: match.end()].count("\n") + 1
    query = text[match.end() :]
    return Model(
        name=f"{path.parent.name}.{path.stem}",
        path=path,
        header=header,
        query=query,
        depends_on=find_dependencies(parse_query(path, query, first_line)),
    )


def read_header(path: Path, text: str) -> Header:
    """Return the header of a model file."""
    try:
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        raise CatalogueError(
            f"{path}, line {line}: the header is not YAML: {error.problem}."
        ) from error
    try:
        return Header.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{path}, header, {key}: {first['msg']}.") from error


def parse_query(path: Path, query: str, first_line: int) -> exp.Query:
    """Return the syntax tree of a model's one select.

    Raises CatalogueError where it does not parse, or is more than one select.
    """
    try:
        statements = [tree for tree in sqlglot.parse(query, read="duckdb") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        details = error.errors[0] if isinstance(error, sqlglot.ParseError) and error.errors else {}
        line = first_line + int(details.get("line", 1)) - 1
        problem = details.get("description", "the query does not parse")
        raise CatalogueError(f"{path}, line {line}: {problem}.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise CatalogueError(f"{path}, line {first_line}: a model is one select and nothing else.")
    return statements[0]


def find_dependencies(tree: exp.Query) -> frozenset[str]:
    """Return the `schema.table` names that a query reads, common table expressions left out."""
    return frozenset(
        f"{source.db}.{source.name}" if source.db else source.name
        for scope in traverse_scope(tree)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    )


def unite_kpis(metrics: tuple[Model, ...]) -> Model:
    """Return the model that stacks all metrics, so that adding one is adding its file."""
    selects = []
    for model in metrics:
        tree = parse_query(model.path, model.query, 1)
        columns = {column.alias_or_name: column.unalias() for column in tree.selects}
        has_denominator = not isinstance(columns.get("denominator"), exp.Null)
        null_reason = "null_reason" if "null_reason" in columns else "cast(null as varchar)"
        selects.append(
            f"select '{model.table}' as metric, scope_type, scope, window_type, window_start,"
            " cast(numerator as decimal(24, 6)) as numerator,"
            " cast(denominator as decimal(24, 6)) as denominator,"
            f" {str(has_denominator).lower()} as has_denominator,"
            f" {null_reason} as null_reason from {model.name}"
        )
    header = Header(
        description="Every metric's numerators and denominators, one below the other.",
        grain=["metric", "scope_type", "scope", "window_type", "window_start"],
        columns={
            "metric": "Code of the metric.",
            "scope_type": "What the number is about.",
            "scope": "Which one of them.",
            "window_type": "Kind of window.",
            "window_start": "First business date of the window.",
            "numerator": "What is counted or summed.",
            "denominator": "What it is divided by.",
            "has_denominator": "The metric is a fraction.",
            "null_reason": "Why the number is empty, where the metric says so.",
        },
        checks=[NotNull(not_null=["metric", "scope_type", "scope", "window_type"])],
    )
    return Model(
        name=ALL_VALUES,
        path=SQL_ROOT / "kpis",
        header=header,
        query="\nunion all\n".join(selects),
        depends_on=frozenset(model.name for model in metrics),
    )


def list_metrics(catalogue: Catalogue, given: Collection[str]) -> list[dict[str, Any]]:
    """Return the rows of raw.metrics: each KPI's definition as its header gives it.

    `given` names the tables and `table.column`s that the data set has.
    """
    rows = []
    for place, model in enumerate(catalogue.kpis, start=1):
        kpi = model.header.kpi
        if kpi is None:
            continue
        english, chinese = (model.header.explain_columns(language) for language in ("en", "zh"))
        rows.append(
            {
                "metric": model.table,
                "name_en": kpi.name.en,
                "name_zh": kpi.name.zh,
                "definition_en": model.header.describe("en"),
                "definition_zh": model.header.describe("zh"),
                "note_en": kpi.note.en,
                "note_zh": kpi.note.zh,
                "numerator_en": english["numerator"],
                "numerator_zh": chinese["numerator"],
                "denominator_en": english["denominator"],
                "denominator_zh": chinese["denominator"],
                "family": kpi.family,
                "source": kpi.source,
                "unit": kpi.unit,
                "better": kpi.better,
                "version": kpi.version,
                "position": place,
                "looks_back": kpi.looks_back,
                "moves_on": kpi.moves_on,
                "windows": ", ".join(kpi.windows) or None,
                "scopes": ", ".join(kpi.scopes) or None,
                "needs": ", ".join(kpi.needs) or None,
                "missing": ", ".join(list_missing(kpi, given)) or None,
            }
        )
    return rows


def list_missing(kpi: Kpi, given: Collection[str]) -> list[str]:
    """Return the inputs that a metric needs and that are not given."""
    return [
        need for need in kpi.needs if not any(name.strip() in given for name in need.split("|"))
    ]


def iterate_columns(check: Check) -> Iterator[str]:
    """Yield the columns that a check names."""
    match check:
        case NotNull():
            yield from check.not_null
        case Unique():
            yield from check.unique
        case Between():
            yield from check.between
        case Accepted():
            yield from check.accepted
        case Holds():
            return
