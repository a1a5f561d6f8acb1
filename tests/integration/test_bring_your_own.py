"""The section "Bring your own files" of the README, followed to the end as it is printed.

What the rows of the two sets mean was worked by hand and stands in tests/data/profiles; their
dataset.yaml is left behind, as a shop has none.
"""

import io
import re
import shlex
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from assets import cli
from pipelines import publishing
from pipelines.snapshots import Snapshot, open_snapshot

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "tests" / "data" / "profiles"
REGULARS = ".venv/bin/regulars"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = " ".join(README.split())


@dataclass
class Reader:
    """Somebody who does what the README says, in a checkout whose output lies elsewhere."""

    checkout: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    said: dict[str, str] = field(default_factory=dict)

    def follow(self, heading: str, folder: str) -> None:
        """Do all that stands under a heading: its commands, and its corrections of settings."""
        for language, block in list_blocks(heading):
            if language == "yaml":
                correct(self.checkout / folder / "dataset.yaml", block)
                continue
            for line in block.splitlines():
                self.do(line)

    def do(self, line: str) -> None:
        """Do one command and keep what it said; no other than these is printed."""
        typed, _, rest = line.rpartition(" | ")
        program, *words = shlex.split(rest)
        if program == "mkdir":
            (self.checkout / words[0]).mkdir()
        elif program == "cp":
            for path in sorted(self.checkout.glob(words[0])):
                shutil.copy(path, self.checkout / words[1])
        else:
            assert program == REGULARS
            entered = shlex.split(typed)[1:]
            self.monkeypatch.setattr(sys, "stdin", io.StringIO(" ".join(entered) + "\n"))
            self.monkeypatch.setattr(sys, "argv", ["regulars", *words])
            code = cli.execute()
            printed = self.capsys.readouterr()
            assert (code, printed.err) == (0, "")
            self.said[words[0]] = printed.out


def list_blocks(heading: str) -> Iterator[tuple[str, str]]:
    """Yield language and text of the blocks under a heading, without their indentation."""
    section = README.partition(f"\n{heading}\n")[2]
    section = re.split(r"\n##+ ", section)[0]
    for indent, language, block in re.findall(
        r"^( *)```(\w+)\n(.*?)^ *```$", section, re.DOTALL | re.MULTILINE
    ):
        yield language, re.sub(f"^{indent}", "", block, flags=re.MULTILINE)


def correct(path: Path, correction: str) -> None:
    """Put a key of settings in the place of the one that is there, or at the end."""
    key = correction.partition(":")[0]
    text = path.read_text(encoding="utf-8")
    changed, count = re.subn(
        rf"^{key}:.*\n", lambda _: correction, text, count=1, flags=re.MULTILINE
    )
    path.write_text(changed if count else text + correction, encoding="utf-8")


@pytest.fixture
def reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Reader:
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setattr(publishing, "OUTPUT_ROOT", tmp_path / "output")
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, monkeypatch, capsys)


def read_expected(name: str) -> dict[str, Any]:
    """Return what was worked by hand of a set."""
    expected = yaml.safe_load((SETS / name / "expected.yaml").read_text(encoding="utf-8"))
    assert isinstance(expected, dict)
    return expected


def compare(snapshot: Snapshot, published: list[tuple[Any, ...]]) -> None:
    """Compare the months of a snapshot with those that were counted by hand."""
    kpi = {
        (row["metric"], row["window_start"]): row["value"]
        for row in snapshot.arrow("kpi").to_pylist()
        if row["scope_type"] == "all" and row["window_type"] == "month"
    }
    for month, orders, net_sales, buyers, new_members in published:
        assert kpi["orders", month] == orders
        assert kpi["net_sales", month] == pytest.approx(float(net_sales))
        assert kpi["active_members", month] == buyers
        assert kpi["new_members", month] == new_members


def compare_files(snapshot: Snapshot, expected: dict[str, Any]) -> None:
    """Compare where the rows of files went with what was counted by hand."""
    found = {(row["source_table"], row["file_name"]): row for row in read(snapshot, "input_files")}
    for table, name, rows, _, quarantined, continuing in expected["files"]:
        row = found.pop((table, name))
        counts = (row["row_count"], row["quarantined_count"], row["continuation_count"])
        assert counts == (rows, quarantined, continuing)
        assert rows == row["accepted_count"] + row["duplicate_count"] + quarantined + continuing
    assert not found


def read(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    """Return the rows of a published table."""
    return [dict(row) for row in snapshot.arrow(table).to_pylist()]


def test_a_taobao_shop_is_followed_to_the_end(reader: Reader) -> None:
    expected = read_expected("taobao")
    reader.follow("### A Taobao shop", "tea")
    assert "profile taobao_orders" in reader.said["init"]
    assert str(reader.checkout / "keys" / "tea.key") in reader.said["init"]
    for told in ("damaged_id", "ExportOrderList_v2017.csv", "unregistered_ids"):
        assert told in reader.said["doctor"]
    assert "are as they were published" in reader.said["verify"]
    output = reader.checkout / "output" / "tea"
    snapshot = open_snapshot(output)
    compare(snapshot, expected["published"])
    compare_files(snapshot, expected)
    january, february, march = (orders for _, orders, *_ in expected["published"])
    waterfall = {row["step"]: row["row_count"] for row in read(snapshot, "population_waterfall")}
    assert (
        f"Published are {january} valid orders in January 2026, {february} in February and "
        f"{march} in March, of {waterfall['read']} rows read."
    ) in PROSE
    assert waterfall["quarantined"] == 1
    [quarantine] = (output / "quarantine").glob("*.csv")
    assert quarantine.name == f"{snapshot.as_of.isoformat()}.csv"
    assert stat.S_IMODE(quarantine.stat().st_mode) == 0o600
    [_, row] = quarantine.read_text(encoding="utf-8").splitlines()
    assert row.startswith("orders,ExportOrderList_v2017.csv,5,order_id,damaged_id,")
    assert "3.5E+17" in row
    for name in ("report.zh.html", "report.zh.xlsx", "report.en.html", "report.en.xlsx"):
        assert (snapshot.folder / name).is_file()

    members = len(read(snapshot, "members"))
    reader.follow("### Personal data and erasing", "tea")
    assert reader.said["erase"].startswith("Erased; numbers: 1,")
    assert "are as they were published" in reader.said["verify"]
    erased = open_snapshot(output)
    compare(erased, expected["published"])
    assert len(read(erased, "members")) == members - 1
    assert "nobody@example.com" not in quarantine.read_text(encoding="utf-8")


def test_a_shopify_shop_is_followed_to_the_end(reader: Reader) -> None:
    expected = read_expected("shopify")
    reader.follow("### A Shopify shop", "store")
    assert "Currency: USD, as the orders say. Time zone: UTC, guessed" in reader.said["init"]
    assert "registered_at of the members; no new members" in reader.said["doctor"]
    snapshot = open_snapshot(reader.checkout / "output" / "store")
    compare(snapshot, expected["published"])
    compare_files(snapshot, expected)
    *first, last = (str(orders) for _, orders, *_ in expected["published"])
    assert f"Published are {', '.join(first)} and {last} valid orders from December 2025" in PROSE
    reasons = {
        row["null_reason"]
        for row in read(snapshot, "kpi")
        if row["metric"] == "new_members" and row["window_type"] == "month"
    }
    assert reasons == {"no_registration_date"}
