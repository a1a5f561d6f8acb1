"""What the checks of a header tell of a table: passed, or how many rows fail and which.

Which checks a table has is judged with its model.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.catalogue import Accepted, Between, Check, Header, Holds, Model, NotNull, Unique
from pipelines.engines.duckdb import DuckDBEngine, open_duckdb
from pipelines.quality import DuckDBInspector, name_check

ROWS = """
select * from (values
    (date '2024-01-01', 'all', 1, 3),
    (date '2024-01-02', 'all', 2, null),
    (date '2024-01-03', 'tea', 9, 1),
    (date '2024-01-03', 'tea', 9, 1)
) as rows (window_start, scope, order_count, buyer_count)
"""
SECRET = "4711-secret"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = open_duckdb(threads=1)
    engine.create("marts.sales", ROWS)
    engine.create("marts.people", f"select '{SECRET}' as member_id, 1 as order_count")
    engine.create("intermediate.scopes", "select 7 as scope_key, 'store' as scope_type, 'S7' scope")
    engine.create("intermediate.places", "select 7 as scope_key, null as place_key")
    yield engine
    engine.close()


@pytest.fixture
def inspector(engine: DuckDBEngine) -> DuckDBInspector:
    return DuckDBInspector(engine.connection)


def make_model(name: str, grain: list[str], check: Check) -> Model:
    """Return a model of which only the grain and one check matter."""
    header = Header(description="A table.", grain=grain, columns={}, checks=[check])
    return Model(name, Path("sales.sql"), header, "", frozenset())


@pytest.mark.parametrize(
    ("check", "count", "said"),
    [
        (NotNull(not_null=["window_start"]), 0, "holds on all rows."),
        (NotNull(not_null=["scope", "buyer_count"]), 1, "window_start 2024-01-02, scope all."),
        (Between(between={"order_count": (1, 5)}), 2, "at window_start 2024-01-03, scope tea; …."),
        (Between(between={"buyer_count": (0, 5)}), 0, "holds on all rows."),
        (Accepted(accepted={"scope": ["all", "tea"]}), 0, "holds on all rows."),
        (Accepted(accepted={"scope": ["all"]}), 2, "fails on 2 rows, at window_start 2024-01-03"),
        (Holds(holds="buyer_count <= order_count"), 1, "window_start 2024-01-01, scope all."),
        (Unique(unique=["window_start", "order_count"]), 1, "at window_start 2024-01-03, scope"),
        (Unique(unique=["order_count"]), 1, "fails on 1 rows"),
        (Holds(holds="no_such_column > 1"), 0, "could not be evaluated: Binder Error"),
        (Holds(holds="cast(scope as integer) > 1"), 0, "not be evaluated: ConversionException."),
    ],
    ids=str,
)
def test_a_check_tells_which_rows_fail(
    inspector: DuckDBInspector, check: Check, count: int, said: str
) -> None:
    model = make_model("marts.sales", ["window_start", "scope"], check)
    (result,) = inspector.inspect([model])[model.name]
    assert said in result.sentence
    assert (result.name, result.failing_count) == (name_check(check), count)
    assert result.passed == result.sentence.endswith("holds on all rows.")


def test_a_failing_check_does_not_hide_that_others_pass(inspector: DuckDBInspector) -> None:
    model = make_model("marts.sales", ["scope"], NotNull(not_null=["scope"]))
    model.header.checks.append(Holds(holds="order_count < 9"))
    assert [result.passed for result in inspector.inspect([model])[model.name]] == [True, False]


def test_keys_that_name_people_are_never_said(inspector: DuckDBInspector) -> None:
    check = Holds(holds="order_count > 1")
    model = make_model("marts.people", ["member_id"], check)
    (result,) = inspector.inspect([model])[model.name]
    assert result.sentence.endswith("holds order_count > 1 fails on 1 rows.")


def test_a_scope_is_said_by_its_name(inspector: DuckDBInspector) -> None:
    model = make_model("intermediate.places", ["scope_key"], NotNull(not_null=["place_key"]))
    assert inspector.inspect([model])[model.name][0].sentence.endswith("at scope_key store S7.")
