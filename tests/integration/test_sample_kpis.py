"""What a run on the sample publishes, compared with counts made independently from its files.
How a run proceeds and what it does with bad input is tested elsewhere.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import yaml

from tests.oracles.sample_kpis import (
    AMOUNT_METRICS,
    KpiKey,
    KpiNumber,
    MemberScore,
    SourceOracle,
    name_segment,
)

if TYPE_CHECKING:
    from pipelines.snapshots import Snapshot

CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def expected(sample_folder: Path) -> dict[str, Any]:
    """Return what make.py counted."""
    text = (sample_folder / "expected.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@pytest.fixture(scope="module")
def oracle(sample_folder: Path) -> SourceOracle:
    """Return the sample's orders and members in sqlite3."""
    return SourceOracle(sample_folder)


@pytest.fixture(scope="module")
def counted(oracle: SourceOracle) -> dict[KpiKey, KpiNumber]:
    """Return every KPI as the oracle counts it."""
    return oracle.count_kpis()


@pytest.fixture(scope="module")
def published(sample_snapshot: Snapshot) -> dict[KpiKey, dict[str, Any]]:
    """Return the published KPI rows by their key, which must be unique."""
    rows = sample_snapshot.table("kpi").to_dict("records")
    kpis = {
        KpiKey(
            row["metric"],
            row["scope_type"],
            row["scope"],
            row["window_type"],
            read_date(row["window_start"]),
            read_date(row["window_end"]),
        ): {str(name): cell for name, cell in row.items()}
        for row in rows
    }
    assert len(kpis) == len(rows)
    return kpis


def read_date(cell: Any) -> date:
    """Return a published date as a date."""
    return pd.Timestamp(cell).date()


def read_amount(cell: float) -> Decimal:
    """Return a published amount, a double, in exact cents."""
    return Decimal(repr(float(cell))).quantize(CENT)


def read_part(metric: str, cell: Any) -> Decimal | None:
    """Return a published numerator or denominator exactly: cents for amounts, else as it is."""
    if pd.isna(cell):
        return None
    return read_amount(cell) if metric in AMOUNT_METRICS else Decimal(repr(float(cell)))


def write_decimal(number: Any) -> Decimal | None:
    """Return an exact fraction of the oracle, all of which end within two digits."""
    if number is None:
        return None
    return Decimal(number.numerator) / Decimal(number.denominator)


def list_differences(pairs: dict[Any, tuple[Any, Any]]) -> dict[Any, tuple[Any, Any]]:
    """Return the first ten keys whose published and counted sides differ."""
    different = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    return dict(list(different.items())[:10])


def test_oracle_agrees_with_expected(
    oracle: SourceOracle, counted: dict[KpiKey, KpiNumber], expected: dict[str, Any]
) -> None:
    assert oracle.as_of.isoformat() == expected["as_of"]
    assert oracle.first_day.isoformat() == expected["first_business_date"]
    for window_type, content in expected["kpi"].items():
        start = date.fromisoformat(content["window_start"])
        end = date.fromisoformat(content["window_end"])
        for metric in content.keys() - {"window_start", "window_end"}:
            parts = content[metric]
            number = counted[KpiKey(metric, "all", "all", window_type, start, end)]
            assert write_decimal(number.numerator) == Decimal(parts["numerator"]), metric
            if "denominator" in parts:
                assert write_decimal(number.denominator) == Decimal(parts["denominator"]), metric


def test_kpi_rows_are_those_of_the_contract(
    published: dict[KpiKey, dict[str, Any]], counted: dict[KpiKey, KpiNumber]
) -> None:
    metrics = {key.metric for key in counted}
    missing = sorted(counted.keys() - published.keys())
    unexpected = sorted(key for key in published.keys() - counted.keys() if key.metric in metrics)
    assert (missing[:10], unexpected[:10]) == ([], [])


@pytest.mark.parametrize("part", ["numerator", "denominator"])
def test_kpi_parts_are_exact(
    published: dict[KpiKey, dict[str, Any]], counted: dict[KpiKey, KpiNumber], part: str
) -> None:
    pairs = {
        key: (read_part(key.metric, published[key][part]), write_decimal(getattr(number, part)))
        for key, number in counted.items()
    }
    assert list_differences(pairs) == {}


def test_kpi_values_follow_from_their_parts(
    published: dict[KpiKey, dict[str, Any]], counted: dict[KpiKey, KpiNumber]
) -> None:
    different: list[tuple[KpiKey, Any, float | None]] = []
    for key, number in counted.items():
        value = published[key]["value"]
        if number.value is None:
            if not pd.isna(value):
                different.append((key, value, None))
        elif pd.isna(value) or value != pytest.approx(float(number.value), rel=1e-12):
            different.append((key, value, float(number.value)))
    assert different[:10] == []


def test_kpi_says_why_a_value_is_empty(
    published: dict[KpiKey, dict[str, Any]], counted: dict[KpiKey, KpiNumber]
) -> None:
    pairs = {
        key: (
            None if pd.isna(published[key]["null_reason"]) else published[key]["null_reason"],
            number.null_reason,
        )
        for key, number in counted.items()
    }
    assert list_differences(pairs) == {}


def test_metrics_describe_every_kpi(
    sample_snapshot: Snapshot,
    published: dict[KpiKey, dict[str, Any]],
    counted: dict[KpiKey, KpiNumber],
) -> None:
    metrics = sample_snapshot.table("metrics")
    available = set(metrics["metric"][metrics["is_available"].astype(bool)])
    assert {key.metric for key in counted} <= {key.metric for key in published} <= available


def test_member_rfm_equals_an_independent_count(
    sample_snapshot: Snapshot, oracle: SourceOracle
) -> None:
    table = sample_snapshot.table("member_rfm")
    rows = {
        row["member_id"]: MemberScore(
            read_date(row["first_order_on"]),
            read_date(row["last_order_on"]),
            int(row["recency_days"]),
            int(row["order_count"]),
            int(row["occasion_count"]),
            read_amount(row["net_amount"]),
            int(row["r_score"]),
            int(row["f_score"]),
            int(row["m_score"]),
        )
        for row in table.to_dict("records")
    }
    scores = oracle.score_members()
    assert len(table) == len(rows)
    assert rows.keys() == scores.keys()
    assert list_differences({member: (rows[member], scores[member]) for member in scores}) == {}
    combined = table["r_score"].astype(str) + table["f_score"].astype(str)
    assert list(table["rfm"]) == list(combined + table["m_score"].astype(str))


def test_rfm_cuts_are_those_of_the_settings(
    sample_snapshot: Snapshot, oracle: SourceOracle
) -> None:
    table = sample_snapshot.table("rfm_cuts")
    published_cuts = {
        (row["measure"], int(row["score"])): (row["direction"], float(row["cut"]))
        for row in table.to_dict("records")
    }
    cuts = oracle.settings["rfm"]["cuts"]
    wanted = {
        ("recency", 5 - place): ("at_most", float(cut))
        for place, cut in enumerate(cuts["recency_days"])
    }
    for measure in ("frequency", "monetary"):
        for place, cut in enumerate(cuts[measure]):
            wanted[measure, 2 + place] = ("at_least", float(cut))
    assert published_cuts == wanted


def test_segments_follow_from_the_scores(sample_snapshot: Snapshot, oracle: SourceOracle) -> None:
    table = sample_snapshot.table("member_segments")
    segments = dict(zip(table["member_id"], table["segment"], strict=True))
    wanted = {
        member: name_segment(score.r_score, score.f_score, score.m_score)
        for member, score in oracle.score_members().items()
    }
    assert len(table) == len(segments)
    bought = {member: name for member, name in segments.items() if name != "never_bought"}
    assert bought == wanted


def test_segment_shares_add_up(
    sample_snapshot: Snapshot, oracle: SourceOracle, expected: dict[str, Any]
) -> None:
    summary = sample_snapshot.table("segment_summary")
    counts = sample_snapshot.table("member_segments")["segment"].value_counts().to_dict()
    summed = dict(zip(summary["segment"], summary["member_count"], strict=True))
    assert {name: count for name, count in summed.items() if count} == counts
    assert float(summary["member_share"].sum()) == pytest.approx(1, abs=1e-12)
    assert float(summary["sales_share"].sum()) == pytest.approx(1, abs=1e-12)
    in_window = sum(score.net_amount for score in oracle.score_members().values())
    amounts = [read_amount(cell) for cell in summary["net_amount"] if not pd.isna(cell)]
    assert sum(amounts) == in_window == Decimal(expected["net_sales"])


def test_waterfall_boxes_hold_every_order_once(
    sample_snapshot: Snapshot, expected: dict[str, Any]
) -> None:
    table = sample_snapshot.table("population_waterfall").sort_values("position")
    read, boxes = table.iloc[0], table.iloc[1:]
    assert read["step"] == "read"
    assert int(read["row_count"]) == expected["rows"]["orders"]
    assert read_amount(read["gross_amount"]) == Decimal(expected["net_sales"])
    assert int(boxes["row_count"].sum()) == int(read["row_count"])
    amounts = [read_amount(cell) for cell in boxes["gross_amount"]]
    assert sum(amounts) == read_amount(read["gross_amount"])
    worthless = boxes[boxes["gross_amount"] == 0]["row_count"].sum()
    assert int(worthless) == expected["zero_amount_orders"]


def test_members_are_registered_or_identified(
    sample_snapshot: Snapshot, expected: dict[str, Any]
) -> None:
    members = sample_snapshot.table("members")
    registered = members["is_registered"].astype(bool)
    assert members["member_id"].is_unique
    assert int(registered.sum()) == expected["registered_households"]
    assert int((~registered).sum()) == expected["identified_households"]
    assert int(members["lifetime_order_count"].sum()) == expected["valid_orders"]
    assert int(members["lifetime_occasion_count"].sum()) == expected["occasions"]
    amounts = [read_amount(cell) for cell in members["lifetime_net_amount"]]
    assert sum(amounts) == Decimal(expected["net_sales"])
    assert members["registered_on"].isna().all()
