"""That settings become the rows that the models read: statuses, kinds, rule sets, months of UTC.

What the models do with them is tested by their cases.
"""

import datetime
from itertools import pairwise
from typing import Any

import pytest

from pipelines.dataset import Dataset
from pipelines.settings import (
    COUNTING_RULES,
    PAID_CLASSES,
    STAGES,
    list_rule_sets,
    list_statuses,
    list_utc_months,
)


def make_dataset(**settings: Any) -> Dataset:
    """Return a data set of which only these settings matter."""
    orders = {"path": "orders.csv", **settings.pop("orders", {})}
    return Dataset.model_validate(
        {
            "name": "shop",
            "timezone": "Asia/Shanghai",
            "currency": "CNY",
            "files": {"orders": orders},
            **settings,
        }
    )


def find_statuses(dataset: Dataset) -> dict[str, tuple[str, int, bool]]:
    """Return status: class, stage and whether it is paid."""
    return {
        row["status"]: (row["status_class"], row["stage"], row["is_paid"])
        for row in list_statuses(dataset)
    }


def test_words_that_mean_the_same_everywhere_are_known() -> None:
    statuses = find_statuses(make_dataset())
    assert statuses["已完成"] == ("done", 4, True)
    assert statuses["shipped"] == ("shipped", 3, True)
    assert statuses["待付款"] == ("created", 1, False)
    assert statuses["refunded"] == ("refunded", 5, False)
    assert statuses["已取消"] == ("cancelled", 5, False)
    assert "待定" not in statuses


def test_the_data_set_explains_its_own_words_and_overrules_the_common_ones() -> None:
    words = {"done": ["已签收"], "test": ["测试"], "cancelled": ["completed"]}
    statuses = find_statuses(make_dataset(orders={"statuses": words}))
    assert statuses["已签收"] == ("done", 4, True)
    assert statuses["测试"] == ("test", 2, False)
    assert statuses["completed"] == ("cancelled", 5, False)


def test_paid_statuses_alone_decide_where_a_person_gives_them() -> None:
    dataset = make_dataset(conventions={"paid_statuses": ["已完成", "部分退款"]})
    statuses = find_statuses(dataset)
    assert statuses["部分退款"] == ("paid", 2, True)
    assert {word for word, (_, _, is_paid) in statuses.items() if is_paid} == {"已完成", "部分退款"}


def test_every_class_has_a_stage() -> None:
    rows = list_statuses(make_dataset())
    assert {row["status_class"] for row in rows} <= set(STAGES)
    assert set(PAID_CLASSES) < set(STAGES)


def test_rule_sets_are_all_sets_fewest_rules_first() -> None:
    rows = list_rule_sets()
    columns = [column for column, *_ in COUNTING_RULES]
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    assert (rows[0]["rule_set"], rows[-1]["rule_set"]) == ("none", "unexplained")
    *sets, unexplained = rows
    sizes = [sum(row[column] for column in columns) for row in sets]
    assert sizes[0] == 0
    assert all(before <= after for before, after in pairwise(sizes))
    assert len({tuple(row[column] for column in columns) for row in sets}) == 2 ** len(columns)
    assert len({row["rule_set"] for row in rows}) == len(rows)
    assert not any(unexplained[column] for column in columns)
    assert all(row["rule_set_zh"] and row["rule_set_en"] for row in rows)


@pytest.mark.parametrize(
    ("timezone", "start", "end"),
    [
        pytest.param("Asia/Shanghai", "2024-03-01 08:00", "2024-04-01 08:00", id="ahead"),
        pytest.param("America/New_York", "2024-02-29 19:00", "2024-03-31 20:00", id="summer time"),
        pytest.param("UTC", "2024-03-01 00:00", "2024-04-01 00:00", id="the same"),
    ],
)
def test_a_month_of_utc_in_local_time(timezone: str, start: str, end: str) -> None:
    month = datetime.date(2024, 3, 1)
    rows = {row["month"]: row for row in list_utc_months(make_dataset(timezone=timezone), [month])}
    assert list(rows) == [datetime.date(2024, 2, 1), month, datetime.date(2024, 4, 1)]
    assert rows[month]["starts_at"] == datetime.datetime.fromisoformat(start)
    assert rows[month]["ends_at"] == datetime.datetime.fromisoformat(end)


def test_months_that_no_calendar_goes_beyond_are_left_out() -> None:
    assert list_utc_months(make_dataset(), [datetime.date(9999, 12, 1)]) == []
