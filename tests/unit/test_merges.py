"""That merged numbers are followed to the number that lives on, whatever the order of the rows."""

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.merges import follow_merges

DAY_1, DAY_2 = datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)
Pair = tuple[str, str, datetime.date | None]
MEMBERS = st.sampled_from("ABCDEFGH")
PAIRS = st.lists(st.tuples(MEMBERS, MEMBERS, st.sampled_from([None, DAY_1, DAY_2])), max_size=14)


@pytest.mark.parametrize(
    ("pairs", "resolved", "circular"),
    [
        ([], {}, set()),
        ([("A", "B", None)], {"A": "B"}, set()),
        ([("A", "A", DAY_1)], {}, set()),
        ([("A", "B", DAY_1), ("A", "B", DAY_1)], {"A": "B"}, set()),
        ([("A", "B", DAY_2), ("B", "C", DAY_1)], {"A": "C", "B": "C"}, set()),
        ([("A", "C", None), ("B", "C", None)], {"A": "C", "B": "C"}, set()),
        ([("A", "B", DAY_1), ("A", "C", DAY_2)], {"A": "C"}, set()),
        ([("A", "C", DAY_1), ("A", "B", DAY_2)], {"A": "B"}, set()),
        ([("A", "B", DAY_1), ("A", "C", DAY_1)], {"A": "C"}, set()),
        ([("A", "Z", None), ("A", "B", DAY_1)], {"A": "B"}, set()),
        ([("A", "B", None), ("B", "A", None)], {}, {"A", "B"}),
        ([("A", "B", DAY_1), ("B", "A", DAY_2), ("C", "A", DAY_1)], {}, {"A", "B", "C"}),
        ([("A", "B", None), ("B", "B", None)], {"A": "B"}, set()),
        (
            [("A", "B", None), ("B", "A", None), ("C", "D", None)],
            {"C": "D"},
            {"A", "B"},
        ),
    ],
)
def test_merges(pairs: list[Pair], resolved: dict[str, str], circular: set[str]) -> None:
    assert follow_merges(pairs) == (resolved, circular)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(PAIRS, st.randoms(use_true_random=False))
def test_each_number_ends_where_walking_ends_in_any_order(pairs: list[Pair], chance: Any) -> None:
    resolved, circular = follow_merges(pairs)
    steps: dict[str, str] = {}
    for member, target, _ in sorted(pairs, key=lambda it: (it[2] or datetime.date.min, it[1])):
        if member != target:
            steps[member] = target
    for member in steps:
        number = member
        for _ in range(len(steps) + 1):
            number = steps.get(number, number)
        if number in steps:
            assert member in circular
        else:
            assert resolved[member] == number
    assert set(resolved) | circular == set(steps)
    assert not set(resolved) & circular
    assert not set(resolved) & set(resolved.values())
    chance.shuffle(pairs)
    assert follow_merges(pairs) == (resolved, circular)


def test_long_chain_is_followed_to_its_end() -> None:
    pairs: list[Pair] = [(f"{number:06}", f"{number + 1:06}", None) for number in range(3_000)]
    resolved, circular = follow_merges(pairs)
    assert set(resolved.values()) == {"003000"}
    assert (len(resolved), circular) == (3_000, set())
