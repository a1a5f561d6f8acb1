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
from pipelines.windows import list_dates, list_windows

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
    "counts_orders": False,
    "small_number": 30,
    "return_window_days": 15,
    "rfm_window_start": datetime.date(2023, 4, 2),
    "rfm_frequency": "occasions",
    "rfm_monetary": "sum",
    "lifecycle_window": "month",
    "lost_after_cycles": 4,
    "least_repeaters": 500,
    "many_scopes": 50,
    "proposal_tickets": 5,
    "proposal_dates": 3,
}
FLOAT_TOLERANCE = 1e-12


class CaseError(Exception):
    """A case cannot be read: it names what does not exist, or gives a value of another type."""


class StrictLoader(yaml.CSafeLoader):
    """Reads YAML and refuses a key that is given twice, for the first would vanish unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value)
        twice = [key for key, count in keys.items() if count > 1]
        if twice:
            raise CaseError(f"{node.start_mark}: given twice: {', '.join(twice)}.")
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, eq=False)
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
        self.outcomes: dict[Case, list[Row]] = {}

    def run_case(self, case: Case) -> list[Row]:
        """Return all that the model of a case makes of its rows, made once however often asked."""
        if case not in self.outcomes:
            self.outcomes[case] = self.run(case.model, case.given)
        return self.outcomes[case]

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
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
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
    actual = bench.run_case(case)
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
        as_given = bench.run_case(case)
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


FIRST_DATE = datetime.date(2022, 11, 9)
GAPS_DAYS = (1, 2, 7, 28, 29, 30, 31, 32, 59, 89, 90, 91, 179, 180, 181, 364, 365, 366)


def generate_histories(chance: random.Random, as_of: datetime.date) -> list[dict[str, Any]]:
    """Return the occasions of 300 members in two scopes, none after the as-of date.

    Gaps lie around the lengths of windows; the last of a history often falls on their very edge.
    """
    rows = []
    for scope_key in (1, 2):
        for member_key in range(1, 301):
            start = FIRST_DATE + datetime.timedelta(
                days=chance.randrange((as_of - FIRST_DATE).days)
            )
            dates = {start, as_of - datetime.timedelta(days=chance.choice(GAPS_DAYS))}
            while len(dates) < 2 + member_key % 6:
                dates.add(max(dates) + datetime.timedelta(days=chance.choice(GAPS_DAYS)))
            kept = sorted(date for date in dates if FIRST_DATE <= date <= as_of)
            for place, date in enumerate(kept):
                rows.append(
                    {
                        "scope_key": scope_key,
                        "member_key": member_key,
                        "business_date": date,
                        "previous_on": kept[place - 1] if place else None,
                        "next_on": kept[place + 1] if place + 1 < len(kept) else None,
                        "order_count": chance.choice((1, 1, 1, 2)),
                    }
                )
    return rows


History = list[tuple[datetime.date, int]]


def list_histories(occasions: Sequence[Row]) -> list[tuple[int, History]]:
    """Return the dates and orders of each member in each scope."""
    histories: dict[tuple[int, int], History] = {}
    for row in occasions:
        key = (row["scope_key"], row["member_key"])
        histories.setdefault(key, []).append((row["business_date"], row["order_count"]))
    return [(scope_key, history) for (scope_key, _), history in histories.items()]


def count_buyers(histories: Sequence[tuple[int, History]], window: Row) -> dict[int, Row]:
    """Return the counts of one window by scope, from one look at each member's whole history.

    A scope in which nobody bought, in the window or the one before, is absent, as it is from the
    models.
    """
    counts: dict[int, Counter[str]] = {}
    start, end = window["window_start"], window["window_end"]
    length = datetime.timedelta(days=window["window_days"] or 0)
    before = start - length if length else window["previous_start"]
    for scope_key, history in histories:
        inside = [orders for date, orders in history if start <= date <= end]
        is_former = any(before <= date < start for date, _ in history)
        if not inside and not is_former:
            continue
        count = counts.setdefault(scope_key, Counter())
        count["former_buyer_count"] += is_former
        count["buyer_count"] += len(inside) >= 1
        count["two_occasion_count"] += len(inside) >= 2
        count["two_order_count"] += sum(inside) >= 2
        if inside:
            count["bought_again_count"] += any(
                end < date <= window["next_end"] for date, _ in history
            )
            count["retained_count"] += is_former
    return {scope_key: dict(count) for scope_key, count in counts.items()}


@pytest.mark.parametrize(
    "as_of",
    [
        datetime.date(2024, 12, 31),
        datetime.date(2025, 2, 13),
        datetime.date(2024, 2, 29),
        datetime.date(2024, 3, 1),
        datetime.date(2022, 11, 20),
    ],
    ids=str,
)
@pytest.mark.parametrize("model", ["intermediate.period_buyers", "intermediate.trailing_buyers"])
def test_buyers_equal_a_plain_count(model: str, as_of: datetime.date, bench: Bench) -> None:
    windows = list_windows(FIRST_DATE, as_of, history_is_complete=False)
    occasions = generate_histories(random.Random(as_of.toordinal()), as_of)
    histories = list_histories(occasions)
    given = {
        "intermediate.occasions": occasions,
        "intermediate.scopes": [
            {"scope_key": 1, "scope_type": "all", "scope": "all"},
            {"scope_key": 2, "scope_type": "store", "scope": "S1"},
        ],
        "raw.windows": windows,
        "intermediate.window_dates": [
            {
                "window_type": window["window_type"],
                "window_start": window["window_start"],
                "business_date": row["date"],
            }
            for window in windows
            for row in list_dates(FIRST_DATE, as_of)
            if window["window_start"] <= row["date"] <= window["window_end"]
        ],
    }
    read = bench.catalogue.models[model].depends_on
    names = (
        "buyer_count",
        "two_occasion_count",
        "two_order_count",
        "bought_again_count",
        "retained_count",
        "former_buyer_count",
    )
    expected = {
        (window["window_type"], window["window_start"], scope_key): [
            count.get(name, 0) for name in names
        ]
        for window in windows
        if (window["anchor_month"] is None) == (model == "intermediate.period_buyers")
        for scope_key, count in count_buyers(histories, window).items()
        if window["is_for_scopes"] or scope_key == 1
    }
    actual = {
        (row["window_type"], row["window_start"], row["scope_key"]): [row[name] for name in names]
        for row in bench.run(model, {name: rows for name, rows in given.items() if name in read})
    }
    assert actual == expected


def test_a_refund_after_the_knowledge_date_is_not_known_from_the_order_file(bench: Bench) -> None:
    """The orders file sums refunds without dates; a refunds file that dates them wins."""
    refund = {"order_id": "A1", "refunded_on": datetime.date(2024, 4, 9), "amount": 4}
    order = {
        "order_id": "A1",
        "status": "paid",
        "business_date": datetime.date(2024, 3, 1),
        "paid_amount": 10,
        "refunded_amount": 4,
    }
    known = bench.run(
        "staging.refunds_by_order", {"staging.refunds": [refund | {"is_conflicting": False}]}
    )
    special = bench.run("staging.special_orders", {"staging.refunds_by_order": known})
    given: dict[str, list[Row]] = {
        "staging.special_orders": special,
        "raw.orders": [order],
        "raw.order_statuses": [{"status": "paid", "status_class": "paid", "is_paid": True}],
    }
    rows = bench.run("staging.orders", given)
    assert [row["net_amount"] for row in rows] == [10]


def test_members_who_registered_before_the_first_order_are_new_in_that_month(bench: Bench) -> None:
    """The calendar begins with the first order; the month and its registrations begin earlier."""
    first, as_of = datetime.date(2024, 3, 10), datetime.date(2024, 3, 31)
    windows = list_windows(first, as_of, history_is_complete=False)
    given: dict[str, list[Row]] = {
        "intermediate.scopes": [{"scope_key": 1, "scope_type": "all", "scope": "all"}],
        "intermediate.homes": [{"home_key": 1}],
        "intermediate.home_scopes": [{"home_key": 1, "scope_key": 1}],
        "raw.windows": windows,
        "staging.members": [
            {
                "member_key": 1,
                "registered_on": datetime.date(2024, 3, 5),
                "is_in_member_file": True,
                "is_excluded": False,
            }
        ],
    }
    rows = bench.run("intermediate.registrations", given)
    months = [row for row in rows if row["window_type"] == "month"]
    assert [row["registered_new_count"] for row in months] == [1]


def test_a_member_file_in_which_nobody_is_registered_yet_gives_0(bench: Bench) -> None:
    """A count is empty only with a reason, and there is none: the file is there."""
    window = {"window_type": "month", "window_start": datetime.date(2024, 3, 1)}
    facts = bench.run(
        "intermediate.window_facts",
        {
            "intermediate.scopes": [{"scope_key": 1, "scope_type": "all", "scope": "all"}],
            "raw.windows": [window],
        },
    )
    columns = ("scope_type", "scope", "registered_count", "registered_new_count")
    given: dict[str, list[Row]] = {
        "intermediate.window_facts": [{name: row[name] for name in columns} for row in facts],
        "raw.parameters": [{}],
    }
    for model in ("kpis.registered_members", "kpis.new_members"):
        rows = bench.run(model, given)
        assert [(row["numerator"], row["null_reason"]) for row in rows] == [(0, None)], model
