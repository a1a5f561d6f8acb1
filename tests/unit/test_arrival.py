"""That a run starts when files are complete, once, and never for half a file.

A look stands for one evaluation of the sensor; how Dagster calls it is tested with the sensor.
"""

import hashlib
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import arrival
from pipelines.arrival import Look, look
from pipelines.dataset import FileSource
from pipelines.ingest.landing import hash_file, match_files

SETTINGS = """\
name: shop
timezone: Asia/Shanghai
currency: CNY
files:
  orders: {path: "orders*.csv"}
  members: {path: "members.csv"}
"""
ORDERS = "order_id,paid_at,paid_amount\no1,2024-01-02,1.50\no2,2024-01-03,2.50\n"
STARTED = "Nothing new: a run was started for these files."


class Watcher:
    """Looks at a folder again and again, as the sensor does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memory: str | None = None

    def look(self) -> Look:
        found = look(self.folder, self.memory)
        self.memory = found.memory
        return found

    def wait(self, count: int) -> list[str | None]:
        """Return the run keys of some looks in a row."""
        return [self.look().run_key for _ in range(count)]

    def settle(self) -> str:
        """Look until a run starts and return its key."""
        *quiet, last = self.wait(3)
        assert quiet == [None, None]
        assert last is not None
        return last


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "orders_1.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "members.csv").write_text("member_id\nm1\n", encoding="utf-8")
    return folder


@pytest.fixture
def watcher(folder: Path) -> Watcher:
    return Watcher(folder)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are hashed while the test runs."""
    names: list[str] = []

    def note(path: Path) -> str:
        names.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(arrival, "hash_file", note)
    return names


def demand(folder: Path, arrival_settings: str) -> None:
    text = f"{SETTINGS}arrival: {arrival_settings}\n"
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")


def sign(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    hashes = [(name, hashlib.sha256((folder / name).read_bytes()).hexdigest()) for name in names]
    text = "".join(f"{name}\0{sha256}\n" for name, sha256 in hashes)
    return hashlib.sha256(text.encode()).hexdigest()


def test_run_starts_when_nothing_changed_in_two_looks_and_only_once(watcher: Watcher) -> None:
    first, second, third, fourth = (watcher.look() for _ in range(4))
    assert first.sentence == (
        "3 files are seen for the first time; waiting until nothing changes in 2 evaluations."
    )
    assert second.sentence == "Nothing has changed in 1 evaluation; waiting until it is 2."
    assert (first.run_key, second.run_key) == (None, None)
    assert third.run_key == sign(watcher.folder)
    assert (fourth.run_key, fourth.sentence) == (None, STARTED)


def test_number_of_quiet_looks_is_the_data_sets(folder: Path, watcher: Watcher) -> None:
    demand(folder, "{quiet_evaluations: 4}")
    keys = watcher.wait(6)
    assert [key is not None for key in keys] == [False, False, False, False, True, False]


def test_growing_file_never_starts_a_run_until_it_is_whole(folder: Path, watcher: Watcher) -> None:
    data = ORDERS.encode() * 20
    for end in range(10, len(data), 150):
        (folder / "orders_2.csv").write_bytes(data[:end])
        assert watcher.wait(2) == [None, None]
    (folder / "orders_2.csv").write_bytes(data)
    assert watcher.settle() == sign(folder)


def test_sentence_names_what_changed(folder: Path, watcher: Watcher) -> None:
    watcher.settle()
    (folder / "orders_2.csv").write_text("order_id\n", encoding="utf-8")
    waits = "; waiting until nothing changes in 2 evaluations."
    assert watcher.look().sentence == f"orders_2.csv is new{waits}"
    (folder / "orders_2.csv").write_text("order_id\no\n", encoding="utf-8")
    assert watcher.look().sentence == f"orders_2.csv changed{waits}"
    (folder / "orders_2.csv").unlink()
    (folder / "orders_3.csv").write_text("order_id\n", encoding="utf-8")
    more = " and 1 more are other than before"
    assert watcher.look().sentence == f"orders_2.csv is gone{more}{waits}"


def test_touched_file_with_equal_bytes_starts_nothing(folder: Path, watcher: Watcher) -> None:
    watcher.settle()
    os.utime(folder / "orders_1.csv", (2e9, 2e9))
    assert watcher.wait(4) == [None] * 4
    assert watcher.look().sentence == STARTED


def test_file_replaced_by_one_of_equal_size_and_time_starts_a_run(
    folder: Path, watcher: Watcher
) -> None:
    first = watcher.settle()
    stat = (folder / "orders_1.csv").stat()
    part = folder / "orders.part"
    part.write_text(ORDERS.replace("1.50", "1.60"), encoding="utf-8")
    os.utime(part, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    part.replace(folder / "orders_1.csv")
    assert watcher.settle() not in (None, first)


def test_same_files_have_the_same_key_whenever_they_come(folder: Path, watcher: Watcher) -> None:
    first = watcher.settle()
    (folder / "orders_1.csv").write_text(ORDERS * 2, encoding="utf-8")
    second = watcher.settle()
    (folder / "orders_1.csv").write_text(ORDERS, encoding="utf-8")
    assert (watcher.settle(), second != first) == (first, True)
    assert Watcher(folder).settle() == first


def test_changed_settings_start_a_run(folder: Path, watcher: Watcher) -> None:
    first = watcher.settle()
    (folder / "dataset.yaml").write_text(SETTINGS + "trade: fashion\n", encoding="utf-8")
    assert watcher.settle() != first


def test_promoted_cycles_start_a_run_and_are_no_data(folder: Path, watcher: Watcher) -> None:
    without = watcher.settle()
    (folder / "cuts.yaml").write_text("format: 1\n", encoding="utf-8")
    assert watcher.settle() != without
    assert match_files(folder, "*.yaml") == []


def test_vanished_file_is_waited_for(folder: Path, watcher: Watcher) -> None:
    first = watcher.settle()
    kept = folder.parent / "kept.csv"
    shutil.move(folder / "orders_1.csv", kept)
    missing = watcher.look()
    assert missing.run_key is None
    assert "files.orders: no file matches 'orders*.csv'" in missing.sentence
    shutil.move(kept, folder / "orders_1.csv")
    assert watcher.wait(3) == [None] * 3
    (folder / "orders_1.csv").unlink()
    (folder / "orders_2.csv").write_text(ORDERS, encoding="utf-8")
    assert watcher.settle() != first


def test_file_that_vanishes_between_listing_and_looking_is_no_error(
    folder: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher.settle()
    (folder / "orders_2.csv").symlink_to("orders_1.csv")
    names = ["members.csv", "orders_1.csv", "orders_9.csv"]
    monkeypatch.setattr(arrival, "list_data_files", lambda *_: names)
    assert watcher.wait(4) == [None] * 4


def test_bad_settings_are_one_sentence_and_quiet_starts_anew(
    folder: Path, watcher: Watcher
) -> None:
    watcher.wait(2)
    (folder / "dataset.yaml").write_text("name: [\n", encoding="utf-8")
    broken = watcher.look()
    assert broken.run_key is None
    assert "dataset.yaml, line 2: this is not YAML" in broken.sentence
    assert len(broken.sentence.splitlines()) == 1
    (folder / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    watcher.settle()


def test_file_that_changes_while_it_is_hashed_starts_nothing(
    folder: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_and_grow(path: Path) -> str:
        sha256 = hash_file(path)
        if path.name == "orders_1.csv":
            with path.open("ab") as stream:
                stream.write(b"o9,2024-01-04,1.00\n")
        return sha256

    watcher.wait(2)
    monkeypatch.setattr(arrival, "hash_file", hash_and_grow)
    third = watcher.look()
    assert third.run_key is None
    assert third.sentence == "The files changed while they were read; looking again."
    monkeypatch.undo()
    assert watcher.settle() == sign(folder)


def test_unreadable_file_is_one_sentence(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    watcher.wait(2)
    monkeypatch.setattr(arrival, "hash_file", fail)
    sentence = watcher.look().sentence
    assert sentence.endswith("dataset.yaml cannot be read: Permission denied.")


def test_files_are_hashed_only_when_settled_and_changed(
    folder: Path, watcher: Watcher, hashed: list[str]
) -> None:
    watcher.wait(2)
    assert hashed == []
    watcher.wait(4)
    assert sorted(hashed) == ["dataset.yaml", "members.csv", "orders_1.csv"]
    hashed.clear()
    (folder / "orders_2.csv").write_text(ORDERS, encoding="utf-8")
    watcher.wait(2)
    assert hashed == []
    watcher.wait(4)
    assert hashed == ["orders_2.csv"]


def test_more_than_one_look_can_hash_is_hashed_in_several(
    folder: Path, watcher: Watcher, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "HASHED_BYTES_PER_LOOK", 0)
    watcher.wait(2)
    sentences = [watcher.look().sentence for _ in range(3)]
    assert sentences == [
        "1 of 3 files are read; going on.",
        "2 of 3 files are read; going on.",
        "The files are complete.",
    ]
    assert len(hashed) == 3


def test_marker_is_waited_for(folder: Path, watcher: Watcher) -> None:
    demand(folder, '{marker: "_SUCCESS"}')
    *_, last = (watcher.look() for _ in range(4))
    assert last.run_key is None
    assert last.sentence == f"Nothing changes any more; waiting for a file _SUCCESS in {folder}."
    (folder / "_SUCCESS").touch()
    assert watcher.look().run_key is not None
    assert watcher.look().sentence == STARTED


def test_memory_of_another_form_is_no_error(folder: Path) -> None:
    watcher = Watcher(folder)
    watcher.memory = '{"stats": 3}'
    watcher.settle()
    watcher.memory = "nonsense"
    watcher.settle()


# Control files


@pytest.fixture
def controlled(folder: Path) -> Watcher:
    """Return a watcher of a data set with a control file that agrees."""
    demand(folder, '{control: "*.ctl", quiet_evaluations: 1}')
    sha256 = hashlib.sha256((folder / "members.csv").read_bytes()).hexdigest()
    text = f"orders_1.csv,2\nmembers.csv,1,{sha256.upper()}\n"
    (folder / "shop.ctl").write_text(text, encoding="utf-8")
    return Watcher(folder)


def find_sentence(watcher: Watcher) -> str:
    """Return what the look says for which nothing changed any more."""
    found = [watcher.look() for _ in range(2)]
    assert [look.run_key for look in found] == [None, None]
    return found[1].sentence


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_files_that_agree_with_the_control_file_start_a_run(controlled: Watcher) -> None:
    assert [key is not None for key in controlled.wait(3)] == [False, True, False]


def test_control_file_may_have_a_header_and_a_mark(folder: Path, controlled: Watcher) -> None:
    text = "\ufefffile_name,row_count,sha256\r\norders_1.csv, 2,\r\n\r\nmembers.csv,1\r\n"
    (folder / "shop.ctl").write_text(text, encoding="utf-8", newline="")
    assert controlled.wait(2)[1] is not None


def test_control_file_itself_is_no_part_of_the_key(folder: Path, controlled: Watcher) -> None:
    controlled.wait(2)
    (folder / "shop.ctl").write_text("orders_1.csv,2\nmembers.csv,1\n", encoding="utf-8")
    assert find_sentence(controlled) == STARTED


def test_half_a_file_disagrees_with_its_row_count(folder: Path, controlled: Watcher) -> None:
    (folder / "orders_1.csv").write_text(ORDERS.rsplit("o2", 1)[0], encoding="utf-8")
    assert find_sentence(controlled) == (
        "orders_1.csv holds 1 rows, but shop.ctl, line 1 says 2; waiting until they agree."
    )
    (folder / "orders_1.csv").write_text(ORDERS, encoding="utf-8")
    assert controlled.wait(2)[1] is not None


def test_rows_that_do_not_fit_count_too(folder: Path, controlled: Watcher) -> None:
    text = 'o1,"2024-01-02\n",1\no2\no3,2024-01-03,2.50,x\n'
    (folder / "orders_1.csv").write_text(ORDERS.splitlines()[0] + "\n" + text, encoding="utf-8")
    assert "orders_1.csv holds 3 rows, but" in find_sentence(controlled)


def test_rows_of_parquet_are_counted(folder: Path, controlled: Watcher) -> None:
    pq.write_table(pa.table({"order_id": ["a", "b", "c"]}), folder / "orders_1.csv")
    assert "orders_1.csv holds 3 rows, but" in find_sentence(controlled)
    (folder / "orders_1.csv").write_bytes(b"PAR1 and nothing more")
    assert find_sentence(controlled) == (
        "orders_1.csv is not a readable Parquet file; export it again."
    )


def test_other_hash_than_listed_is_waited_for(folder: Path, controlled: Watcher) -> None:
    rewrite(folder / "members.csv", "m1", "m2")
    assert find_sentence(controlled) == (
        "members.csv has another sha256 than shop.ctl, line 2 says; waiting until they agree."
    )


def test_file_that_is_not_listed_is_waited_for(folder: Path, controlled: Watcher) -> None:
    (folder / "orders_2.csv").write_text(ORDERS, encoding="utf-8")
    assert find_sentence(controlled) == (
        "No control file *.ctl lists orders_2.csv; waiting for one."
    )
    (folder / "late.ctl").write_text("orders_2.csv,2\n", encoding="utf-8")
    assert controlled.wait(2)[1] is not None


def test_file_that_is_only_listed_is_waited_for(folder: Path, controlled: Watcher) -> None:
    (folder / "late.ctl").write_text("orders_2.csv,2\n", encoding="utf-8")
    assert find_sentence(controlled) == (
        "late.ctl, line 1 lists orders_2.csv, which is not there; waiting for it."
    )


def test_missing_control_file_is_waited_for(folder: Path, controlled: Watcher) -> None:
    (folder / "shop.ctl").unlink()
    assert find_sentence(controlled).startswith("No control file *.ctl lists members.csv;")


@pytest.mark.parametrize("line", ["orders_1.csv", "orders_1.csv,two", ",2", "a,1,b,c", "a,-1"])
def test_control_file_of_another_form_is_refused_with_its_line(
    folder: Path, controlled: Watcher, line: str
) -> None:
    (folder / "shop.ctl").write_text(f"members.csv,1\n{line}\n", encoding="utf-8")
    assert find_sentence(controlled) == (
        "shop.ctl, line 2: this is not file_name,row_count or file_name,row_count,sha256; write "
        "it so."
    )


@pytest.mark.parametrize("name", ["/etc/passwd", "../shop/orders_1.csv"])
def test_control_file_that_names_the_outside_is_refused(
    folder: Path, controlled: Watcher, name: str
) -> None:
    (folder / "shop.ctl").write_text(f"{name},1\n", encoding="utf-8")
    assert "is not inside the data set's folder" in find_sentence(controlled)


def test_control_file_that_is_no_text_is_refused(folder: Path, controlled: Watcher) -> None:
    (folder / "shop.ctl").write_bytes(b"\xff\xfe\x00")
    assert find_sentence(controlled) == ("shop.ctl cannot be read as UTF-8 text; write it again.")


def test_rows_are_counted_once(
    folder: Path, controlled: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count_rows_of = arrival.count_rows_of

    def note(path: Path, name: str, source: FileSource) -> int:
        counted.append(name)
        return count_rows_of(path, name, source)

    monkeypatch.setattr(arrival, "count_rows_of", note)
    rewrite(folder / "shop.ctl", "orders_1.csv,2", "orders_1.csv,3")
    controlled.wait(5)
    assert sorted(counted) == ["members.csv", "orders_1.csv"]


def test_control_link_to_the_outside_is_refused(folder: Path, controlled: Watcher) -> None:
    outside = folder.parent / "outside.ctl"
    outside.write_text("orders_1.csv,2\n", encoding="utf-8")
    (folder / "x.ctl").symlink_to(outside)
    assert "x.ctl points outside" in controlled.look().sentence


def test_pattern_that_is_none_is_refused_in_one_sentence(folder: Path, watcher: Watcher) -> None:
    demand(folder, '{control: "**a"}')
    assert "arrival.control: '**a' is no pattern of file names" in watcher.look().sentence
