"""That every convention is worded in both languages, and that no setting is left out.

What a convention does to a number is tested in `tests/integration/test_definitions.py`.
"""

from typing import Any

import pytest
from pydantic import BaseModel

from pipelines.conventions import describe_conventions
from pipelines.dataset import Conventions, Dataset, Rfm, Tiers

SHOP: dict[str, Any] = {
    "name": "shop",
    "timezone": "Asia/Shanghai",
    "currency": "CNY",
    "files": {"orders": {"path": "orders.csv"}},
}
OTHERS: dict[str, dict[str, Any]] = {
    "conventions": {
        "purchase_unit": "order",
        "zero_amount_orders": "keep",
        "refunds": "ignore",
        "merges": "ignore",
        "knowledge": "latest",
        "unregistered_ids": "guest",
        "day_starts_at": "04:00",
        "return_window_days": 30,
        "offline_channels": ["门店"],
        "guide_channels": ["企业微信"],
        "small_number": 10,
        "holidays": "none",
        "history_is_complete": True,
    },
    "rfm": {
        "window_days": 730,
        "frequency": "orders",
        "monetary": "mean",
        "cuts": {
            "recency_days": [1, 2, 3, 4],
            "frequency": [1, 2, 3, 4],
            "monetary": [1, 2, 3, 4],
        },
    },
    "tiers": {
        "window": "fixed",
        "levels": [{"points": 0, "zh": "甲", "en": "A"}, {"points": 9, "zh": "乙", "en": "B"}],
    },
}
# The words that count as paid are those of the run, and are shown as it took them.
SHOWN_BY_THE_RUN = {"paid_statuses"}


def describe(**changes: Any) -> list[tuple[str, ...]]:
    return [tuple(row) for row in describe_conventions(Dataset.model_validate(SHOP | changes))]


def test_every_convention_has_a_name_and_a_value_in_both_languages() -> None:
    rows = describe()
    assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == len(rows)
    assert all(all(row) for row in rows)


@pytest.mark.parametrize(
    ("block", "name"), [(block, name) for block, names in OTHERS.items() for name in names]
)
def test_a_setting_is_told_in_both_languages(block: str, name: str) -> None:
    before, after = describe(), describe(**{block: {name: OTHERS[block][name]}})
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed
    assert all(old[2] != new[2] and old[3] != new[3] for old, new in changed)


def test_no_setting_is_left_out() -> None:
    models: dict[str, type[BaseModel]] = {"conventions": Conventions, "rfm": Rfm, "tiers": Tiers}
    for block, model in models.items():
        left = set(model.model_fields) - set(OTHERS[block]) - SHOWN_BY_THE_RUN - {"method"}
        assert left == set(), block


def test_scopes_zone_currency_and_trade_are_told() -> None:
    text = str(describe(scopes=["store", {"customer_type": "客户类型"}], trade="durable"))
    for part in ("store, customer_type", "Asia/Shanghai", "CNY", "300 days", "300 天"):
        assert part in text
