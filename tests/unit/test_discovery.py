"""That a first dataset.yaml is a good guess, says why, and lets no value of the data out.

What a settled dataset.yaml does is tested with its readers.
"""

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import Dataset, load_dataset
from pipelines.engines.duckdb import open_duckdb
from pipelines.errors import InputError
from pipelines.ingest import discovery
from pipelines.ingest.discovery import write_first_dataset
from pipelines.ingest.landing import land_files
from pipelines.ingest.tables import fill_raw_tables, parse_files

SAMPLE = Path(__file__).parents[2] / "data_samples" / "complete_journey"
ORDERS = ["order_id", "paid_at", "paid_amount"]
ORDER = ["o1", "2024-05-01 10:00:00", "12.50"]
CHINESE_ORDERS = [
    "订单编号",
    "买家会员名",
    "订单付款时间 ",
    "买家实际支付金额",
    "订单状态",
    "联系手机",
]
WAITING = "买家已付款，等待卖家发货"
REFUNDED = "付款以后用户退款成功，交易自动关闭"


def write_rows(path: Path, *rows: list[str], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)


def discover(folder: Path) -> tuple[Dataset, str]:
    """Return the data set that was written, and the explanation as one text."""
    lines = write_first_dataset(folder, force=False)
    return load_dataset(folder), "\n".join(lines)


def count_rows(folder: Path, dataset: Dataset) -> dict[str, int]:
    """Return the rows of each raw table, with the rejects, as a run would read them."""
    place = folder / ".work"
    parsed = parse_files(land_files(folder, dataset, place / "landing"), dataset, place / "parsed")
    engine = open_duckdb(readable=[folder])
    fill_raw_tables(engine, parsed)
    counts = {
        table: engine.read(f"select count(*) as n from raw.{table}").to_pylist()[0]["n"]
        for table in (*dataset.files, "rejects")
    }
    engine.close()
    return counts


def test_sample_gets_the_committed_mapping(tmp_path: Path) -> None:
    folder = tmp_path / "complete_journey"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("dataset.yaml", "*.png"))
    dataset, explanation = discover(folder)
    committed = load_dataset(SAMPLE)
    assert dataset.name == committed.name
    assert dataset.files == committed.files
    assert dataset.scopes == committed.scopes
    assert dataset.conventions.paid_statuses == committed.conventions.paid_statuses
    assert '"make.py": ignored' in explanation
    assert "Missing: registered_at" in explanation
    assert "UTC, USD" in explanation
    assert count_rows(folder, dataset) == count_rows(folder, committed)


def test_chinese_exports_in_gb18030(tmp_path: Path) -> None:
    folder = tmp_path / "茶"
    folder.mkdir()
    for month, status in (("01", "交易成功"), ("02", WAITING), ("03", REFUNDED)):
        row = [f"1{month}", "小明", f"2024-{month}-05 10:00:00", "￥12.50", status, "13800001234"]
        write_rows(folder / f"orders_2024-{month}.csv", CHINESE_ORDERS, row, encoding="gb18030")
    write_rows(
        folder / "会员.csv", ["会员号", "姓名", "入会时间"], ["小明", "王小明", "2023-01-01"]
    )
    write_rows(
        folder / "退款.csv", ["订单编号", "退款时间", "退款金额"], ["101", "2024-03-01", "1"]
    )
    dataset, explanation = discover(folder)
    assert (dataset.name, dataset.timezone, dataset.currency) == ("shop", "Asia/Shanghai", "CNY")
    assert dataset.languages == ["zh", "en"]
    assert dataset.files["orders"][0].path == "orders_*.csv"
    assert dataset.files["orders"][0].columns == {
        "order_id": "订单编号",
        "paid_at": "订单付款时间",
        "paid_amount": "买家实际支付金额",
        "member_id": "买家会员名",
        "status": "订单状态",
    }
    assert dataset.files["orders"][0].personal == ["联系手机"]
    assert dataset.files["members"][0].personal == ["姓名"]
    assert dataset.files["refunds"][0].columns["amount"] == "退款金额"
    assert sorted(dataset.conventions.paid_statuses) == sorted(["交易成功", WAITING])
    assert "3 files of one shape" in explanation
    assert count_rows(folder, dataset) == {"orders": 3, "members": 1, "refunds": 1, "rejects": 0}


def test_no_value_but_statuses_is_written_or_told(tmp_path: Path) -> None:
    row = ["9371", "canary_member", "2031-07-08 09:10:11", "7654.32", "交易成功", "13912345678"]
    write_rows(tmp_path / "orders.csv", CHINESE_ORDERS, row)
    write_rows(tmp_path / "headless.csv", ["canary_first_row", "13912345678"], ["a", "b"])
    lines = write_first_dataset(tmp_path, force=False)
    told = "\n".join(lines) + (tmp_path / "dataset.yaml").read_text(encoding="utf-8")
    assert "交易成功" in told
    for value in ("9371", "canary", "2031", "7654", "13912345678"):
        assert value not in told


def test_canonical_names_need_no_mapping(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", [*ORDERS, "member_id"], [*ORDER, "m1"])
    write_rows(tmp_path / "members.csv", ["member_id", "registered_at"], ["m1", "2024-01-01"])
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].columns == {}
    assert dataset.files["members"][0].columns == {}
    assert "Missing: a status" in explanation
    assert "Missing: refunds" in explanation
    assert count_rows(tmp_path, dataset) == {"orders": 1, "members": 1, "rejects": 0}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (["order_id", "paid_at"], 'Closest is "export.csv", without paid_amount.'),
        (["sku", "product"], "paid_amount (实付金额)."),
        (["x", "y"], "order_id (订单编号), paid_at or created_at (付款时间)"),
    ],
)
def test_folder_without_orders(tmp_path: Path, header: list[str], sentence: str) -> None:
    write_rows(tmp_path / "export.csv", header, ["1", "2"])
    with pytest.raises(InputError) as raised:
        write_first_dataset(tmp_path, force=False)
    assert sentence in str(raised.value)
    assert not (tmp_path / "dataset.yaml").exists()


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        write_first_dataset(tmp_path / "nowhere", force=False)


def test_only_force_replaces(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", ORDERS, ORDER)
    (tmp_path / "dataset.yaml").write_text("name: mine\n", encoding="utf-8")
    with pytest.raises(InputError, match="--force"):
        write_first_dataset(tmp_path, force=False)
    assert (tmp_path / "dataset.yaml").read_text(encoding="utf-8") == "name: mine\n"
    write_first_dataset(tmp_path, force=True)
    first = (tmp_path / "dataset.yaml").read_bytes()
    lines = write_first_dataset(tmp_path, force=True)
    assert (tmp_path / "dataset.yaml").read_bytes() == first
    assert lines == write_first_dataset(tmp_path, force=True)


def test_the_fuller_of_two_order_files_is_taken(tmp_path: Path) -> None:
    write_rows(tmp_path / "a_orders.csv", ORDERS, ORDER)
    write_rows(tmp_path / "b_orders.csv", [*ORDERS, "member_id"], [*ORDER, "m1"])
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].path == "b_orders.csv"
    assert '"a_orders.csv": not used, it could be orders too' in explanation


def test_a_pattern_matches_its_files_and_no_other(tmp_path: Path) -> None:
    for name in ("orders_1.csv", "orders_2.csv"):
        write_rows(tmp_path / name, ORDERS, ORDER)
    write_rows(tmp_path / "orders_notes.csv", ["note"], ["x"])
    write_rows(tmp_path / "export.csv", ORDERS, ORDER)
    dataset, explanation = discover(tmp_path)
    names = sorted(path.name for path in tmp_path.glob(dataset.files["orders"][0].path))
    assert len(names) == 1
    assert explanation.count("could be orders too") == 2
    assert '"orders_notes.csv": not used, its columns fit no table' in explanation


def test_stores_apart_in_files_are_one_table(tmp_path: Path) -> None:
    for city in ("beijing", "shanghai"):
        write_rows(tmp_path / f"orders-{city}.csv", ORDERS, [f"o-{city}", *ORDER[1:]])
    dataset, _ = discover(tmp_path)
    assert dataset.files["orders"][0].path == "orders-*.csv"
    assert count_rows(tmp_path, dataset)["orders"] == 2


@pytest.mark.parametrize(
    "name", ['o"r\\d\ners [1]*?.csv', "orders: {a} #1.csv", "- orders'\u202e\u3000.csv", "null.csv"]
)
def test_hostile_file_names(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "2024"
    folder.mkdir()
    write_rows(folder / name, ORDERS, ORDER)
    dataset, explanation = discover(folder)
    assert dataset.name == "2024"
    assert count_rows(folder, dataset)["orders"] == 1
    assert all(letter.isprintable() or letter == "\n" for letter in explanation)


def test_hostile_column_names(tmp_path: Path) -> None:
    header = [*ORDERS, "a: b", "# x", '"', "\x1b[2J", "E-Mail: [x]", "", "twice", "twice"]
    write_rows(tmp_path / "orders.csv", header, [*ORDER, *["x"] * 8])
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].personal == ["E-Mail: [x]"]
    assert "\x1b" not in explanation
    assert count_rows(tmp_path, dataset)["orders"] == 1


def test_a_column_that_stands_twice_is_not_guessed(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", [*ORDERS, "member_id", "member_id"], [*ORDER, "a", "b"])
    dataset, explanation = discover(tmp_path)
    assert "member_id" not in dataset.files["orders"][0].columns
    assert "Missing: a member_id" in explanation
    assert count_rows(tmp_path, dataset)["orders"] == 1


def test_a_link_to_outside_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    write_rows(tmp_path / "orders.csv", ORDERS, ORDER)
    (folder / "orders.csv").symlink_to(tmp_path / "orders.csv")
    with pytest.raises(InputError, match="no file holds orders"):
        write_first_dataset(folder, force=False)


def test_unreadable_files_are_named_and_passed_over(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", ORDERS, ORDER)
    write_rows(tmp_path / "utf16.csv", ORDERS, ORDER, encoding="utf-16")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "members.xlsx").write_bytes(b"PK")
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].path == "orders.csv"
    for name in ("utf16.csv", "empty.csv", "broken.parquet", "members.xlsx"):
        assert f'"{name}"' in explanation


def test_a_column_of_free_text_is_no_status(tmp_path: Path) -> None:
    rows = [[f"o{i}", *ORDER[1:], f"note {i}"] for i in range(40)]
    write_rows(tmp_path / "orders.csv", [*ORDERS, "status"], *rows)
    dataset, explanation = discover(tmp_path)
    assert "status" not in dataset.files["orders"][0].columns
    assert "too many or too long values" in explanation
    assert "note 1" not in explanation


def test_parquet_types_decide_with_the_names(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Order Number": pa.array([1], pa.int64()),
            "Order Date": pa.array([0], pa.timestamp("us")),
            "Order Total": pa.array([True], pa.bool_()),
            "Total": pa.array([Decimal("1.50")], pa.decimal128(18, 2)),
            "Order Status": ["completed"],
        }
    )
    pq.write_table(table, tmp_path / "sales [2024].parquet")
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].columns["paid_amount"] == "Total"
    assert dataset.conventions.paid_statuses == ["completed"]
    assert "dated by their creation" in explanation
    assert count_rows(tmp_path, dataset)["orders"] == 1


@pytest.mark.parametrize(
    ("statuses", "paid"),
    [
        (["paid", "pending", "unpaid"], ["paid"]),
        (["partially_refunded", "refunded"], ["partially_refunded"]),
        (["已完成", "已取消", "等待买家付款"], ["已完成"]),
        (["A", "B", "cancelled"], ["A", "B"]),
        (["cancelled"], []),
    ],
)
def test_which_statuses_are_paid(statuses: list[str], paid: list[str]) -> None:
    assert discovery.choose_paid(statuses) == paid


@pytest.mark.parametrize(
    ("name", "table", "expected"),
    [
        ("CustomerPhone", "orders", True),
        ("customer_name", "orders", True),
        ("收货人", "orders", True),
        ("收货人城市", "orders", False),
        ("Name", "members", True),
        ("Name", "stores", False),
        ("product name", "order_lines", False),
        ("店铺名称", "stores", False),
        ("身份证号", "members", True),
        ("delivery_city", "orders", False),
    ],
)
def test_which_names_are_personal(name: str, table: str, expected: bool) -> None:
    assert discovery.is_personal(name, table) is expected


def test_synonyms_name_columns_that_exist_and_none_is_personal() -> None:
    for key, names in discovery.SYNONYMS.items():
        table, _, column = key.rpartition(".")
        tables = [table] if table else list(CANONICAL_TABLES)
        holders = [name for name in tables if column in CANONICAL_TABLES[name].columns]
        assert holders, key
        assert not any(discovery.is_personal(name, holder) for name in names for holder in holders)


def test_what_is_written_is_plain_yaml_with_a_line_for_each_choice(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", [*ORDERS, "status"], [*ORDER, "paid"], [*ORDER, "void"])
    write_first_dataset(tmp_path, force=False)
    text = (tmp_path / "dataset.yaml").read_text(encoding="utf-8")
    assert set(yaml.safe_load(text)) == {
        *("name", "timezone", "currency", "languages", "trade", "files", "conventions", "scopes")
    }
    assert '# Not counted: "void"' in text
    assert "trade: frequent    # how often people buy" in text
