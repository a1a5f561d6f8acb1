"""That the committed sample is what its script makes, and that the script reads its source right.
What a run on the sample publishes is tested elsewhere.
"""

import importlib.util
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "data_samples" / "complete_journey"


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("make_complete_journey", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_script_makes_the_committed_files(
    make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["make.py", str(tmp_path)])
    make.main()
    committed = {path.name for path in FOLDER.iterdir() if path.suffix not in (".py", ".png")} - {
        "__pycache__"
    }
    assert {path.name for path in tmp_path.iterdir()} == committed
    for name in sorted(committed):
        if name.endswith(".parquet"):
            assert pq.read_table(tmp_path / name).equals(pq.read_table(FOLDER / name)), name
        else:
            assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_sample_is_small_and_mixed() -> None:
    expected = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 6_000_000
    assert expected["identified_households"] * 4 == expected["households"]
    assert expected["zero_amount_orders"] > 0


def test_lines_add_up_to_their_orders() -> None:
    orders = pq.read_table(FOLDER / "orders.parquet").to_pylist()
    sums: dict[str, tuple[Decimal, Decimal, int]] = {}
    for line in pq.read_table(FOLDER / "order_lines.parquet").to_pylist():
        amount, coupons, units = sums.get(line["order_id"], (Decimal(0), Decimal(0), 0))
        sums[line["order_id"]] = (
            amount + line["amount"],
            coupons + line["coupon_amount"],
            units + (line["quantity"] or 0),
        )
    assert sums == {
        order["order_id"]: (order["paid_amount"], order["coupon_amount"], order["units"])
        for order in orders
    }


def test_full_set_has_the_published_figures(make: ModuleType) -> None:
    source = make.read_source(True)
    baskets = make.make_baskets(source["lines"])
    households = baskets["household_id"].nunique()
    assert (len(baskets), len(source["lines"])) == (155_848, 1_469_307)
    assert (households, len(source["demographics"])) == (2_469, 801)
    assert int(baskets["cents"].sum()) == 459_603_958
    assert round(len(baskets) / households, 1) == 63.1
    days = baskets[["household_id", "day"]].drop_duplicates().sort_values(["household_id", "day"])
    gaps = days.groupby("household_id")["day"].diff().dropna().dt.days
    assert (round(gaps.mean(), 3), gaps.median()) == (6.282, 3)
