"""Purchase cycles as a file: what may stand in cuts.yaml, and what a snapshot's proposal writes.

How cycles are fitted is tested with the models.
"""

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.cycles import (
    choose_lifecycle_window,
    compare_cycles,
    find_cycle,
    list_cycles,
    load_promoted,
    promote,
)
from pipelines.dataset import CUTS, Dataset
from pipelines.errors import InputError
from pipelines.snapshots import Snapshot
from tests.unit.test_settings import make_dataset

GOOD = """\
format: 1
version: 3
fitted_on: 2024-03-31
snapshot: 2024-03-31-0123456789ab
cycles:
- {scope_type: all, scope: all, cycle_days: 59.5}
- {scope_type: brand, scope: A, cycle_days: 30.25}
"""


@pytest.fixture
def fashion() -> Dataset:
    """Return a data set of a trade whose preset is 120 days."""
    return make_dataset(trade="fashion")


def make_row(scope: str = "all", **columns: Any) -> dict[str, Any]:
    """Return a row of purchase_cycles of the whole, or of a brand."""
    return {
        "scope_type": "all" if scope == "all" else "brand",
        "scope": scope,
        "fitted_cycle": 59.23,
        "repeater_count": 12_345,
        "history_days": 730,
        "is_proposed": True,
    } | columns


def make_snapshot(folder: Path, *rows: dict[str, Any], name: str = "2024-03-31-a1") -> Snapshot:
    """Return a snapshot that holds these purchase cycles, or none at all."""
    snapshot = Snapshot(folder / name)
    (snapshot.folder / "tables").mkdir(parents=True)
    if rows:
        table = pa.Table.from_pylist(list(rows))
        pq.write_table(table, snapshot.folder / "tables" / "purchase_cycles.parquet")
    tables: dict[str, Any] = {"purchase_cycles": {}} if rows else {}
    manifest = {"as_of": "2024-03-31", "files": {}, "tables": tables}
    (snapshot.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return snapshot


def test_without_a_promoted_cycle_the_preset_of_the_trade_is_in_use(
    tmp_path: Path, fashion: Dataset
) -> None:
    promoted = load_promoted(tmp_path)
    assert promoted is None
    assert find_cycle(fashion, promoted) == 120
    row = {"scope_type": "all", "scope": "all", "cycle_days": Decimal("120.00")}
    assert list_cycles(fashion, promoted) == [row | {"source": "preset", "version": None}]


def test_promoted_cycles_are_in_use(tmp_path: Path, fashion: Dataset) -> None:
    (tmp_path / CUTS).write_text(GOOD, encoding="utf-8")
    promoted = load_promoted(tmp_path)
    assert find_cycle(fashion, promoted) == Decimal("59.50")
    assert [tuple(row.values()) for row in list_cycles(fashion, promoted)] == [
        ("all", "all", Decimal("59.50"), "promoted", 3),
        ("brand", "A", Decimal("30.25"), "promoted", 3),
    ]


def test_a_brand_alone_leaves_the_preset_to_the_whole(tmp_path: Path, fashion: Dataset) -> None:
    text = GOOD.replace("- {scope_type: all, scope: all, cycle_days: 59.5}\n", "")
    (tmp_path / CUTS).write_text(text, encoding="utf-8")
    rows = list_cycles(fashion, load_promoted(tmp_path))
    assert [(row["scope"], row["cycle_days"], row["source"]) for row in rows] == [
        ("all", 120, "preset"),
        ("A", Decimal("30.25"), "promoted"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("format: 1", "format: 2", "line 1: format: ", id="later format"),
        pytest.param("version: 3", "version: 0", "line 2: version: ", id="version"),
        pytest.param("59.5", "0.5", "line 6: cycles.0.cycle_days: ", id="below a day"),
        pytest.param("59.5", "59.555", "line 6: cycles.0.cycle_days: ", id="too exact"),
        pytest.param("brand, scope: A", "all, scope: all", "each scope has one", id="twice"),
        pytest.param("version: 3", "verison: 3", "line 1: version: ", id="key"),
        pytest.param(GOOD, "- 1\n", "expected keys", id="no mapping"),
        pytest.param("cycles:\n", "cycles\n", "line ", id="no YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    old: str, new: str, problem: str, tmp_path: Path
) -> None:
    (tmp_path / CUTS).write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=r"cuts\.yaml, line ") as caught:
        load_promoted(tmp_path)
    assert problem in str(caught.value)


def test_promoting_writes_the_next_version_once(tmp_path: Path) -> None:
    first = make_snapshot(tmp_path, make_row(), make_row("A", is_proposed=False))
    second = make_snapshot(
        tmp_path, make_row("花茶", fitted_cycle=7.0), make_row(fitted_cycle=61.0), name="b"
    )
    promoted = promote(tmp_path, first)
    assert promoted is not None
    assert promoted == load_promoted(tmp_path)
    assert (promoted.version, promoted.fitted_on, promoted.snapshot) == (
        1,
        datetime.date(2024, 3, 31),
        "2024-03-31-a1",
    )
    assert [cycle.key for cycle in promoted.cycles] == [("all", "all")]
    assert promote(tmp_path, first) is None
    assert load_promoted(tmp_path) == promoted
    later = promote(tmp_path, second)
    assert later is not None
    assert later == load_promoted(tmp_path)
    assert (later.version, [cycle.scope for cycle in later.cycles]) == (2, ["all", "花茶"])
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [CUTS]


def test_without_a_proposal_nothing_is_promoted(tmp_path: Path) -> None:
    (tmp_path / CUTS).write_text(GOOD, encoding="utf-8")
    snapshot = make_snapshot(tmp_path, make_row(is_proposed=False, repeater_count=499))
    with pytest.raises(InputError, match="proposes no purchase cycle"):
        promote(tmp_path, snapshot)
    assert (tmp_path / CUTS).read_text(encoding="utf-8") == GOOD


def test_a_snapshot_from_before_there_were_cycles_proposes_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run again first"):
        promote(tmp_path, make_snapshot(tmp_path))


def test_cycles_in_use_and_proposed_stand_side_by_side(tmp_path: Path, fashion: Dataset) -> None:
    (tmp_path / CUTS).write_text(GOOD, encoding="utf-8")
    snapshot = make_snapshot(
        tmp_path,
        make_row("B", fitted_cycle=None, repeater_count=0, is_proposed=False),
        make_row("A", is_proposed=False, repeater_count=99),
        make_row(),
    )
    assert list(compare_cycles(tmp_path, fashion, snapshot)) == [
        "all all: in use 59.50 days (promoted 3); fitted 59.23 (may be promoted: "
        "12,345 repeaters, 730 days)",
        "brand A: in use 30.25 days (promoted 3); fitted 59.23 (not proposed: "
        "99 repeaters, 730 days)",
        "brand B: in use 59.50 days (promoted 3, that of the whole); fitted none: nobody came back "
        "(not proposed: 0 repeaters, 730 days)",
    ]


@pytest.mark.parametrize(
    ("cycle", "window"),
    [("1", "month"), ("30", "month"), ("30.01", "quarter"), ("120", "half"), ("300", "year"),
     ("900", "year")],
)  # fmt: skip
def test_flows_are_shown_for_the_shortest_window_of_a_cycle(cycle: str, window: str) -> None:
    assert choose_lifecycle_window(Decimal(cycle)) == window
