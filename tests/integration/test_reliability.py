"""What must never happen to the published state: killed, crowded, overtaken and failing runs.

What a whole run gives is tested elsewhere; here only that what is published is whole.
"""

import datetime
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import publishing
from pipelines.errors import GateError, LockedError
from pipelines.faults import FAULT_POINTS
from pipelines.locking import hold_lock
from pipelines.runs import RunRequest, start_run
from pipelines.snapshots import Snapshot, open_snapshot, read_pointer
from tests.integration.small_shop import (
    PUBLISHED,
    UNCHANGED,
    Job,
    find_state,
    hash_files,
    open_shop,
    prepare,
    run_shop,
)

pytestmark = pytest.mark.long

KILLED, REFUSED, LOCKED = -9, 3, 4
EARLIER = "2024-03-10"
AFTER_THE_POINTER = "pointer_written"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small shop's exports."""
    return open_shop().write(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def published(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an output folder where the snapshot of an earlier date is published."""
    output = tmp_path_factory.mktemp("published")
    run_shop(RunRequest(shop, EARLIER, output), skips_checks=True)
    return output


@pytest.fixture(scope="module")
def undisturbed(
    shop: Path, published: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, str], float]:
    """Return name, hashes and seconds of a run that nothing disturbs."""
    output = tmp_path_factory.mktemp("undisturbed") / "output"
    shutil.copytree(published, output)
    started = time.monotonic()
    assert Job(RunRequest(shop, output=output)).finish() == PUBLISHED
    seconds = time.monotonic() - started
    snapshot = open_snapshot(output)
    return snapshot.folder.name, hash_files(snapshot), seconds


@pytest.fixture
def output(published: Path, tmp_path: Path) -> Path:
    """Return an output folder of its own for a test, with the earlier date published."""
    return shutil.copytree(published, tmp_path / "output")


def heal(shop: Path, output: Path) -> Snapshot:
    """Run again in this process and return what is current then, which must be whole."""
    run_shop(RunRequest(shop, output=output), skips_checks=True)
    find_state(output)
    leftovers = [path.name for path in output.rglob("*") if path.name.endswith(".part")]
    assert leftovers == []
    assert not (output / "work").exists()
    assert not (output / "snapshots" / publishing.BUILDING).exists()
    return open_snapshot(output)


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_killed_run_leaves_a_whole_snapshot_and_the_next_one_heals(
    shop: Path,
    output: Path,
    undisturbed: tuple[str, dict[str, str], float],
    point: str,
) -> None:
    earlier, _ = find_state(output)
    name, hashes, _ = undisturbed
    job = Job(RunRequest(shop, output=output), {"REGULARS_FAULT": point})
    assert job.finish() == KILLED
    assert find_state(output)[0] == (name if point == AFTER_THE_POINTER else earlier)
    if point != AFTER_THE_POINTER:
        assert job.finish() == KILLED  # again, during recovery
        assert find_state(output)[0] == earlier
    healed = heal(shop, output)
    assert (healed.folder.name, hash_files(healed)) == (name, hashes)


@pytest.mark.parametrize("seed", range(3))
def test_run_killed_at_any_moment_leaves_a_whole_snapshot(
    shop: Path, output: Path, undisturbed: tuple[str, dict[str, str], float], seed: int
) -> None:
    name, hashes, seconds = undisturbed
    chance = random.Random(seed)
    for _ in range(2):
        process = Job(RunRequest(shop, output=output)).start()
        process.join(chance.uniform(0, seconds))
        process.kill()
        process.join()
        find_state(output)
    healed = heal(shop, output)
    assert (healed.folder.name, hash_files(healed)) == (name, hashes)


def test_eight_at_once_publish_once(
    shop: Path, output: Path, undisturbed: tuple[str, dict[str, str], float]
) -> None:
    processes = [Job(RunRequest(shop, output=output)).start() for _ in range(8)]
    for process in processes:
        process.join()
    codes = [process.exitcode for process in processes]
    assert codes.count(PUBLISHED) == 1
    assert set(codes) <= {PUBLISHED, UNCHANGED, LOCKED}
    assert read_pointer(output).generation == 2
    assert hash_files(open_snapshot(output)) == undisturbed[1]


def test_lock_is_held_until_its_holder_is_gone(shop: Path, output: Path) -> None:
    with hold_lock(output):
        assert Job(RunRequest(shop, output=output)).finish() == LOCKED
        with pytest.raises(LockedError, match="Another run is at work"), hold_lock(output):
            pass
    with hold_lock(output):
        pass


def test_zombie_cannot_publish_over_a_newer_run(shop: Path, output: Path) -> None:
    with start_run(RunRequest(shop, "2024-04-20", output)) as zombie:
        prepare(zombie, skips_checks=True)
        (output / ".lock").unlink()  # as on a file system that forgets its locks
        kept = output / "kept"
        zombie.building.rename(kept)
        newer, _ = run_shop(RunRequest(shop, output=output), skips_checks=True)
        zombie.building.mkdir()
        kept.rename(zombie.building)
        pointer = (output / "CURRENT").read_bytes()
        with pytest.raises(GateError, match="Another run has published"):
            zombie.publish()
    assert (output / "CURRENT").read_bytes() == pointer
    assert find_state(output)[0] == newer.folder.name


def fail_at(place: int, real: Callable[..., object]) -> Callable[..., object]:
    """Return a function that fails as on a full disk when it is called for the place-th time."""
    calls = iter(range(1, 1_000))

    def call(*arguments: object, **options: object) -> object:
        if next(calls) == place:
            raise OSError(28, "No space left on device")
        return real(*arguments, **options)

    return call


@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
def test_any_failing_call_while_publishing_leaves_a_whole_snapshot(
    output: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    owner = os if name == "fsync" else Path
    as_of, failures = datetime.date(2024, 4, 29), 0
    table = next((output / "snapshots").glob("*/tables/metrics.parquet"))
    for place in range(1, 30):
        before, _ = find_state(output)
        base = publishing.read_published(output)
        building = publishing.start_snapshot(output)
        shutil.copy(table, building / "tables")
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, fail_at(place, getattr(owner, name)))
            try:
                content = {"as_of": as_of.isoformat(), "fingerprint": "f" * 64}
                publishing.write_manifest(building, content)
                publishing.publish(output, building, as_of, "f" * 64, base)
            except OSError:
                failures += 1
            else:
                break
        publishing.clear_leftovers(output)
        assert find_state(output)[0] in (before, f"{as_of}-ffffffffffff")
    else:
        pytest.fail("publishing never came to its end")
    assert failures > 0
    assert open_snapshot(output).as_of == as_of


@pytest.mark.parametrize("share", [0, 0.03, 0.3, 0.99])
def test_full_disk_leaves_the_published_state(
    shop: Path, output: Path, undisturbed: tuple[str, dict[str, str], float], share: float
) -> None:
    before = find_state(output)
    sizes = [path.stat().st_size for path in open_snapshot(output).folder.rglob("*")]
    size = int(max(sizes) * share)
    code = Job(RunRequest(shop, output=output), file_size_bytes=size).finish()
    assert code == 1
    assert find_state(output) == before
    assert hash_files(heal(shop, output)) == undisturbed[1]
