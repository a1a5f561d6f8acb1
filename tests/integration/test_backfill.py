"""That a backfill publishes month ends in their order, through the one job, and moves nothing back.

What a run does as of a date is tested with the runs.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assets.cli import cli
from assets.home import HOME_VARIABLE
from pipelines.snapshots import Snapshot, find_damage, open_snapshot, read_pointer
from tests.integration.small_shop import open_shop

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_shop().write(tmp_path_factory.mktemp("shop"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home")))


def backfill(shop: Path, output: Path, since: str, until: str) -> Result:
    arguments = ["backfill", str(shop), "--since", since, "--until", until]
    return CliRunner().invoke(cli, [*arguments, "--output", str(output)])


def open_all(output: Path) -> dict[str, Snapshot]:
    """Return the snapshot of each date, after making sure that all of them are whole."""
    snapshots = {date: open_snapshot(output, date) for date in read_pointer(output).by_as_of}
    assert [find_damage(snapshot) for snapshot in snapshots.values()] == [[]] * len(snapshots)
    return snapshots


def test_month_ends_follow_each_other_and_nothing_moves_back(shop: Path, tmp_path: Path) -> None:
    later = backfill(shop, tmp_path, "2024-03", "2024-03")
    assert later.output == "2024-03-31: published.\n", later.exception
    before = read_pointer(tmp_path)

    result = backfill(shop, tmp_path, "2024-01", "2024-03")
    assert result.exit_code == 0, result.exception
    # March was made without a snapshot before it, so it is another now.
    assert result.output.splitlines() == [
        "2024-01-31: published.",
        "2024-02-29: published.",
        "2024-03-31: published.",
    ]
    snapshots = open_all(tmp_path)
    names = [snapshot.folder.name for snapshot in snapshots.values()]
    priors = [snapshot.manifest["prior"] for snapshot in snapshots.values()]
    assert priors == [None, *names[:-1]]
    assert read_pointer(tmp_path).current == names[-1] != before.current

    again = backfill(shop, tmp_path, "2024-01", "2024-02")
    assert again.output.splitlines() == ["2024-01-31: unchanged.", "2024-02-29: unchanged."]
    assert read_pointer(tmp_path).current == names[-1]


def test_months_the_wrong_way_round_are_refused(shop: Path, tmp_path: Path) -> None:
    result = backfill(shop, tmp_path, "2024-03", "2024-01")
    assert "2024-03 comes after 2024-01; give the earlier month first." in str(result.exception)


def test_a_month_that_ends_after_the_data_is_named(shop: Path, tmp_path: Path) -> None:
    result = backfill(shop, tmp_path, "2024-12", "2024-12")
    assert "as of 2024-12-31: the orders reach from" in str(result.exception)
