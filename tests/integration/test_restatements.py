"""What a second night says of the numbers that the first one published: which changed, and why.

How evidence is weighed is tested with the models; here each cause happens to a small shop.
"""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines import runs
from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.dataset import load_dataset
from pipelines.erasure import erase
from pipelines.runs import RunRequest
from pipelines.snapshots import Snapshot
from tests.integration.small_shop import Shop, hash_files, open_shop, run_shop

FIRST_NIGHT, SECOND_NIGHT = "2024-03-20", "2024-03-25"
# Paid on 2024-02-22 for 61.50.
ORDER = "00025"
FEBRUARY = "2024-02-01"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "keys"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the small shop's first night is published in `output`."""
    folder = tmp_path_factory.mktemp("published")
    data = open_shop().write(folder / "data")
    run_shop(RunRequest(data, FIRST_NIGHT, folder / "output"), skips_checks=True)
    return folder


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    """Return a copy of it for a test to change."""
    return shutil.copytree(published, tmp_path / "shop")


def run_second(folder: Path, change: Callable[[Shop], None] | None = None) -> Snapshot:
    """Return what the second night publishes, after the shop's files have changed."""
    shop = open_shop()
    if change is not None:
        change(shop)
    shop.write(folder / "data")
    snapshot, is_new = run_shop(RunRequest(folder / "data", SECOND_NIGHT, folder / "output"))
    assert is_new
    return snapshot


def list_restated(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the restatements of a snapshot."""
    rows: list[dict[str, Any]] = snapshot.arrow("kpi_restatements").to_pylist()
    return rows


def find_restated(snapshot: Snapshot, metric: str, window_start: str) -> dict[str, Any]:
    """Return the restatement of a metric of the whole shop in a month."""
    (found,) = [
        row
        for row in list_restated(snapshot)
        if (row["metric"], row["scope_type"], row["window_type"]) == (metric, "all", "month")
        and row["window_start"].isoformat() == window_start
    ]
    return found


def list_causes(snapshot: Snapshot) -> set[str]:
    """Return all causes of a snapshot's restatements."""
    return {row["cause"] for row in list_restated(snapshot)}


def refund(amount: str) -> Callable[[Shop], None]:
    """Return the change that an order of February is refunded between the nights."""
    row = {"refund_id": "R99", "order_id": ORDER, "refunded_at": "2024-03-22 10:00:00"}
    return lambda shop: shop.refunds.append({**row, "amount": amount})


def test_first_night_restates_nothing(published: Path) -> None:
    (snapshot,) = (published / "output" / "snapshots").iterdir()
    assert list_restated(Snapshot(snapshot)) == []


def test_a_night_without_news_restates_nothing(folder: Path) -> None:
    snapshot = run_second(folder)
    assert list_restated(snapshot) == []
    assert snapshot.manifest["prior"] == f"{FIRST_NIGHT}-{snapshot.manifest['prior'][11:]}"


def test_late_refund_lowers_the_windows_of_its_order(folder: Path) -> None:
    snapshot = run_second(folder, refund("1.50"))
    assert list_causes(snapshot) == {"late_refund"}
    row = find_restated(snapshot, "net_sales", FEBRUARY)
    assert row["change"] == pytest.approx(-1.5)
    assert row["old_value"] - row["new_value"] == pytest.approx(1.5)
    assert (row["old_numerator"], row["new_numerator"]) == (row["old_value"], row["new_value"])
    assert (row["cause_en"], row["cause_zh"]) == ("late refund", "迟到退款")
    assert row["prior_as_of"].isoformat() == FIRST_NIGHT
    assert row["as_of_date"].isoformat() == SECOND_NIGHT
    assert not {"orders", "active_members"} & {row["metric"] for row in list_restated(snapshot)}
    # How old a month must be for its refund rate follows from the refunds of all stores.
    stores = {
        row["scope"]
        for row in list_restated(snapshot)
        if row["scope_type"] == "store" and not row["metric"].startswith("refund_")
    }
    assert stores == {"S2"}


def test_refund_of_a_whole_order_takes_the_order_away(folder: Path) -> None:
    def take_back(shop: Shop) -> None:
        refund("61.50")(shop)
        shop.settings += "gates: {lost_history: warn}\n"

    snapshot = run_second(folder, take_back)
    assert list_causes(snapshot) == {"late_refund"}
    assert find_restated(snapshot, "orders", FEBRUARY)["change"] == -1


def test_merge_restates_members_and_no_sales(folder: Path) -> None:
    def merge(shop: Shop) -> None:
        row = {"member_id": "004", "merged_into": "0011", "merged_at": "2024-03-22 10:00:00"}
        shop.merges.append(row)

    snapshot = run_second(folder, merge)
    assert list_causes(snapshot) == {"merge"}
    assert find_restated(snapshot, "registered_members", FEBRUARY)["change"] == -1
    assert not {"orders", "net_sales"} & {row["metric"] for row in list_restated(snapshot)}


def test_late_order_restates_its_windows(folder: Path) -> None:
    def send_late(shop: Shop) -> None:
        shop.orders.append({**shop.orders[25], "order_id": "90025", "member_id": ""})

    snapshot = run_second(folder, send_late)
    assert list_causes(snapshot) == {"late_order"}
    assert find_restated(snapshot, "orders", FEBRUARY)["change"] == 1


def test_two_causes_in_a_window_are_both_named(folder: Path) -> None:
    def change(shop: Shop) -> None:
        refund("1.50")(shop)
        shop.orders.append({**shop.orders[25], "order_id": "90025"})

    row = find_restated(run_second(folder, change), "net_sales", FEBRUARY)
    assert row["cause"] == "late_refund+late_order"
    assert row["cause_en"] == "late refund, late order"


def test_erased_member_leaves_the_windows_of_the_orders(folder: Path) -> None:
    data, output = folder / "data", folder / "output"
    erase(data, output, load_dataset(data), ["006"])
    snapshot = run_second(folder)
    assert list_causes(snapshot) == {"erased_member"}
    assert find_restated(snapshot, "registered_members", FEBRUARY)["change"] == -1
    assert "member_order_share" in {row["metric"] for row in list_restated(snapshot)}


def test_changed_definition_is_told_by_its_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "load_catalogue", load_with_new_definition)
    snapshot = run_second(folder)
    assert list_causes(snapshot) == {"changed_definition"}
    assert {row["metric"] for row in list_restated(snapshot)} == {"new_buyers"}
    assert find_restated(snapshot, "new_buyers", FEBRUARY)["change"] == 1


def load_with_new_definition() -> Catalogue:
    """Return the catalogue with new buyers defined otherwise."""
    catalogue = load_catalogue()
    model = catalogue.models["kpis.new_buyers"]
    assert model.header.kpi is not None
    kpi = model.header.kpi.model_copy(update={"version": model.header.kpi.version + 1})
    header = model.header.model_copy(update={"kpi": kpi})
    query = f"select * replace (numerator + 1 as numerator) from ({model.query})"
    changed = dataclasses.replace(model, header=header, query=query)
    return Catalogue({**catalogue.models, model.name: changed}, catalogue.raw)


def test_changed_setting_is_told_by_the_data_set(folder: Path) -> None:
    def ignore_refunds(shop: Shop) -> None:
        shop.settings += "conventions: {refunds: ignore}\n"

    snapshot = run_second(folder, ignore_refunds)
    assert list_causes(snapshot) == {"changed_setting"}


def test_the_same_night_again_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = shutil.copytree(folder, tmp_path / "again")
    first, second = (run_second(place, refund("1.50")) for place in (folder, again))
    assert list_restated(first) != []
    assert hash_files(first) == hash_files(second)
    snapshot, is_new = run_shop(RunRequest(folder / "data", SECOND_NIGHT, folder / "output"))
    assert (snapshot.folder, is_new) == (first.folder, False)
