"""What a run is a function of: its inputs and as-of date, and nothing else.

That killed and crowded runs leave a whole state is tested in test_reliability.py.
"""

import getpass
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import runs
from pipelines.engines.duckdb import DuckDBEngine, open_duckdb
from pipelines.errors import InputError
from pipelines.publishing import roll_back
from pipelines.runs import RunRequest
from pipelines.snapshots import Snapshot, open_snapshot, read_pointer
from tests.integration.small_shop import (
    SETTINGS,
    find_state,
    hash_files,
    open_shop,
    run_shop,
)

ROOT = Path(__file__).parents[2]
COUNTED_APART = {
    "input_files",
    "order_kinds",
    "order_statuses",
    "population_waterfall",
    "quarantine_summary",
}
# Far to the east and far to the west: no date of the one is a date of the other.
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago")


def run_elsewhere(zone: str, pairs: list[tuple[Path, Path]]) -> None:
    """Run data sets into output folders in a process that lives in another time zone."""
    script = (
        "import json, os, sys; from pathlib import Path;"
        "from tests.integration.small_shop import run_shop; from pipelines.runs import RunRequest;"
        "[run_shop(RunRequest(Path(a), output=Path(b)), True) for a, b in json.loads(sys.argv[1])];"
        "sys.stdout.flush(); os._exit(0)"
    )
    names = json.dumps([[str(a), str(b)] for a, b in pairs])
    environment = os.environ | {"TZ": zone, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    subprocess.run(
        [sys.executable, "-c", script, names], check=True, cwd=ROOT, env=environment, timeout=300
    )


def limit_threads(count: int) -> Callable[..., DuckDBEngine]:
    """Return a way to open an engine with a number of threads and little memory."""

    def open_limited(spill: Path, **options: object) -> DuckDBEngine:
        options["memory_bytes"] = 300_000_000
        return open_duckdb(spill, **options, threads=count)  # type: ignore[arg-type]

    return open_limited


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small shop's exports."""
    return open_shop().write(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def first(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Return what a run on the small shop publishes, checks and all."""
    snapshot, is_new = run_shop(RunRequest(shop, output=tmp_path_factory.mktemp("first")))
    assert is_new
    return snapshot


@pytest.fixture
def output(first: Snapshot, tmp_path: Path) -> Path:
    """Return an output folder of its own for a test, with the small shop published."""
    return shutil.copytree(first.folder.parents[1], tmp_path / "output")


def test_time_zone_row_order_and_split_change_no_byte(
    shop: Path, first: Snapshot, tmp_path: Path
) -> None:
    permuted = open_shop().write_permuted(tmp_path / "permuted", 4)
    split = open_shop().write_disturbed(tmp_path / "split", 5)
    for zone, data in zip(ZONES, (permuted, split), strict=True):
        run_elsewhere(zone, [(data, tmp_path / zone)])
    there, split_there = (open_snapshot(tmp_path / zone) for zone in ZONES)
    assert hash_files(there) == hash_files(first)
    for name in set(first.tables) - COUNTED_APART:
        assert split_there.path(name).read_bytes() == first.path(name).read_bytes(), name


def test_threads_change_no_byte(
    shop: Path, first: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 2):
        monkeypatch.setattr(runs, "open_duckdb", limit_threads(count))
        request = RunRequest(shop, output=tmp_path / str(count))
        snapshot, _ = run_shop(request, skips_checks=True)
        assert hash_files(snapshot) == hash_files(first)


def test_repeated_exports_change_only_the_count_of_duplicates(
    first: Snapshot, tmp_path: Path
) -> None:
    data = open_shop().write_disturbed(tmp_path / "data", 3, repeats=2)
    snapshot, _ = run_shop(RunRequest(data, output=tmp_path / "output"), skips_checks=True)
    for name in set(first.tables) - COUNTED_APART:
        assert snapshot.path(name).read_bytes() == first.path(name).read_bytes(), name
    before, after = (
        snapshot.table("population_waterfall").set_index("step")["row_count"]
        for snapshot in (first, snapshot)
    )
    changed = {step: int(after[step] - before[step]) for step in before.index}
    assert {step: change for step, change in changed.items() if change} == {
        "read": 2,
        "duplicate": 2,
    }


def test_sample_shuffled_in_another_time_zone_is_the_same(
    sample_folder: Path, sample_snapshot: Snapshot, tmp_path: Path
) -> None:
    data, output = tmp_path / "data", tmp_path / "output"
    data.mkdir()
    shutil.copy(sample_folder / "dataset.yaml", data)
    chance = random.Random(11)
    for path in sorted(sample_folder.glob("*.csv")):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        chance.shuffle(lines)
        (data / path.name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    for path in sorted(sample_folder.glob("*.parquet")):
        rows = pq.read_table(path)
        order = list(range(rows.num_rows))
        chance.shuffle(order)
        pq.write_table(rows.take(pa.array(order)), data / path.name, row_group_size=20_000)
    run_elsewhere(ZONES[0], [(data, output)])
    assert hash_files(open_snapshot(output)) == hash_files(sample_snapshot)


def test_unchanged_inputs_publish_nothing_new_and_changed_ones_do(
    shop: Path, output: Path, tmp_path: Path
) -> None:
    before = (output / "CURRENT").read_bytes()
    _, is_new = run_shop(RunRequest(shop, output=output))
    assert not is_new
    assert (output / "CURRENT").read_bytes() == before
    changed = open_shop()
    changed.orders[3]["paid_amount"] = "77.00"
    old, _ = find_state(output)
    request = RunRequest(changed.write(tmp_path / "changed"), output=output)
    snapshot, is_new = run_shop(request, skips_checks=True)
    assert is_new
    assert find_state(output)[0] == snapshot.folder.name != old


def test_changed_setting_publishes_anew(output: Path, tmp_path: Path) -> None:
    shop = open_shop()
    shop.settings = SETTINGS.replace("count: 3", "count: 2")
    request = RunRequest(shop.write(tmp_path / "changed"), output=output)
    snapshot, is_new = run_shop(request, skips_checks=True)
    assert is_new
    assert snapshot.table("member_clusters")["cluster"].nunique() == 2


def test_damaged_snapshot_is_made_again(shop: Path, first: Snapshot, output: Path) -> None:
    damaged = open_snapshot(output)
    damaged.path("kpi").write_bytes(damaged.path("kpi").read_bytes()[:-1])
    snapshot, is_new = run_shop(RunRequest(shop, output=output), skips_checks=True)
    assert is_new
    assert find_state(output)[0] == snapshot.folder.name != damaged.folder.name
    assert hash_files(snapshot) == hash_files(first)


def test_backfill_and_rollback_move_only_what_they_name(
    shop: Path, first: Snapshot, output: Path
) -> None:
    backfilled, _ = run_shop(RunRequest(shop, "2024-03-31", output), skips_checks=True)
    current, by_as_of = find_state(output)
    assert current == first.folder.name
    assert by_as_of == {"2024-03-31": backfilled.folder.name, "2024-04-29": current}
    assert backfilled.table("kpi")["window_end"].max().date().isoformat() >= "2024-03-31"
    assert backfilled.table("members")["last_order_on"].max().date().isoformat() <= "2024-03-31"
    roll_back(output, None)
    assert find_state(output) == (backfilled.folder.name, by_as_of)
    _, is_new = run_shop(RunRequest(shop, "2024-03-31", output))
    assert not is_new
    assert find_state(output)[0] == backfilled.folder.name
    roll_back(output, first.as_of)
    assert find_state(output) == (first.folder.name, by_as_of)
    assert read_pointer(output).generation == 4


def test_prior_snapshot_is_named(shop: Path, first: Snapshot, tmp_path: Path) -> None:
    earlier, _ = run_shop(RunRequest(shop, "2024-03-31", tmp_path), skips_checks=True)
    later, _ = run_shop(RunRequest(shop, output=tmp_path), skips_checks=True)
    assert first.manifest["prior"] is None
    assert later.manifest["prior"] == earlier.folder.name


def test_snapshot_tells_nothing_of_machine_person_or_hour(shop: Path, first: Snapshot) -> None:
    manifest = (first.folder / "manifest.json").read_text(encoding="utf-8")
    words = [str(ROOT), str(shop), str(first.folder.parents[1]), os.uname().nodename]
    words += [f"/{getpass.getuser()}", "/tmp", "/home"]
    assert not [word for word in words if word in manifest]
    # A name of two or three letters stands in compressed bytes by chance.
    long_words = [word.encode() for word in words if len(word) > 3]
    for path in (first.folder / "tables").iterdir():
        content = path.read_bytes()
        assert not [word for word in long_words if word in content], path.name
    assert set(json.loads(manifest)) == {
        "as_of",
        "checks",
        "code",
        "dataset",
        "erased",
        "files",
        "fingerprint",
        "inputs",
        "key_id",
        "knowledge_date",
        "prior",
        "promoted",
        "tables",
        "versions",
    }
    for name in first.tables:
        kinds = {str(field.type) for field in pq.read_schema(first.path(name))}
        assert not {kind for kind in kinds if kind.startswith(("timestamp", "time"))}, name
    assert sorted(path.name for path in first.folder.iterdir()) == [
        "manifest.json",
        "report.en.html",
        "report.en.xlsx",
        "run.json",
        "tables",
    ]


def test_bad_rows_are_counted_by_reason_and_the_rest_is_published(tmp_path: Path) -> None:
    shop = open_shop()
    shop.orders[1]["paid_amount"] = "much"
    shop.orders[2]["paid_at"] = "2024-02-30 10:00:00"
    shop.orders[3]["order_id"] = ""
    shop.orders[4]["paid_amount"] = "1.234"
    shop.refunds[0]["refunded_at"] = "soon"
    shop.members[6]["registered_at"] = "31/12/2023"
    request = RunRequest(shop.write(tmp_path / "data"), output=tmp_path / "output")
    snapshot, is_new = run_shop(request)
    assert is_new
    rows = snapshot.table("quarantine_summary")
    columns = ["source_table", "file_name", "reason", "row_count"]
    assert sorted(map(tuple, rows[columns].to_numpy().tolist())) == [
        ("members", "members.csv", "ambiguous_date", 1),
        ("orders", "orders.csv", "missing", 1),
        ("orders", "orders.csv", "not_a_time", 1),
        ("orders", "orders.csv", "not_money", 1),
        ("orders", "orders.csv", "too_many_decimals", 1),
        ("refunds", "refunds.csv", "not_a_time", 1),
    ]
    boxes = snapshot.table("population_waterfall").set_index("step")["row_count"]
    assert boxes["quarantined"] == 4
    assert boxes["read"] == 60 == boxes.drop("read").sum()


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def truncate_parquet(folder: Path) -> None:
    table = pa.table({"order_id": ["1"], "paid_at": ["2024-01-01"], "paid_amount": ["1.00"]})
    pq.write_table(table, folder / "orders_2.csv")
    content = (folder / "orders_2.csv").read_bytes()
    (folder / "orders_2.csv").write_bytes(content[: len(content) // 2])


def empty_rows(folder: Path) -> None:
    path = folder / "orders.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def spend_euros(folder: Path) -> None:
    lines = (folder / "orders.csv").read_text(encoding="utf-8").splitlines()
    lines = [lines[0] + ",currency", *(line + ",EUR" for line in lines[1:])]
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


BAD_INPUTS: dict[str, tuple[Callable[[Path], object], str, list[str]]] = {
    "no folder": (shutil.rmtree, "latest", ["is not a folder", "name the folder"]),
    "no dataset.yaml": (
        lambda folder: (folder / "dataset.yaml").unlink(),
        "latest",
        ["dataset.yaml does not exist", "regulars init"],
    ),
    "not YAML": (
        lambda folder: rewrite(folder / "dataset.yaml", "name: small_shop", "name: [small"),
        "latest",
        ["dataset.yaml, line", "not YAML"],
    ),
    "unknown key": (
        lambda folder: rewrite(folder / "dataset.yaml", "scopes:", "scope:"),
        "latest",
        ["dataset.yaml, line 10: scope: is not a key", "correct its spelling"],
    ),
    "no file": (
        lambda folder: (folder / "orders.csv").unlink(),
        "latest",
        ["files.orders: no file matches 'orders*.csv'", "copy it there"],
    ),
    "no column": (
        lambda folder: rewrite(folder / "orders.csv", "paid_amount", "paid"),
        "latest",
        ["orders.csv, line 1: there is no column for paid_amount", "dataset.yaml"],
    ),
    "binary junk": (
        lambda folder: (folder / "orders.csv").write_bytes(random.Random(1).randbytes(4_000)),
        "latest",
        ["orders.csv"],
    ),
    "truncated Parquet": (
        truncate_parquet,
        "latest",
        ["orders_2.csv is not a readable Parquet file", "export it again"],
    ),
    "empty file": (
        lambda folder: (folder / "orders.csv").write_bytes(b""),
        "latest",
        ["orders.csv is empty", "export it again"],
    ),
    "no orders": (empty_rows, "latest", ["no order that can be read", "export them again"]),
    "another currency": (spend_euros, "latest", ["amounts in EUR", "currency CNY"]),
    "after the data": (lambda folder: None, "2024-04-30", ["as of 2024-04-30", "2024-04-29"]),
    "before the data": (lambda folder: None, "2024-01-02", ["as of 2024-01-02", "2024-01-03"]),
    "no date": (lambda folder: None, "last friday", ["'last friday'", "write a date like"]),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_input_is_one_sentence_and_the_published_state_stays(
    output: Path, tmp_path: Path, case: str
) -> None:
    spoil, as_of, words = BAD_INPUTS[case]
    folder = open_shop().write(tmp_path / "data")
    before = find_state(output)
    spoil(folder)
    with pytest.raises(InputError) as caught:
        run_shop(RunRequest(folder, as_of, output))
    sentence = str(caught.value)
    assert all(word in sentence for word in words), sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert find_state(output) == before
    assert not (output / "work").exists()
