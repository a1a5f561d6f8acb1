"""That readers find what was published, and tell a whole snapshot from a damaged one."""

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import publishing
from pipelines.errors import InputError
from pipelines.snapshots import (
    Snapshot,
    find_damage,
    history,
    list_snapshots,
    open_snapshot,
    read_pointer,
)

DATES = [datetime.date(2024, 1, 31), datetime.date(2024, 2, 29)]


def publish(output: Path, as_of: datetime.date) -> Snapshot:
    building = publishing.start_snapshot(output)
    metadata = {"description": "Members.", "columns": json.dumps({"member_id": "Number."})}
    members = pa.table({"member_id": ["m1", "m2"], "net_amount": [1.5, 2.5]})
    dated = members.append_column("as_of_date", pa.array([as_of] * 2, pa.date32()))
    pq.write_table(dated.replace_schema_metadata(metadata), building / "tables/members.parquet")
    pq.write_table(members, building / "tables/metrics.parquet")
    (building / "report.en.html").write_text("<p>report")
    publishing.write_manifest(building, {"as_of": as_of.isoformat(), "fingerprint": "f" * 64})
    base = publishing.read_published(output)
    return publishing.publish(output, building, as_of, "f" * 64, base)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    for as_of in DATES:
        publish(tmp_path, as_of)
    return tmp_path


def test_tables_come_back_with_their_meanings(output: Path) -> None:
    snapshot = open_snapshot(output)
    assert (snapshot.as_of, snapshot.tables) == (DATES[1], ["members", "metrics"])
    assert snapshot.table("members")["net_amount"].tolist() == [1.5, 2.5]
    assert snapshot.arrow("members").num_rows == 2
    assert snapshot.describe("members") == {"": "Members.", "member_id": "Number."}
    assert snapshot.describe("metrics") == {"": ""}


@pytest.mark.parametrize("as_of", [DATES[0], DATES[0].isoformat()])
def test_snapshot_of_a_date_can_be_opened(output: Path, as_of: datetime.date | str) -> None:
    assert open_snapshot(str(output), as_of).as_of == DATES[0]


def test_what_is_not_there_is_explained(
    output: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(InputError, match="there are 2024-01-31, 2024-02-29"):
        open_snapshot(output, "2024-01-01")
    with pytest.raises(InputError, match="There is no table 'kpi'; there are members, metrics"):
        open_snapshot(output).table("kpi")
    with pytest.raises(InputError, match="Nothing is published in "):
        open_snapshot(tmp_path_factory.mktemp("empty"))


def test_history_stacks_the_snapshots_by_date(output: Path) -> None:
    assert [snapshot.as_of for snapshot in list_snapshots(output)] == DATES
    for name in ("members", "metrics"):
        dates = history(output, name)["as_of_date"].astype(str).tolist()
        assert dates == [str(date) for date in DATES for _ in range(2)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"\xff\xfe",
        b'{"format": 1}',
        b'{"format": 1, "generation": 1, "current": "x"}',
        b'{"format": 1, "generation": 1, "current": "x", "by_as_of": 3}',
        b'{"format": 1, "generation": 1, "current": "x", "by_as_of": "xy"}',
    ],
)
def test_damaged_pointer_is_refused(output: Path, content: bytes) -> None:
    (output / "CURRENT").write_bytes(content)
    with pytest.raises(InputError, match=r"CURRENT is damaged; remove it and run again\.$"):
        open_snapshot(output)


@pytest.mark.parametrize("found", [0, 2, "1", None])
def test_pointer_of_another_format_is_refused(output: Path, found: object) -> None:
    pointer = json.loads((output / "CURRENT").read_text()) | {"format": found}
    (output / "CURRENT").write_text(json.dumps(pointer))
    with pytest.raises(InputError, match=f"CURRENT has format {found}, not 1"):
        read_pointer(output)


def test_pointer_to_a_snapshot_that_is_gone_is_explained(output: Path) -> None:
    shutil.rmtree(open_snapshot(output).folder)
    with pytest.raises(InputError):
        open_snapshot(output).table("members")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def rewrite(path: Path) -> None:
    pq.write_table(pq.read_table(path).slice(1), path)


@pytest.mark.parametrize("damage", [flip, truncate, empty, grow, Path.unlink])
@pytest.mark.parametrize("name", ["tables/members.parquet", "report.en.html"])
def test_each_kind_of_damage_is_found(
    output: Path, name: str, damage: Callable[[Path], None]
) -> None:
    snapshot = open_snapshot(output)
    assert find_damage(snapshot) == []
    damage(snapshot.folder / name)
    problems = find_damage(Snapshot(snapshot.folder))
    assert len(problems) == 1
    assert problems[0].startswith(f"{name} is {'missing' if damage is Path.unlink else 'damaged'}")


def test_table_that_was_written_anew_is_found(output: Path) -> None:
    snapshot = open_snapshot(output)
    rewrite(snapshot.path("members"))
    assert find_damage(Snapshot(snapshot.folder))[0].startswith("tables/members.parquet is damaged")


@pytest.mark.parametrize(("key", "value"), [("rows", 3), ("schema", {"member_id": "int64"})])
def test_manifest_that_tells_of_another_table_is_found(
    output: Path, key: str, value: object
) -> None:
    snapshot = open_snapshot(output)
    manifest = json.loads((snapshot.folder / "manifest.json").read_text())
    manifest["tables"]["members"][key] = value
    (snapshot.folder / "manifest.json").write_text(json.dumps(manifest))
    assert find_damage(Snapshot(snapshot.folder))[0].startswith(f"members: {key} is ")


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"{}", b'{"files": 1, "tables": 2}'])
def test_damaged_manifest_is_found(output: Path, content: bytes | None) -> None:
    snapshot = open_snapshot(output)
    manifest = snapshot.folder / "manifest.json"
    manifest.unlink() if content is None else manifest.write_bytes(content)
    problems = find_damage(Snapshot(snapshot.folder))
    assert problems == [f"{manifest} is missing or damaged."]
