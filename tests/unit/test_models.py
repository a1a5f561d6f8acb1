"""What each model makes of given rows: the cases of `tests/sql`, and rules that need many rows.

How a run fetches files, checks and publishes is tested elsewhere.
"""

import datetime
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from pipelines.catalogue import (
    ALL_VALUES,
    CASES_ROOT,
    Accepted,
    Between,
    Catalogue,
    Header,
    Holds,
    Unique,
    load_catalogue,
)
from pipelines.engines.duckdb import open_duckdb
from pipelines.engines.protocol import Engine

Row = dict[str, Any]

ENGINES: dict[str, Callable[[], Engine]] = {"duckdb": lambda: open_duckdb(threads=1)}
PARAMETERS = "raw.parameters"
DEFAULT_PARAMETERS: Row = {
    "as_of_date": datetime.date(2024, 3, 31),
    "knowledge_date": datetime.date(2024, 3, 31),
    "history_known_from": datetime.date(2024, 1, 1),
    "applies_merges": True,
    "nets_refunds": True,
    "keeps_zero_amounts": False,
    "unregistered_ids": "identified",
    "has_member_file": True,
    "has_registration_dates": True,
    "small_number": 30,
    "rfm_window_start": datetime.date(2023, 4, 2),
    "rfm_frequency": "occasions",
    "rfm_monetary": "sum",
}
FLOAT_TOLERANCE = 1e-12
ONE_DAY = datetime.timedelta(days=1)


class CaseError(Exception):
    """A case cannot be read: it names what does not exist, or gives a value of another type."""


class StrictLoader(yaml.SafeLoader):
    """Reads YAML and refuses a key that is given twice, for the first would vanish unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value)
        twice = [key for key, count in keys.items() if count > 1]
        if twice:
            raise CaseError(f"{node.start_mark}: given twice: {', '.join(twice)}.")
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Case:
    """Rows given to the tables that a model reads, and the rows that it must make of them."""

    model: str
    name: str
    given: Mapping[str, Sequence[Row]]
    expect: Sequence[Row]

    def __str__(self) -> str:
        return f"{self.model}: {self.name}"


def load_cases(root: Path = CASES_ROOT) -> list[Case]:
    """Return every case below a folder, by the path of its file.

    Raises CaseError where a file is not a mapping of names to given and expected rows.
    """
    cases = []
    for path in sorted(root.glob("*/*.yaml")):
        content = yaml.load(path.read_text(encoding="utf-8"), StrictLoader)
        if not isinstance(content, dict) or not content:
            raise CaseError(f"{path}: a case file maps names to cases.")
        for name, case in content.items():
            if not isinstance(case, dict) or set(case) != {"given", "expect"}:
                raise CaseError(f"{path}: {name}: a case has given and expect, and nothing else.")
            model = f"{path.parent.name}.{path.stem}"
            cases.append(Case(model, str(name), case["given"], case["expect"]))
    return cases


class Bench:
    """An engine with every table made once without rows, so that columns and types are its own."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self.engine = engine
        self.catalogue = catalogue
        for name, table in catalogue.raw.items():
            engine.write(name, table.schema.empty_table())
        for name in catalogue.order:
            if name in catalogue.models:
                engine.create(name, catalogue.models[name].query)
        names = [*catalogue.raw, *catalogue.models]
        self.schemas = {name: engine.read(f"select * from {name} limit 0").schema for name in names}
        self.filled: set[str] = set(names)

    def run(self, model: str, given: Mapping[str, Sequence[Row]]) -> list[Row]:
        """Return all rows and columns that one model makes of the given rows.

        Tables that it reads and that are not given are empty. Raises CaseError for a given table
        that it does not read.
        """
        if model not in self.catalogue.models:
            raise CaseError(f"{model}: there is no such model.")
        read = self.catalogue.models[model].depends_on
        if stray := sorted(set(given) - read):
            raise CaseError(f"{', '.join(stray)}: {model} does not read it.")
        for table in read:
            self.fill(table, self.convert_rows(table, given.get(table, [])))
        return self.make(model)

    def make(self, model: str) -> list[Row]:
        """Return all rows and columns that one model makes of what the tables hold."""
        self.engine.create(model, self.catalogue.models[model].query)
        self.filled.add(model)
        columns = ", ".join(self.catalogue.models[model].header.columns)
        rows: list[Row] = self.engine.read(f"select {columns} from {model}").to_pylist()
        return rows

    def fill(self, table: str, rows: list[Row]) -> None:
        """Let a table hold these rows and no other; the one row of parameters has defaults."""
        if table == PARAMETERS:
            if len(rows) > 1:
                raise CaseError(f"{PARAMETERS} has one row.")
            rows = [DEFAULT_PARAMETERS | row for row in rows or [{}]]
        if rows or table in self.filled:
            self.engine.write(table, pa.Table.from_pylist(rows, schema=self.schemas[table]))
        (self.filled.add if rows else self.filled.discard)(table)

    def convert_rows(self, table: str, rows: Sequence[Row]) -> list[Row]:
        """Return rows of a case in the types of a table's columns.

        Raises CaseError for a column that does not exist, or a value of another type.
        """
        kinds = {field.name: field.type for field in self.schemas[table]}
        if unknown := sorted({column for row in rows for column in row} - set(kinds)):
            raise CaseError(f"{table}: there is no column {', '.join(unknown)}.")
        return [
            {
                column: self.convert_value(value, kinds[column], f"{table}.{column}")
                for column, value in row.items()
            }
            for row in rows
        ]

    def convert_value(self, value: Any, kind: pa.DataType, where: str) -> Any:
        """Return a value of a case in the type of its column.

        `{hash: text}` is the engine's own hash of a text. Raises CaseError where the types differ.
        """
        if value is None:
            return None
        if isinstance(value, dict) and set(value) == {"hash"}:
            query = f"select hash('{value['hash']}') as value"
            return self.engine.read(query).to_pylist()[0]["value"]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_moment = isinstance(value, datetime.datetime)
        if pa.types.is_decimal(kind) and is_number:
            return Decimal(str(value))
        fits = (
            (pa.types.is_string(kind) and isinstance(value, str))
            or (pa.types.is_boolean(kind) and isinstance(value, bool))
            or (pa.types.is_integer(kind) and is_number and isinstance(value, int))
            or (pa.types.is_floating(kind) and is_number)
            or (pa.types.is_timestamp(kind) and is_moment)
            or (pa.types.is_date(kind) and isinstance(value, datetime.date) and not is_moment)
        )
        if not fits:
            raise CaseError(f"{where}: {value!r} is not {kind}.")
        return float(value) if pa.types.is_floating(kind) else value


def agree(expected: Row, actual: Row) -> bool:
    """Whether a row has the expected values; floats up to a tolerance, all else exactly."""
    return all(
        actual[column] == pytest.approx(value, rel=FLOAT_TOLERANCE, abs=FLOAT_TOLERANCE)
        if isinstance(value, float) and actual[column] is not None
        else actual[column] == value
        for column, value in expected.items()
    )


def compare_rows(expected: Sequence[Row], actual: Sequence[Row]) -> list[str]:
    """Return a line for each expected row that is missing and each row that was not expected.

    Rows are compared in the expected columns, in any order, each as often as it stands there.
    Raises CaseError where the expected rows do not name the same columns.
    """
    columns = list(expected[0]) if expected else []
    if any(set(row) != set(columns) for row in expected):
        raise CaseError("All expected rows name the same columns.")
    left = list(actual)
    lines = []
    for row in expected:
        found = next((place for place, other in enumerate(left) if agree(row, other)), None)
        if found is None:
            lines.append(f"missing: {row}")
        else:
            del left[found]
    return lines + [
        f"not expected: { ({column: row[column] for column in columns} if columns else row) }"
        for row in left
    ]


def find_broken_checks(engine: Engine, table: str, header: Header) -> list[str]:
    """Return the checks of a model's header that its rows break.

    Columns that must not be empty are left out, for a case gives only what matters to it.
    """
    conditions: list[str] = []
    for check in header.checks:
        match check:
            case Holds():
                conditions.append(f"exists (select 1 from {table} where not ({check.holds}))")
            case Between():
                conditions += [
                    f"exists (select 1 from {table} where {column} not between {low} and {high})"
                    for column, (low, high) in check.between.items()
                ]
            case Accepted():
                conditions += [
                    f"exists (select 1 from {table} where {column} not in"
                    f" ({', '.join(repr(value) for value in values)}))"
                    for column, values in check.accepted.items()
                ]
            case Unique():
                keys = ", ".join(check.unique)
                conditions.append(
                    f"exists (select 1 from {table} group by {keys} having count(*) > 1)"
                )
            case _:
                continue
    if not conditions:
        return []
    columns = ", ".join(f"{condition} as c{place}" for place, condition in enumerate(conditions))
    broken = engine.read(f"select {columns}").to_pylist()[0]
    return [
        f"breaks: {c}"
        for c, is_broken in zip(conditions, broken.values(), strict=True)
        if is_broken
    ]


CASES = load_cases()


@pytest.fixture(scope="session", params=sorted(ENGINES))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Yield an engine with every table made once; each test fills all that its model reads."""
    engine = ENGINES[request.param]()
    yield Bench(engine, load_catalogue())
    engine.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_model_gives_what_its_case_expects(case: Case, bench: Bench) -> None:
    actual = bench.run(case.model, case.given)
    lines = compare_rows(bench.convert_rows(case.model, case.expect), actual)
    header = bench.catalogue.models[case.model].header
    lines += find_broken_checks(bench.engine, case.model, header)
    assert not lines, "\n".join([str(case), *lines])


@pytest.mark.parametrize("model", sorted({case.model for case in CASES}))
def test_the_order_of_the_given_rows_changes_nothing(model: str, bench: Bench) -> None:
    chance = random.Random(20240331)
    for case in CASES:
        if case.model != model or all(len(rows) < 2 for rows in case.given.values()):
            continue
        as_given = bench.run(model, case.given)
        columns = case.expect[0] if case.expect else {}
        promised = [{column: row[column] for column in columns} for row in as_given]
        shuffled = {
            table: chance.sample(list(rows)[::-1], len(rows)) for table, rows in case.given.items()
        }
        assert not compare_rows(promised, bench.run(model, shuffled)), str(case)


def test_every_model_has_cases(bench: Bench) -> None:
    without = set(bench.catalogue.models) - {case.model for case in CASES} - {ALL_VALUES}
    assert not without, f"No cases in tests/sql for {', '.join(sorted(without))}."


def test_every_case_is_of_a_model(bench: Bench) -> None:
    stray = {case.model for case in CASES} - set(bench.catalogue.models)
    assert not stray, f"No model for the cases of {', '.join(sorted(stray))}."


ONE_FACT = {
    "intermediate.window_facts": [
        {"scope_type": "all", "scope": "all", "buyer_count": 4, "two_occasion_count": 1}
    ]
}
ONE_RATE: Row = {"scope_type": "all", "scope": "all", "numerator": 1, "denominator": 4}


@pytest.mark.parametrize(
    ("expect", "lines"),
    [
        pytest.param([ONE_RATE], 0, id="right"),
        pytest.param([ONE_RATE | {"numerator": 2}], 2, id="wrong value"),
        pytest.param([ONE_RATE | {"numerator": None}], 2, id="empty instead of a value"),
        pytest.param([ONE_RATE | {"scope": "S1"}], 2, id="wrong key"),
        pytest.param([ONE_RATE, ONE_RATE], 1, id="one row too many"),
        pytest.param([], 1, id="one row too few"),
    ],
)
def test_a_wrong_expectation_fails(
    expect: list[Row],
    lines: int,
    bench: Bench,
) -> None:
    actual = bench.run("kpis.repurchase_rate", ONE_FACT)
    assert len(compare_rows(expect, actual)) == lines


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param({"raw.ordres": []}, "does not read", id="unknown table"),
        pytest.param({"raw.refunds": []}, "does not read", id="table of other models"),
        pytest.param({"raw.orders": [{"order": "A1"}]}, "no column order", id="unknown column"),
        pytest.param({"raw.orders": [{"order_id": 1}]}, "is not string", id="number as id"),
        pytest.param({"raw.orders": [{"paid_amount": "9"}]}, "is not decimal", id="text as money"),
        pytest.param({"raw.orders": [{"is_test": 0}]}, "is not bool", id="number as flag"),
        pytest.param({"raw.parameters": [{}, {}]}, "one row", id="two rows of parameters"),
    ],
)
def test_a_case_that_names_what_does_not_exist_is_refused(
    given: dict[str, list[Row]],
    problem: str,
    bench: Bench,
) -> None:
    with pytest.raises(CaseError, match=problem):
        bench.run("staging.orders", given)


def test_expected_rows_name_the_same_columns() -> None:
    with pytest.raises(CaseError, match="same columns"):
        compare_rows([{"a": 1}, {"a": 1, "b": 2}], [])


def test_a_case_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kpis").mkdir()
    case = "one fact:\n  given: {}\n  expect: []\n"
    (tmp_path / "kpis" / "orders.yaml").write_text(case + case, encoding="utf-8")
    with pytest.raises(CaseError, match="given twice: one fact"):
        load_cases(tmp_path)
