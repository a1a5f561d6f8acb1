"""That each identity of the metrics is missed where a number is off by the least there is.

That nothing is missed where all adds up is a case of the model.
"""

from collections.abc import Iterator

import pytest

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.engines.duckdb import DuckDBEngine, open_duckdb

MODEL = "marts.broken_identities"
VALUES = {
    "orders": 9,
    "orders_member": 6,
    "orders_guest": 3,
    "net_sales": "30.00",
    "net_sales_member": "20.10",
    "net_sales_guest": "9.90",
    "active_members": 4,
    "lifecycle_new": 2,
    "lifecycle_retained": 1,
    "lifecycle_reactivated": 1,
    "repeat_order_share": 2,
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    """Yield an engine with numbers that add up."""
    engine = open_duckdb(threads=1)
    rows = ", ".join(f"('{metric}', {value})" for metric, value in VALUES.items())
    engine.create(
        "marts.kpi",
        "select metric, 'all' as scope_type, 'all' as scope, 'month' as window_type,"
        " date '2024-01-01' as window_start, cast(numerator as decimal(24, 6)) as numerator,"
        " case when metric = 'repeat_order_share' then 6 end as denominator,"
        f" cast(null as varchar) as null_reason from (values {rows}) as rows (metric, numerator)",
    )
    engine.create(
        "marts.segment_summary",
        "select 0.1 * part as member_share, date '2024-03-31' as as_of_date"
        " from (values (3), (6), (1)) as rows (part)",
    )
    engine.create(
        "marts.population_waterfall",
        "select step, row_count, cast(amount as decimal(18, 2)) as gross_amount,"
        " date '2024-03-31' as as_of_date"
        " from (values ('read', 3, 0.3), ('zero', 1, 0.1), ('guest', 2, 0.2))"
        " as rows (step, row_count, amount)",
    )
    yield engine
    engine.close()


def find_broken(engine: DuckDBEngine, catalogue: Catalogue) -> dict[str, float]:
    """Return what does not add up, and by how much."""
    engine.create(MODEL, catalogue.models[MODEL].query)
    rows = engine.read(f"select identity, difference from {MODEL}").to_pylist()
    return {row["identity"]: row["difference"] for row in rows}


def test_what_adds_up_is_not_listed(engine: DuckDBEngine, catalogue: Catalogue) -> None:
    assert find_broken(engine, catalogue) == {}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("marts.kpi set numerator = 4 where metric = 'orders_guest'", "orders of members"),
        ("marts.kpi set numerator = 9.91 where metric = 'net_sales_guest'", "sales of members"),
        ("marts.kpi set numerator = 0 where metric = 'lifecycle_new'", "buyers by lifecycle"),
        ("marts.kpi set numerator = 3 where metric = 'repeat_order_share'", "later orders"),
        ("marts.segment_summary set member_share = 0.2 where member_share < 0.2", "by segment"),
        ("marts.population_waterfall set row_count = 2 where step = 'zero'", "rows of the"),
        ("marts.population_waterfall set gross_amount = 0.11 where step = 'zero'", "amounts of"),
    ],
)
def test_the_least_difference_is_listed(
    engine: DuckDBEngine, catalogue: Catalogue, change: str, broken: str
) -> None:
    engine.connection.execute(f"update {change}")
    (identity,) = find_broken(engine, catalogue)
    assert broken in identity
