"""That an erasure leaves nobody behind anywhere, is carried on after a kill, and spares all others.

What becomes of single files is tested elsewhere; here a shop with a published past.
"""

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from assets.cli import cli
from pipelines.dataset import load_dataset
from pipelines.erasure import LEDGER, PENDING, erase
from pipelines.errors import InputError
from pipelines.faults import ERASURE_FAULT_POINTS, KEEPING_OUT_FAULT_POINTS
from pipelines.runs import RunRequest
from pipelines.snapshots import Snapshot, list_snapshots, open_snapshot
from tests.integration.small_shop import (
    Job,
    Row,
    find_starter,
    find_state,
    hash_files,
    open_shop,
    run_shop,
    write_rows,
)

KILLED = -9
EARLIER = "2024-03-10"
SETTINGS = """\
name: small_shop
timezone: Asia/Shanghai
currency: CNY
languages: [en]
files:
  orders: {path: "orders*"}
  refunds: {path: "refunds*"}
  members: {path: "members*", personal: [phone]}
  member_merges: {path: "merges*"}
clusters: {count: 2}
"""
# 002 was merged into 003, and that into 005: one person.
PERSON = ("002", "003", "005")
GIVEN = "member-003."


def name_member(number: str) -> str:
    """Return a number that stands in no other text."""
    return f"member-{number}." if number else ""


def name_receiver(row: Row) -> str:
    """Return the name of an order's receiver."""
    return f"receiver {row['member_id']}" if row["member_id"] else "receiver"


@pytest.fixture(scope="module", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the folder of the keys, for this and every started process."""
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGULARS_KEYS", str(folder))
        yield folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of exports with names and phones, rows that are rejected, and all kinds."""
    folder, shop = tmp_path_factory.mktemp("shop"), open_shop()
    for row in (*shop.orders, *shop.members, *shop.merges):
        row["member_id"] = name_member(row["member_id"])
    for row in shop.merges:
        row["merged_into"] = name_member(row["merged_into"])
    for row in shop.orders:
        row["receiver"] = name_receiver(row)
    for row in shop.members:
        row["phone"] = f"phone {row['member_id']}"
    broken = {**shop.orders[2], "order_id": "90001", "paid_amount": "a lot", "member_id": GIVEN}
    shop.orders.append(broken)
    shop.members.append({**shop.members[2], "registered_at": "long ago"})
    shop.settings = SETTINGS
    shop.write(folder)
    for name in ("members.csv",):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    return folder


@pytest.fixture(scope="module")
def published(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an output folder where snapshots of two dates are published."""
    output = tmp_path_factory.mktemp("published")
    for as_of in (EARLIER, "latest"):
        run_shop(RunRequest(shop, as_of, output), skips_checks=True)
    assert find_person(output) != []
    return output


@pytest.fixture
def output(published: Path, tmp_path: Path) -> Path:
    """Return an output folder of its own for a test."""
    return shutil.copytree(published, tmp_path / "output")


@pytest.fixture(scope="module")
def undisturbed(
    shop: Path, published: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """Return the hashes by date after an erasure and a run that nothing disturbs."""
    output = tmp_path_factory.mktemp("undisturbed") / "output"
    shutil.copytree(published, output)
    erase(shop, output, load_dataset(shop), [GIVEN])
    run_shop(RunRequest(shop, output=output), skips_checks=True)
    return hash_dates(output)


def hash_dates(output: Path) -> dict[str, dict[str, str]]:
    return {str(snapshot.as_of): hash_files(snapshot) for snapshot in list_snapshots(output)}


def read_texts(path: Path) -> str:
    """Return all that a file says, decompressed."""
    data = path.read_bytes()
    if data.startswith(b"PAR1"):
        table = pq.read_table(path)
        cells = (str(value) for column in table.columns for value in column.to_pylist())
        return " ".join([str(table.schema.metadata), *cells])
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    return data.decode("utf-8", "replace")


def find_person(output: Path) -> list[str]:
    """Return what is left of the person below a folder, and where."""
    found = []
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        text = f"{path.name} {read_texts(path)}"
        found += [f"{path}: {number}" for number in PERSON if name_member(number) in text]
    return found


def keep_others(snapshot: Snapshot, table: str) -> list[dict[str, object]]:
    """Return the rows of a table that are not the person's."""
    names = {name_member(number) for number in PERSON}
    return [row for row in snapshot.arrow(table).to_pylist() if row["member_id"] not in names]


def test_nobody_is_left_behind_and_all_others_are_as_they_were(shop: Path, output: Path) -> None:
    before = list_snapshots(output)
    schemas = [list_schemas(snapshot) for snapshot in before]
    others = [keep_others(snapshot, name) for snapshot in before for name in list_tables(snapshot)]
    erased = erase(shop, output, load_dataset(shop), [GIVEN])
    assert (erased.member_count, erased.snapshot_count) == (len(PERSON), 2)
    after = list_snapshots(output)
    assert others == [
        snapshot.arrow(name).to_pylist() for snapshot in after for name in list_tables(snapshot)
    ]
    assert find_person(output) == []
    current, dates = find_state(output)
    assert {path.name for path in (output / "snapshots").iterdir()} == set(dates.values())
    assert [list_schemas(snapshot) for snapshot in after] == schemas
    for snapshot in after:
        assert snapshot.manifest["erasures"]["count"] == len(PERSON)
        assert all(len(snapshot.describe(name)) > 1 for name in list_tables(snapshot))
    assert after[1].manifest["prior"] == after[0].folder.name
    run_shop(RunRequest(shop, output=output), skips_checks=True)
    assert find_person(output) == []
    assert find_state(output)[0] != current
    _, is_new = run_shop(RunRequest(shop, output=output), skips_checks=True)
    assert not is_new


def list_tables(snapshot: Snapshot) -> list[str]:
    """Return the tables of a snapshot that name members."""
    tables = snapshot.manifest["tables"]
    return sorted(name for name, table in tables.items() if "member_id" in table["schema"])


def list_schemas(snapshot: Snapshot) -> dict[str, object]:
    """Return the schema of every table of a snapshot."""
    return {name: table["schema"] for name, table in snapshot.manifest["tables"].items()}


def test_sales_add_up_as_before(shop: Path, output: Path) -> None:
    def add_up() -> list[tuple[object, ...]]:
        table = open_snapshot(output).table("kpi")
        chosen = table[(table.metric == "net_sales") & (table.scope_type == "all")]
        return list(chosen[["window_type", "window_start", "numerator"]].itertuples(index=False))

    before = add_up()
    erase(shop, output, load_dataset(shop), [GIVEN])
    run_shop(RunRequest(shop, output=output), skips_checks=True)
    assert add_up() == before


def start_erasing(shop: Path, output: Path, fault: str) -> int | None:
    """Erase in a process of its own and return its exit code."""
    environment = {**os.environ, "REGULARS_FAULT": fault}
    process = find_starter().Process(target=erase_there, args=(shop, output, environment))
    process.start()
    process.join()
    return process.exitcode


def erase_there(shop: Path, output: Path, environment: dict[str, str]) -> None:
    """Erase in the environment of the test; the starter's own is that of another."""
    os.environ.update(environment)
    erase(shop, output, load_dataset(shop), [GIVEN])


@pytest.mark.parametrize("point", ERASURE_FAULT_POINTS)
def test_killed_erasure_is_carried_on_by_the_next_run(
    shop: Path, output: Path, undisturbed: dict[str, dict[str, str]], point: str
) -> None:
    assert start_erasing(shop, output, point) == KILLED
    find_state(output)
    assert GIVEN not in (output / PENDING).read_text(encoding="ascii")
    if point != "erasure_noted":
        job = Job(RunRequest(shop, output=output), {"REGULARS_FAULT": point})
        assert job.finish() == KILLED  # again, while it is carried on
        find_state(output)
    run_shop(RunRequest(shop, output=output), skips_checks=True)
    find_state(output)
    assert hash_dates(output) == undisturbed
    assert find_person(output) == []
    assert not (output / PENDING).exists()


def test_killed_erasure_is_carried_on_when_it_is_asked_for_again(
    shop: Path, output: Path, undisturbed: dict[str, dict[str, str]]
) -> None:
    assert start_erasing(shop, output, "erasure_ledger_written") == KILLED
    erase(shop, output, load_dataset(shop), [GIVEN])
    assert find_person(output) == []
    find_state(output)
    assert hash_dates(output)[EARLIER] == undisturbed[EARLIER]


@pytest.mark.parametrize("point", KEEPING_OUT_FAULT_POINTS)
def test_killed_run_lets_nobody_back_in(
    shop: Path, output: Path, tmp_path: Path, point: str
) -> None:
    folder = shutil.copytree(shop, tmp_path / "shop")
    erase(folder, output, load_dataset(folder), [GIVEN])
    late = {**open_shop().orders[-1], "member_id": GIVEN, "receiver": f"receiver {GIVEN}"}
    write_rows(folder / "orders_late.csv", [{**late, "order_id": "90002"}])
    assert Job(RunRequest(folder, output=output), {"REGULARS_FAULT": point}).finish() == KILLED
    (folder / "orders_late.csv").unlink()  # not even its copy may stay
    run_shop(RunRequest(folder, output=output), skips_checks=True)
    assert find_person(output) == []


def call(*arguments: object, text: str | None = None) -> Result:
    """Call the command as a shell does; errors that users see are raised."""
    return CliRunner().invoke(cli, list(map(str, arguments)), input=text, standalone_mode=False)


def test_command_erases_and_says_what_it_did(shop: Path, output: Path) -> None:
    result = call("erase", "-", "--dataset", shop, "--output", output, text=f"{GIVEN}\n\n")
    assert result.exception is None
    assert "numbers: 3, merged ones among them; landed files written anew: 3" in result.output
    assert GIVEN not in result.output
    assert find_person(output) == []
    assert call("verify", output).exception is None
    again = call("erase", GIVEN, "--dataset", shop, "--output", output)
    assert "snapshots written anew: 0" in again.output


def test_command_refuses_a_number_that_nobody_has(shop: Path, output: Path) -> None:
    result = call("erase", "nobody-at-all", "--dataset", shop, "--output", output)
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 1
    assert "nobody-at-all" not in str(result.exception)
    assert not (output / LEDGER).exists()
    result = call("erase", "nobody-at-all", "--always", "--dataset", shop, "--output", output)
    assert result.exception is None
    assert (output / LEDGER).exists()
