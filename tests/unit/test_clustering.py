"""That clusters depend on the members alone: not on the order of rows, nor on threads or chance."""

import importlib
import random
from typing import Literal

import numpy as np
import pyarrow as pa
import pytest

from pipelines.clustering import (
    COUNTS,
    FEATURES,
    Centres,
    fit_centres,
    list_centres,
    name_centres,
)
from pipelines.raw import RAW_TABLES

BLOBS: tuple[tuple[float, ...], ...] = (
    (0.0, 3.0, 8.0),
    (2.0, 1.0, 4.0),
    (5.0, 0.0, 1.0),
    (5.0, 3.0, 8.0),
)


def make_sample(rows: list[tuple[float, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(FEATURES)
    return pa.table(
        {
            name: pa.array(column, pa.float64())
            for name, column in zip(FEATURES, columns, strict=True)
        }
    )


def make_blobs(count: int = 600) -> list[tuple[float, ...]]:
    """Return members scattered around four kinds, in the order of a hash."""
    chance = random.Random(11)
    return [
        tuple(value + chance.gauss(0, 0.2) for value in BLOBS[number % len(BLOBS)])
        for number in range(count)
    ]


def nearest(rows: list[tuple[float, ...]], fitted: Centres) -> list[tuple[float, ...]]:
    """Return the centre that each row is nearest to, found by hand."""
    found = []
    for row in rows:
        scaled = (np.array(row) - fitted.means) / fitted.scales
        distances = [float(((scaled - centre) ** 2).sum()) for centre in fitted.centres]
        found.append(tuple(fitted.centres[distances.index(min(distances))]))
    return found


def equal(one: Centres, other: Centres) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("centres", "means", "scales")
    )


def test_kinds_that_stand_apart_are_found() -> None:
    rows = make_blobs()
    fitted = fit_centres(make_sample(rows), "auto")
    assert len(fitted.centres) == len(BLOBS)
    kinds = {(number % len(BLOBS), centre) for number, centre in enumerate(nearest(rows, fitted))}
    assert len(kinds) == len(BLOBS)


def test_order_of_rows_changes_nothing_once_they_are_sorted_by_hash() -> None:
    rows = list(enumerate(make_blobs()))
    fitted = fit_centres(make_sample([row for _, row in rows]), "auto")
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        resorted = make_sample([row for _, row in sorted(rows)])
        assert equal(fit_centres(resorted, "auto"), fitted)


def test_order_of_rows_hardly_moves_the_centres_even_unsorted() -> None:
    rows = make_blobs()
    fitted = list_centres(fit_centres(make_sample(rows), 4)).to_pylist()
    moved = list_centres(fit_centres(make_sample(rows[::-1]), 4)).to_pylist()
    for one, other in zip(fitted, moved, strict=True):
        assert (one["cluster_en"], one["cluster"]) == (other["cluster_en"], other["cluster"])
        assert one["amount"] == pytest.approx(other["amount"])


def test_number_of_threads_changes_nothing() -> None:
    threadpool_limits = importlib.import_module("threadpoolctl").threadpool_limits
    sample = make_sample(make_blobs(20_000))
    outcomes = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads):
            outcomes.append(fit_centres(sample, 5))
    assert equal(outcomes[0], outcomes[1])
    assert equal(outcomes[0], outcomes[2])


@pytest.mark.parametrize("count", [2, 5, 8])
def test_count_can_be_forced(count: int) -> None:
    fitted = fit_centres(make_sample(make_blobs()), count)
    assert fitted.centres.shape == (count, len(FEATURES))
    assert len(set(nearest(make_blobs(), fitted))) == count


@pytest.mark.parametrize("count", ["auto", 2, 8])
def test_fewer_kinds_of_members_than_clusters(count: int | Literal["auto"]) -> None:
    for distinct in (1, 2, 3):
        rows = [BLOBS[number % distinct] for number in range(50)]
        fitted = fit_centres(make_sample(rows), count)
        expected = min(distinct, COUNTS.start if count == "auto" else count)
        assert len(fitted.centres) == expected
        if expected == distinct:
            back = {tuple(np.round(c * fitted.scales + fitted.means, 4)) for c in fitted.centres}
            assert back == set(BLOBS[:distinct])


@pytest.mark.parametrize("count", ["auto", 3])
def test_many_equal_members_before_the_different_ones(count: int | Literal["auto"]) -> None:
    rows = [*[BLOBS[0]] * 2_500, *make_blobs(40)]
    assert 1 <= len(fit_centres(make_sample(rows), count).centres) <= COUNTS.stop


@pytest.mark.parametrize("count", ["auto", 4])
def test_no_member_or_one(count: int | Literal["auto"]) -> None:
    assert list_centres(fit_centres(make_sample([]), count)).num_rows == 0
    rows = list_centres(fit_centres(make_sample([BLOBS[0]]), count)).to_pylist()
    assert [(row["cluster"], row["amount"]) for row in rows] == [(1, 0.0)]


def test_clusters_are_numbered_by_spend_and_carry_the_scaling() -> None:
    fitted = fit_centres(make_sample(make_blobs()), 6)
    table = list_centres(fitted)
    assert table.schema.equals(RAW_TABLES["raw.cluster_centres"].schema)
    rows = table.to_pylist()
    assert [row["cluster"] for row in rows] == list(range(1, 7))
    amounts = [row["amount"] for row in rows]
    assert amounts == sorted(amounts, reverse=True)
    for place, feature in enumerate(("recency", "occasions", "amount")):
        assert {row[f"{feature}_mean"] for row in rows} == {float(fitted.means[place])}
        assert {row[f"{feature}_scale"] for row in rows} == {float(fitted.scales[place])}


def test_names_are_unique_even_for_equal_profiles() -> None:
    average: tuple[float, ...] = (0.0, 0.0, 0.0)
    profiles = [*[average] * 4, *[(1.0, 1.0, 1.0)] * 3, (-1.0, 0.0, 1.0)]
    names = name_centres(profiles)
    assert len({zh for zh, _ in names}) == len({en for _, en in names}) == len(profiles)
    assert names[-1] == (
        "较近到店·频次居中·金额较高",
        "More recent, average visits, higher spend",
    )
