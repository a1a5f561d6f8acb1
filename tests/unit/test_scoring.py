"""That cuts follow the rule that was agreed and always rise, and that rules claim every cell."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.dataset import Dataset
from pipelines.errors import InputError
from pipelines.scoring import (
    RECENCY_LADDER_DAYS,
    RULESETS,
    choose_cuts,
    climb_ladder,
    fit_cuts,
    list_cells,
    list_cuts,
    list_segments,
    load_ruleset,
    round_up_to_two_digits,
)

generated = settings(derandomize=True, deadline=None, max_examples=200)
AMOUNTS = st.floats(0, 1e7, allow_nan=False).map(lambda amount: round(amount, 2))


def describe(**more: Any) -> Dataset:
    content = {"name": "shop", "timezone": "Asia/Shanghai", "currency": "CNY"}
    return Dataset.model_validate({**content, "files": {"orders": {"path": "o.csv"}}, **more})


def rises(cuts: list[float]) -> bool:
    return all(low < high for low, high in itertools.pairwise(cuts))


@pytest.mark.parametrize(
    ("cycle_days", "cuts"),
    [
        (59, [60, 120, 180, 270]),
        (200, [270, 540, 730, 1095]),
        (30, [30, 60, 90, 120]),
        (120, [120, 270, 365, 540]),
        (300, [365, 730, 1095, 1460]),
        (5.49, [7, 14, 21, 30]),
        (7, [7, 14, 21, 30]),
        (1, [7, 10, 14, 21]),
        (0, [7, 10, 14, 21]),
        (400, [540, 1095, 1460, 1600]),
        (1000, [1095, 2000, 3000, 4000]),
    ],
)
def test_recency_cuts_are_whole_cycles_rounded_up_to_a_rung(
    cycle_days: float, cuts: list[int]
) -> None:
    assert climb_ladder(cycle_days) == cuts


@generated
@given(st.floats(0, 5_000, allow_nan=False))
def test_recency_cuts_rise_and_are_the_lowest_that_do(cycle_days: float) -> None:
    cuts = climb_ladder(cycle_days)
    assert rises([float(cut) for cut in cuts])
    for multiple, cut in enumerate(cuts, start=1):
        assert cut >= multiple * cycle_days
        below = [rung for rung in RECENCY_LADDER_DAYS if multiple * cycle_days <= rung < cut]
        assert set(below) <= set(cuts[: multiple - 1])


def test_cuts_of_the_worked_examples() -> None:
    # A tea chain: the repeaters' median is 3, their 75th percentile 6, their 90th 11.
    occasions = np.array([1] * 40 + [2] * 5 + [3] * 10 + [5] * 8 + [6] * 9 + [11] * 8)
    tea = fit_cuts(59, occasions, np.linspace(1, 500, 80))
    assert tea.recency_days == [60, 120, 180, 270]
    repeaters = sorted(occasions[occasions >= 2])
    assert tea.frequency == [
        2,
        *(math.ceil(np.quantile(repeaters, share)) for share in (0.5, 0.75, 0.9)),
    ]
    # A jeweller: hardly anybody comes a third time, so the cuts are pushed apart.
    amounts = np.repeat([1_050.5, 1_888.0, 3_111.0, 5_750.1, 9_999.0], [3, 2, 2, 3, 1])
    jeweller = fit_cuts(200, np.array([1] * 9 + [2] * 2), amounts)
    assert jeweller.recency_days == [270, 540, 730, 1095]
    assert jeweller.frequency == [2, 3, 4, 5]
    assert jeweller.monetary == [1100, 1900, 3200, 5800]


@generated
@given(
    st.floats(0, 2_000, allow_nan=False),
    st.lists(st.tuples(st.integers(1, 400), AMOUNTS), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_fitted_cuts_rise_whatever_the_history_and_the_order_of_its_rows(
    cycle_days: float, buyers: list[tuple[int, float]], chance: Any
) -> None:
    def fit() -> Any:
        return fit_cuts(
            cycle_days,
            np.array([count for count, _ in buyers]),
            np.array([amount for _, amount in buyers]),
        )

    cuts = fit()
    for measure in (cuts.recency_days, cuts.frequency, cuts.monetary):
        assert len(measure) == 4
        assert rises(measure)
    assert cuts.frequency[0] == 2
    chance.shuffle(buyers)
    assert fit() == cuts


@generated
@given(st.floats(0.01, 1e9, allow_nan=False))
def test_rounding_up_keeps_two_digits_and_loses_nothing(amount: float) -> None:
    rounded = round_up_to_two_digits(amount)
    assert rounded >= amount
    assert rounded == int(rounded)
    digits = str(int(rounded)).rstrip("0")
    assert len(digits) <= 2
    assert rounded - amount < max(1, 10 ** (len(str(math.floor(amount))) - 2)) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        *((0, 1), (-5, 1), (0.3, 1), (1, 1), (9.1, 10), (99, 99), (99.01, 100), (100, 100)),
        *((101, 110), (1000, 1000), (1000.01, 1100), (995, 1000), (123_456, 130_000)),
    ],
)
def test_rounding_up(amount: float, rounded: float) -> None:
    assert round_up_to_two_digits(amount) == rounded


def test_cuts_of_the_data_set_win_over_the_preset() -> None:
    cuts = {
        "recency_days": [1, 2, 3, 4],
        "frequency": [2, 3, 4, 5],
        "monetary": [10, 20, 30, 40],
    }
    assert choose_cuts(describe(rfm={"cuts": cuts})).model_dump() == cuts
    for trade, recency in (("frequent", 30), ("fashion", 120), ("durable", 300)):
        preset = choose_cuts(describe(trade=trade))
        assert preset.recency_days == climb_ladder(recency)
        assert rises(preset.frequency)
        assert rises(preset.monetary)


def test_rows_of_cuts_give_each_score_above_one_its_cut() -> None:
    rows = list_cuts(choose_cuts(describe()))
    assert [(row["measure"], row["score"]) for row in rows] == [
        *(("recency", score) for score in (5, 4, 3, 2)),
        *(("frequency", score) for score in (2, 3, 4, 5)),
        *(("monetary", score) for score in (2, 3, 4, 5)),
    ]
    assert {(row["measure"], row["direction"]) for row in rows} == {
        ("recency", "at_most"),
        ("frequency", "at_least"),
        ("monetary", "at_least"),
    }


def test_rule_set_claims_each_cell_once() -> None:
    ruleset = load_ruleset("eleven_groups")
    cells = list_cells(ruleset)
    scores = [(row["r_score"], row["f_score"], row["m_score"]) for row in cells]
    assert sorted(scores) == sorted(itertools.product(range(1, 6), repeat=3))
    claimed = [tuple(cell) for rule in ruleset["rules"] for cell in rule["cells_r_fm"]]
    assert sorted(claimed) == sorted(itertools.product(range(1, 6), repeat=2))
    owners = {
        tuple(cell): rule["segment"] for rule in ruleset["rules"] for cell in rule["cells_r_fm"]
    }
    for row in cells:
        assert row["fm_score"] == math.floor((row["f_score"] + row["m_score"] + 1) / 2)
        assert row["segment"] == owners[row["r_score"], row["fm_score"]]


def test_cell_without_a_rule_is_an_error() -> None:
    ruleset = yaml.safe_load((RULESETS / "eleven_groups.yaml").read_text(encoding="utf-8"))
    ruleset["rules"].pop()
    with pytest.raises(InputError, match="claims no segment for R 1, FM 1"):
        list_cells(ruleset)


def test_segments_are_listed_with_the_one_outside_last() -> None:
    rows = list_segments(load_ruleset("eleven_groups"))
    assert [row["position"] for row in rows] == list(range(1, 13))
    assert rows[-1]["segment"] == "never_bought"
    for label in ("segment", "segment_zh", "segment_en"):
        assert len({row[label] for row in rows}) == 12


@pytest.mark.parametrize("name", ["twelve", "../rulesets/eleven_groups", ""])
def test_rule_set_of_another_name_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="is not one of eleven_groups"):
        load_ruleset(name)
