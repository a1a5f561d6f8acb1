"""That what is published only ever moves from one whole snapshot to another."""

import datetime
import json
from pathlib import Path

import pytest

from pipelines import publishing
from pipelines.errors import GateError, InputError
from pipelines.publishing import (
    clear_leftovers,
    find_prior,
    find_unchanged,
    publish,
    read_published,
    roll_back,
    start_snapshot,
    write_manifest,
)
from pipelines.snapshots import Pointer, Snapshot, find_damage, open_snapshot

JANUARY, FEBRUARY, MARCH = (
    datetime.date(2024, 1, 31),
    datetime.date(2024, 2, 29),
    datetime.date(2024, 3, 31),
)


def build(output: Path, as_of: datetime.date, mark: str) -> Path:
    building = start_snapshot(output)
    (building / "report.en.html").write_text(mark)
    write_manifest(building, {"as_of": as_of.isoformat(), "fingerprint": mark * 64})
    return building


def publish_one(
    output: Path, as_of: datetime.date, mark: str = "a", base: Pointer | None = None
) -> Snapshot:
    building = build(output, as_of, mark)
    return publish(output, building, as_of, mark * 64, base or read_published(output))


def read_current(output: Path) -> tuple[datetime.date, str]:
    """Return date and content of the current snapshot, which must be whole."""
    snapshot = open_snapshot(output)
    assert find_damage(snapshot) == []
    return snapshot.as_of, (snapshot.folder / "report.en.html").read_text()


def test_nothing_is_published_at_first(tmp_path: Path) -> None:
    assert read_published(tmp_path) == Pointer(0, None, {})


def test_each_publication_moves_the_pointer_by_one(tmp_path: Path) -> None:
    publish_one(tmp_path, JANUARY)
    publish_one(tmp_path, FEBRUARY)
    pointer = read_published(tmp_path)
    assert pointer.generation == 2
    assert list(pointer.by_as_of) == ["2024-01-31", "2024-02-29"]
    assert pointer.current == pointer.by_as_of["2024-02-29"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "snapshots"]
    assert not (tmp_path / "snapshots" / publishing.BUILDING).exists()


def test_backfill_never_moves_the_current_snapshot(tmp_path: Path) -> None:
    publish_one(tmp_path, MARCH, "m")
    publish_one(tmp_path, JANUARY, "j")
    publish_one(tmp_path, FEBRUARY, "f")
    assert read_current(tmp_path) == (MARCH, "m")
    assert open_snapshot(tmp_path, JANUARY).as_of == JANUARY


def test_newer_result_of_the_same_date_replaces_the_older(tmp_path: Path) -> None:
    first = publish_one(tmp_path, JANUARY, "a")
    publish_one(tmp_path, JANUARY, "b")
    assert read_current(tmp_path) == (JANUARY, "b")
    assert find_damage(Snapshot(first.folder)) == []
    publish_one(tmp_path, JANUARY, "a")
    assert read_current(tmp_path) == (JANUARY, "a")


def test_run_that_was_overtaken_cannot_publish(tmp_path: Path) -> None:
    base = read_published(tmp_path)
    publish_one(tmp_path, FEBRUARY, "w")
    before = (tmp_path / "CURRENT").read_bytes()
    building = build(tmp_path, MARCH, "z")
    with pytest.raises(GateError, match="Another run has published"):
        publish(tmp_path, building, MARCH, "z" * 64, base)
    assert (tmp_path / "CURRENT").read_bytes() == before
    assert read_current(tmp_path) == (FEBRUARY, "w")


def test_rollback_goes_to_the_snapshot_before_or_to_a_date(tmp_path: Path) -> None:
    for as_of, mark in ((JANUARY, "j"), (FEBRUARY, "f"), (MARCH, "m")):
        publish_one(tmp_path, as_of, mark)
    assert roll_back(tmp_path, None).as_of == FEBRUARY
    assert read_current(tmp_path) == (FEBRUARY, "f")
    assert roll_back(tmp_path, None).as_of == JANUARY
    with pytest.raises(InputError, match="there are 2024-01-31, 2024-02-29, 2024-03-31"):
        roll_back(tmp_path, None)
    with pytest.raises(InputError, match="There is no snapshot to go back to"):
        roll_back(tmp_path, datetime.date(2023, 1, 1))
    assert roll_back(tmp_path, MARCH).as_of == MARCH
    assert read_published(tmp_path).generation == 6


@pytest.mark.parametrize("as_of", [JANUARY, FEBRUARY])
def test_run_after_a_rollback_does_not_bring_back_what_was_rolled_back(
    tmp_path: Path, as_of: datetime.date
) -> None:
    publish_one(tmp_path, JANUARY, "j")
    publish_one(tmp_path, MARCH, "m")
    roll_back(tmp_path, JANUARY)
    publish_one(tmp_path, as_of, "n")
    assert read_current(tmp_path) == (as_of, "n")


def test_run_that_started_before_a_rollback_cannot_undo_it(tmp_path: Path) -> None:
    publish_one(tmp_path, JANUARY, "j")
    publish_one(tmp_path, FEBRUARY, "f")
    base = read_published(tmp_path)
    roll_back(tmp_path, None)
    with pytest.raises(GateError):
        publish_one(tmp_path, MARCH, "m", base)
    assert read_current(tmp_path) == (JANUARY, "j")


def test_unchanged_inputs_find_their_snapshot_unless_it_is_damaged(tmp_path: Path) -> None:
    published = publish_one(tmp_path, JANUARY, "a")
    pointer = read_published(tmp_path)
    found = find_unchanged(tmp_path, pointer, JANUARY, "a" * 64)
    assert found is not None
    assert found.folder == published.folder
    assert find_unchanged(tmp_path, pointer, JANUARY, "b" * 64) is None
    assert find_unchanged(tmp_path, pointer, FEBRUARY, "a" * 64) is None
    (published.folder / "report.en.html").write_text("?")
    assert find_unchanged(tmp_path, pointer, JANUARY, "a" * 64) is None


def test_damaged_snapshot_is_published_again_beside_itself(tmp_path: Path) -> None:
    for _ in range(3):
        published = publish_one(tmp_path, JANUARY, "a")
        assert read_current(tmp_path) == (JANUARY, "a")
        (published.folder / "report.en.html").write_text("?")
    publish_one(tmp_path, JANUARY, "a")
    assert read_current(tmp_path) == (JANUARY, "a")


@pytest.mark.parametrize("failing", ["rename", "write_pointer"])
@pytest.mark.parametrize("is_damaged", [False, True])
def test_failure_while_publishing_leaves_a_current_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, is_damaged: bool
) -> None:
    publish_one(tmp_path, JANUARY, "j")
    last = publish_one(tmp_path, FEBRUARY, "f")
    if is_damaged:
        (last.folder / "report.en.html").write_text("?")
    pointer = (tmp_path / "CURRENT").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        if failing == "rename":
            patch.setattr(Path, "rename", fail)
        else:
            patch.setattr(publishing, "write_pointer", fail)
        with pytest.raises(OSError, match="Input/output"):
            publish_one(tmp_path, FEBRUARY, "f")
    assert (tmp_path / "CURRENT").read_bytes() == pointer
    assert open_snapshot(tmp_path).folder.is_dir()
    clear_leftovers(tmp_path)
    publish_one(tmp_path, FEBRUARY, "f")
    assert read_current(tmp_path) == (FEBRUARY, "f")


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    published = publish_one(tmp_path, JANUARY, "a")
    build(tmp_path, FEBRUARY, "b")
    leftovers = [
        *(tmp_path / "landing" / name for name in (".aa.part", "bb.part")),
        *(tmp_path / "parsed" / name for name in ("cc.part", "cc.rejects.part")),
        tmp_path / "CURRENT.77.part",
        tmp_path / "work" / "run" / "scratch.duckdb",
    ]
    kept = [tmp_path / "landing" / "aa", tmp_path / "parsed" / "cc.parquet"]
    for path in (*leftovers, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    clear_leftovers(tmp_path)
    assert not any(path.exists() for path in leftovers)
    assert all(path.exists() for path in kept)
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [published.folder.name]


def test_prior_is_the_newest_of_an_earlier_date(tmp_path: Path) -> None:
    for as_of in (MARCH, JANUARY, FEBRUARY):
        publish_one(tmp_path, as_of)
    pointer = read_published(tmp_path)
    assert find_prior(tmp_path, pointer, JANUARY) is None
    assert find_prior(tmp_path, pointer, MARCH) == pointer.by_as_of["2024-02-29"]
    later = datetime.date(2024, 4, 1)
    assert find_prior(tmp_path, pointer, later) == pointer.by_as_of["2024-03-31"]


def test_manifest_lists_every_file_but_the_times_of_the_run(tmp_path: Path) -> None:
    building = start_snapshot(tmp_path)
    for name in ("run.json", "report.en.html", "lists/champions.csv"):
        (building / name).parent.mkdir(exist_ok=True)
        (building / name).write_text(name)
    write_manifest(building, {"as_of": "2024-01-31", "fingerprint": "a"})
    manifest = json.loads((building / "manifest.json").read_text())
    assert sorted(manifest["files"]) == ["lists/champions.csv", "report.en.html"]
    assert manifest["tables"] == {}
