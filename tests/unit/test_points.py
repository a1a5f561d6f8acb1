"""That settings of points and tiers become the rows that the models read, and cycles their dates.

What the models make of points is tested by their cases.
"""

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pipelines.dataset import Dataset, Tiers
from pipelines.points import list_cycles, list_kinds, list_tier_words, list_tiers

DAY = datetime.timedelta(days=1)
DATES = st.dates(datetime.date(1999, 12, 1), datetime.date(2040, 3, 1))
generated = settings(derandomize=True, deadline=None, max_examples=200)


def make_dataset(**more: Any) -> Dataset:
    """Return a data set of which only these settings matter."""
    shop = {"name": "shop", "timezone": "Asia/Shanghai", "currency": "CNY"}
    return Dataset.model_validate(shop | {"files": {"orders": {"path": "orders.csv"}}} | more)


def list_dates_of(tiers: Tiers, as_of: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    return [(row["cycle_start"], row["cycle_end"]) for row in list_cycles(tiers, as_of)]


def test_common_words_are_known_and_the_data_set_overrules_them() -> None:
    words = {"earn": [" 购物 "], "adjust": ["兑换"]}
    kinds = {row["word"]: row["point_kind"] for row in list_kinds(make_dataset(point_kinds=words))}
    assert kinds["earn"] == kinds["购物"] == kinds["冲正"] == "earn"
    assert (kinds["redeemed"], kinds["过期"], kinds["兑换"]) == ("redeem", "expire", "adjust")
    assert "抽奖" not in kinds


def test_there_are_six_tiers_unless_the_data_set_names_its_own() -> None:
    assert [row["tier"] for row in list_tiers(make_dataset().tiers)] == [1, 2, 3, 4, 5, 6]
    levels = [
        {"points": 0, "zh": "会员", "en": "Member", "words": ["V1"]},
        {"points": 100, "zh": "贵宾", "en": "VIP", "words": ["V2"]},
    ]
    tiers = make_dataset(tiers={"levels": levels}).tiers
    assert [row["from_points"] for row in list_tiers(tiers)] == [0, 100]
    words = {row["word"]: row["tier"] for row in list_tier_words(tiers)}
    assert words == {"会员": 1, "member": 1, "v1": 1, "贵宾": 2, "vip": 2, "v2": 2}


@pytest.mark.parametrize(
    ("points", "problem"),
    [((10, 20), "begins at 0 points"), ((0, 0), "strictly increasing"), ((0, -1), "greater than")],
)
def test_thresholds_that_leave_members_out_are_refused(
    points: tuple[int, int], problem: str
) -> None:
    levels = [{"points": p, "zh": f"{i}级", "en": f"L{i}"} for i, p in enumerate(points)]
    with pytest.raises(ValidationError, match=problem):
        make_dataset(tiers={"levels": levels})


def test_one_word_is_no_two_tiers() -> None:
    levels = [{"points": 0, "zh": "会员", "en": "VIP"}, {"points": 1, "zh": "贵宾", "en": "VIP"}]
    with pytest.raises(ValidationError, match="stands twice"):
        make_dataset(tiers={"levels": levels})


@pytest.mark.parametrize(
    ("as_of", "start", "former_start"),
    [
        ("2024-03-31", "2023-10-01", "2023-04-01"),
        ("2024-02-29", "2023-09-01", "2023-03-01"),
        ("2024-08-30", "2024-02-29", "2023-08-29"),
        ("2024-08-31", "2024-03-01", "2023-09-01"),
        ("2024-05-15", "2023-11-16", "2023-05-16"),
    ],
)
def test_rolling_cycles_are_six_months_that_end_with_the_as_of_date(
    as_of: str, start: str, former_start: str
) -> None:
    end, first, before = map(datetime.date.fromisoformat, (as_of, start, former_start))
    assert list_dates_of(Tiers(), end) == [(first, end), (before, first - DAY)]
    assert all(row["is_ended"] for row in list_cycles(Tiers(), end))


@generated
@given(DATES)
def test_fixed_cycles_are_the_half_years_and_end_on_their_last_date(as_of: datetime.date) -> None:
    current, former = list_cycles(Tiers(window="fixed"), as_of)
    assert current["cycle_start"] <= as_of <= current["cycle_end"]
    for row in (current, former):
        assert (row["cycle_start"].month, row["cycle_start"].day) in ((1, 1), (7, 1))
        assert ((row["cycle_end"] + DAY).month, (row["cycle_end"] + DAY).day) in ((1, 1), (7, 1))
        assert 181 <= (row["cycle_end"] - row["cycle_start"]).days + 1 <= 184
    assert former["cycle_end"] == current["cycle_start"] - DAY
    assert current["is_ended"] == (current["cycle_end"] == as_of)
