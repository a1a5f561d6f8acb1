"""That what a data set cannot fill costs nothing and takes nothing else with it.

What a metric needs stands in its header.
"""

from pipelines.catalogue import load_catalogue
from pipelines.raw import RAW_TABLES


def list_everything() -> set[str]:
    """Return every table and column that a data set can have."""
    tables = {name.split(".")[1]: table for name, table in RAW_TABLES.items()}
    return set(tables) | {f"{name}.{column}" for name, t in tables.items() for column in t.meanings}


def test_nothing_is_idle_where_everything_is_given() -> None:
    assert load_catalogue().find_idle(list_everything()) == frozenset()


def test_without_lines_the_models_that_only_they_feed_are_idle() -> None:
    given = {name for name in list_everything() if not name.startswith("order_lines")}
    idle = load_catalogue().find_idle(given)
    assert {"kpis.discount_rate", "kpis.gross_margin_rate", "intermediate.line_facts"} <= idle
    assert "kpis.units_per_order" not in idle


def test_no_published_table_is_idle_and_no_working_metric_reads_one_that_is() -> None:
    catalogue = load_catalogue()
    idle = catalogue.find_idle({"orders", "orders.paid_at", "orders.paid_amount"})
    assert not idle & set(catalogue.published)
    readers = {name for table in idle for name in catalogue.find_readers(table)}
    assert readers - idle <= {"kpis.all_values"}
