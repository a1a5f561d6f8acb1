"""That files land by their content, whole or not at all, and only from inside their folder."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from pipelines.dataset import Dataset, FileSource
from pipelines.errors import InputError
from pipelines.ingest.landing import find_export_date, find_sources, land_files


def describe(path: str = "orders_*.csv", mode: str = "append") -> Dataset:
    content = {"name": "shop", "timezone": "Asia/Shanghai", "currency": "CNY"}
    orders = {"path": path, "mode": mode}
    return Dataset.model_validate({**content, "files": {"orders": orders}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "orders_1.csv").write_bytes(b"one\n")
    (folder / "orders_2.csv").write_bytes(b"two\n")
    return folder


def test_files_land_under_the_hash_of_their_bytes(folder: Path, tmp_path: Path) -> None:
    landed = land_files(folder, describe(), tmp_path / "landing")
    assert [(file.table, file.name, file.size_bytes) for file in landed] == [
        ("orders", "orders_1.csv", 4),
        ("orders", "orders_2.csv", 4),
    ]
    for file in landed:
        source = (folder / file.name).read_bytes()
        assert file.path.read_bytes() == source
        assert file.path.name == file.sha256 == hashlib.sha256(source).hexdigest()
    assert sorted(path.name for path in (tmp_path / "landing").iterdir()) == sorted(
        file.sha256 for file in landed
    )


def test_same_bytes_are_the_same_file(folder: Path, tmp_path: Path) -> None:
    (folder / "orders_3.csv").write_bytes(b"one\n")
    first = land_files(folder, describe(), tmp_path / "landing")
    assert [file.name for file in first] == ["orders_1.csv", "orders_2.csv"]
    stamps = [file.path.stat().st_mtime_ns for file in first]
    again = land_files(folder, describe(), tmp_path / "landing")
    assert again == first
    assert [file.path.stat().st_mtime_ns for file in again] == stamps


def test_newest_export_by_name_supersedes_the_others(folder: Path) -> None:
    source = describe(mode="replace").files["orders"][0]
    os.utime(folder / "orders_1.csv", (2e9, 2e9))
    assert [path.name for path in find_sources(folder, "orders", source)] == ["orders_2.csv"]


def test_file_that_changes_while_it_is_copied_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copyfile

    def copy_and_grow(source: Path, target: Path) -> None:
        copy(source, target)
        with source.open("ab") as stream:
            stream.write(b"more\n")

    monkeypatch.setattr(shutil, "copyfile", copy_and_grow)
    with pytest.raises(InputError, match=r"orders_1.csv changed while it was copied; run again "):
        land_files(folder, describe(), tmp_path / "landing")


def test_half_a_copy_never_stands_under_the_hash(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_half(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:2])

    monkeypatch.setattr(shutil, "copyfile", copy_half)
    with pytest.raises(InputError, match="changed while it was copied"):
        land_files(folder, describe(), tmp_path / "landing")
    assert list((tmp_path / "landing").iterdir()) == []
    monkeypatch.undo()
    assert len(land_files(folder, describe(), tmp_path / "landing")) == 2


def test_full_disk_is_not_taken_for_an_unreadable_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(OSError, match="No space left on device"):
        land_files(folder, describe(), tmp_path / "landing")


def test_landed_copy_that_was_cut_short_is_copied_again(folder: Path, tmp_path: Path) -> None:
    landed = land_files(folder, describe(), tmp_path / "landing")
    landed[0].path.write_bytes(b"o")
    again = land_files(folder, describe(), tmp_path / "landing")
    assert again[0].path.read_bytes() == b"one\n"


def test_date_in_the_name_decides_which_export_is_newest(folder: Path) -> None:
    for name in ("orders_20260301_b.csv", "orders_20260215_c.csv"):
        (folder / name).write_bytes(name.encode())
    source = FileSource(path="orders_2026*", mode="replace", export_date="orders_%Y%m%d*.csv")
    found = find_sources(folder, "orders", source)
    assert [path.name for path in found] == ["orders_20260301_b.csv"]
    with pytest.raises(InputError, match=r"orders_1\.csv: export_date .* finds no date"):
        find_export_date("orders_%Y%m%d*.csv", "orders_1.csv")
    with pytest.raises(InputError, match=r"finds no date in the file's name \(.*day"):
        find_export_date("orders_%Y%m%d.csv", "orders_20260230.csv")


def test_file_that_fills_two_tables_lands_once(folder: Path, tmp_path: Path) -> None:
    content = {"name": "shop", "timezone": "Asia/Shanghai", "currency": "CNY"}
    orders = {"path": "orders_1.csv", "negative_amounts": "refund"}
    dataset = Dataset.model_validate({**content, "files": {"orders": orders}})
    landed = land_files(folder, dataset, tmp_path / "landing")
    assert [(file.table, file.key_table) for file in landed] == [
        ("orders", "orders"),
        ("refunds", "orders"),
    ]
    assert landed[0].number == landed[1].number
    assert len(list((tmp_path / "landing").iterdir())) == 1


@pytest.mark.parametrize("pattern", ["order.csv", "*.parquet", "**", "[", "sub/orders_1.csv"])
def test_pattern_without_a_file_is_refused(folder: Path, pattern: str) -> None:
    with pytest.raises(InputError, match=r"files\.orders: no file matches '.*copy it there or "):
        find_sources(folder, "orders", FileSource(path=pattern))


@pytest.mark.parametrize("pattern", [".", "a**", "**a/b", "x" * 5_000])
def test_pattern_that_is_none_is_refused_in_one_sentence(folder: Path, pattern: str) -> None:
    with pytest.raises(InputError, match=r"files\.orders"):
        find_sources(folder, "orders", FileSource(path=pattern))


def test_links_to_the_outside_are_refused(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "outside" / "orders_9.csv"
    secret.parent.mkdir()
    secret.write_bytes(b"secret\n")
    source = FileSource(path="**/orders_*.csv")
    (folder / "inside").symlink_to(folder / "orders_1.csv")
    assert len(find_sources(folder, "orders", source)) == 2
    (folder / "orders_3.csv").symlink_to(secret)
    with pytest.raises(InputError, match=r"orders_3.csv points outside .*; copy the file itself"):
        find_sources(folder, "orders", source)
    (folder / "orders_3.csv").unlink()
    (folder / "linked").symlink_to(secret.parent)
    with pytest.raises(InputError, match="points outside"):
        find_sources(folder, "orders", FileSource(path="linked/orders_*.csv"))


def test_folders_and_dangling_links_are_no_files(folder: Path) -> None:
    (folder / "orders_3.csv").mkdir()
    (folder / "orders_4.csv").symlink_to(folder / "nowhere")
    found = find_sources(folder, "orders", describe().files["orders"][0])
    assert [path.name for path in found] == ["orders_1.csv", "orders_2.csv"]


def test_the_settings_are_no_data(folder: Path) -> None:
    (folder / "dataset.yaml").write_text("name: shop\n", encoding="utf-8")
    found = find_sources(folder, "orders", FileSource(path="*"))
    assert [path.name for path in found] == ["orders_1.csv", "orders_2.csv"]
