"""Purchase cycles from a night's proposal to the next night's numbers, by way of a person.

How they are fitted is tested with the models, and what may stand in cuts.yaml in `test_cycles`.
"""

import csv
import datetime
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assets import cli
from pipelines.runs import RunRequest
from pipelines.snapshots import Snapshot, open_snapshot
from tests.integration.small_shop import open_shop, run_shop

Regulars = Callable[..., tuple[int, str, str]]
SETTINGS = """\
name: weekly_shop
timezone: Asia/Shanghai
currency: CNY
languages: [en]
trade: fashion
files:
  orders: {path: orders.csv}
clusters: {count: 3}
"""


@pytest.fixture
def regulars(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Regulars:
    """Return a way to run the command in this process: exit code, standard output and error."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["regulars", *map(str, words)])
        code = cli.execute()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def write_weekly_shop(folder: Path) -> Path:
    """Write the orders of 800 members who come about once a week, for half a year."""
    chance = random.Random(7)
    folder.mkdir()
    (folder / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["order_id", "paid_at", "paid_amount", "member_id", "status"])
        for member in range(800):
            date = datetime.date(2024, 1, 1) + datetime.timedelta(days=chance.randrange(150))
            for visit in range(chance.choice((1, 2, 3, 5))):
                writer.writerow([f"{member}-{visit}", f"{date} 12:00:00", "9.90", member, "paid"])
                date += datetime.timedelta(days=chance.choice((6, 7, 7, 8)))
    return folder


def read_whole(snapshot: Snapshot) -> tuple[float, float, str, int | None]:
    """Return fitted cycle, cycle in use, its source and version of the whole data set."""
    cycles = snapshot.table("purchase_cycles").set_index("scope_type")
    row = snapshot.arrow("purchase_cycles").to_pylist()[0]
    assert len(cycles) == 1
    return row["fitted_cycle"], row["cycle"], row["source"], row["version"]


def read_churn(snapshot: Snapshot) -> dict[datetime.date, tuple[float | None, float | None]]:
    """Return numerator and denominator of each month's churn rate."""
    rows = snapshot.arrow("kpi").to_pylist()
    return {
        row["window_start"]: (row["numerator"], row["denominator"])
        for row in rows
        if row["metric"] == "churn_rate" and row["window_type"] == "month"
    }


def test_a_promoted_cycle_is_an_input_of_the_next_run(tmp_path: Path, regulars: Regulars) -> None:
    shop, output = write_weekly_shop(tmp_path / "shop"), tmp_path / "output"
    request = RunRequest(shop, output=output)
    first, _ = run_shop(request, skips_checks=True)
    assert read_whole(first) == (7, 120, "preset", None)
    code, out, err = regulars("cuts", "show", shop, "--output", output)
    assert (code, err) == (0, "")
    assert out.startswith("all all: in use 120.00 days (preset); fitted 7.00 (may be promoted: ")
    assert run_shop(request, skips_checks=True)[1] is False

    code, out, err = regulars("cuts", "promote", shop, "--output", output)
    assert (code, err) == (0, "")
    assert out == (
        f"{shop / 'cuts.yaml'}, version 1, from {first.folder.name}:\n  all all: 7.00 days\n"
    )
    second, is_new = run_shop(request, skips_checks=True)
    assert is_new
    assert read_whole(second) == (7, 7, "promoted", 1)
    assert second.manifest["promoted"]["version"] == 1
    assert first.manifest["promoted"] is None
    assert not any(numerator for numerator, _ in read_churn(first).values())
    assert any(numerator for numerator, _ in read_churn(second).values())
    code, out, err = regulars("cuts", "promote", shop, "--output", output)
    assert (code, out, err) == (0, "Unchanged: these cycles are in use.\n", "")
    assert open_snapshot(output).folder == second.folder


def test_before_the_first_run_there_is_nothing_to_promote(
    tmp_path: Path, regulars: Regulars
) -> None:
    shop, output = open_shop().write(tmp_path / "shop"), tmp_path / "output"
    code, out, err = regulars("cuts", "promote", shop, "--output", output)
    assert (code, out) == (1, "")
    assert err.startswith("regulars: Nothing is published in ")
    assert not (shop / "cuts.yaml").exists()


def test_cycles_that_cannot_be_read_stop_the_run(tmp_path: Path, regulars: Regulars) -> None:
    shop = open_shop().write(tmp_path / "shop")
    (shop / "cuts.yaml").write_text("format: 1\nversion: one\n", encoding="utf-8")
    code, out, err = regulars("run", shop, "--output", tmp_path / "output")
    assert (code, out) == (1, "")
    assert "cuts.yaml, line " in err
    assert not (tmp_path / "output" / "CURRENT").exists()
