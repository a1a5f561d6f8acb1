"""That a first dataset.yaml is a good guess, says why, and lets no value of the data out.

What a settled dataset.yaml does is tested with its readers.
"""

import csv
import re
import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import Dataset, load_dataset
from pipelines.engines.duckdb import open_duckdb
from pipelines.errors import InputError
from pipelines.exports import load_profiles
from pipelines.ingest.discovery.contents import classify_statuses
from pipelines.ingest.discovery.draft import name_dataset
from pipelines.ingest.discovery.first_dataset import write_first_dataset
from pipelines.ingest.discovery.names import is_personal
from pipelines.ingest.discovery.proposals import propose_export_date
from pipelines.ingest.discovery.synonyms import SYNONYMS
from pipelines.ingest.identities import Key, load_key
from pipelines.ingest.landing import land_files
from pipelines.ingest.outcomes import make_room
from pipelines.ingest.tables import fill_raw_tables, parse_files

SAMPLE = Path(__file__).parents[2] / "data_samples" / "complete_journey"
PROFILES = Path(__file__).parents[1] / "data" / "profiles"
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


@pytest.fixture(autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the keys, one that no other test knows."""
    folder = tmp_path_factory.mktemp("keys")
    monkeypatch.setenv("REGULARS_KEYS", str(folder))
    return folder


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
    room = make_room(place / "parsed", place / "quarantine", Key(bytes(32)))
    parsed = parse_files(land_files(folder, dataset, place / "landing"), dataset, room)
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
        folder / "会员.csv",
        ["会员号", "会员名", "姓名", "入会时间"],
        ["8001", "小明", "王小明", "2023-01-01"],
    )
    write_rows(
        folder / "退款.csv", ["订单编号", "退款时间", "退款金额"], ["101", "2024-03-01", "1"]
    )
    dataset, explanation = discover(folder)
    assert (dataset.timezone, dataset.currency) == ("Asia/Shanghai", "CNY")
    assert dataset.languages == ["zh", "en"]
    assert dataset.files["orders"][0].path == "orders_*.csv"
    assert dataset.files["orders"][0].columns == {
        "order_id": "订单编号",
        "paid_at": "订单付款时间",
        "paid_amount": "买家实际支付金额",
        "member_id": "买家会员名",
        "status": "订单状态",
    }
    assert dataset.files["orders"][0].personal == ["买家会员名", "联系手机"]
    assert load_key(dataset.name).id in explanation
    assert dataset.files["members"][0].columns["member_id"] == "会员名"
    assert dataset.files["members"][0].personal == ["会员名", "姓名"]
    assert dataset.files["refunds"][0].columns["amount"] == "退款金额"
    assert dataset.files["orders"][0].statuses == {
        "paid": [WAITING],
        "refunded": [REFUNDED],
    }
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
    assert '"a_orders.csv": not used, it could be the same table as "b_orders.csv"' in explanation


def test_a_pattern_matches_its_files_and_no_other(tmp_path: Path) -> None:
    for name in ("orders_1.csv", "orders_2.csv"):
        write_rows(tmp_path / name, ORDERS, ORDER)
    write_rows(tmp_path / "orders_notes.csv", ["note"], ["x"])
    write_rows(tmp_path / "export.csv", ORDERS, ORDER)
    dataset, explanation = discover(tmp_path)
    names = sorted(path.name for path in tmp_path.glob(dataset.files["orders"][0].path))
    listed = [
        path.name for source in dataset.files["orders"] for path in tmp_path.glob(source.path)
    ]
    assert len(names) == 1
    assert sorted(listed) == ["export.csv", "orders_1.csv", "orders_2.csv"]
    assert '"orders_notes.csv": not used, its columns fit no table.' in explanation


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
    assert dataset.files["orders"][0].statuses == {}
    assert 'counted as paid: "completed"' in explanation
    assert "dated by their creation" in explanation
    assert count_rows(tmp_path, dataset)["orders"] == 1


@pytest.mark.parametrize(
    ("words", "classes", "unknown"),
    [
        (["paid", "pending", "unpaid"], {"paid": ["paid"], "created": ["pending", "unpaid"]}, ()),
        (
            ["partially_refunded", "refunded"],
            {"paid": ["partially_refunded"], "refunded": ["refunded"]},
            (),
        ),
        (
            ["已完成", "已取消", "等待买家付款"],
            {"done": ["已完成"], "cancelled": ["已取消"], "created": ["等待买家付款"]},
            (),
        ),
        ([REFUNDED, WAITING], {"refunded": [REFUNDED], "paid": [WAITING]}, ()),
        (["unfulfilled", "fulfilled"], {"paid": ["unfulfilled"], "shipped": ["fulfilled"]}, ()),
        (["A", "B", "cancelled"], {"cancelled": ["cancelled"], "paid": ["A", "B"]}, ()),
        (["A", "paid"], {"paid": ["paid"]}, ("A",)),
        (["cancelled"], {"cancelled": ["cancelled"]}, ()),
    ],
)
def test_what_status_words_seem_to_mean(
    words: list[str], classes: dict[str, list[str]], unknown: tuple[str, ...]
) -> None:
    assert classify_statuses(words) == (classes, unknown)


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
    assert is_personal(name, table) is expected


def test_synonyms_name_columns_that_exist_and_none_is_personal() -> None:
    for key, names in SYNONYMS.items():
        table, _, column = key.rpartition(".")
        tables = [table] if table else list(CANONICAL_TABLES)
        holders = [name for name in tables if column in CANONICAL_TABLES[name].columns]
        assert holders, key
        assert not any(is_personal(name, holder) for name in names for holder in holders)


def test_what_is_written_is_plain_yaml_with_a_line_for_each_choice(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", [*ORDERS, "status"], [*ORDER, "paid"], [*ORDER, "void"])
    write_first_dataset(tmp_path, force=False)
    text = (tmp_path / "dataset.yaml").read_text(encoding="utf-8")
    assert set(yaml.safe_load(text)) == {
        *("name", "timezone", "currency", "languages", "trade", "files", "scopes")
    }
    assert 'cancelled: ["void"]' in text
    assert "trade: frequent    # how often people buy" in text


def list_headers() -> dict[str, list[str]]:
    """Return the header of each export that the profiles are made for, by its file's name."""
    headers = {}
    for path in sorted((PROFILES / "headers").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            headers[path.name] = next(csv.reader(stream))
    return headers


EXPECTED_PROFILES = {
    "douyin_doudian_orders.csv": "douyin_orders",
    "jd_orders.csv": "jd_orders",
    "pdd_orders.csv": "pinduoduo_orders",
    "shopify_customers_export_current.csv": "shopify_customers",
    "shopify_customers_export_legacy.csv": "shopify_customers",
    "shopify_orders_export.csv": "shopify_orders",
    "taobao_ExportItemList.csv": "taobao_items",
    "taobao_ExportOrderList_v2013.csv": "taobao_orders",
    "taobao_ExportOrderList_v2016.csv": "taobao_orders",
    "taobao_ExportOrderList_v2017.csv": "taobao_orders",
    "taobao_ExportOrderList_v2018_2020.csv": "taobao_orders",
    "woocommerce_analytics_customers.csv": "woocommerce_customers",
    "woocommerce_analytics_orders.csv": "woocommerce_orders",
    "youzan_customers_2026.csv": "youzan_customers",
    "youzan_order_items.csv": "youzan_items",
    "youzan_orders_2020.csv": "youzan_orders",
    "youzan_orders_2026.csv": "youzan_orders",
}


@pytest.mark.parametrize(("name", "header"), list_headers().items())
def test_each_real_header_gets_its_profile(tmp_path: Path, name: str, header: list[str]) -> None:
    profile = EXPECTED_PROFILES[name]
    write_rows(tmp_path / "export.csv", header)
    if load_profiles()[profile].table != "orders":
        write_rows(tmp_path / "till.csv", ORDERS, ORDER)
    dataset, explanation = discover(tmp_path)
    source = dataset.files[load_profiles()[profile].table][0]
    assert (source.path, source.profile, source.columns) == ("export.csv", profile, {})
    assert f"profile {profile}" in explanation
    for column in load_profiles()[profile].personal:
        if column in header:
            assert f'"{column}"' in explanation or "more" in explanation


@pytest.mark.parametrize(
    "shop", ["douyin", "generic", "jd", "pinduoduo", "shopify", "taobao", "woocommerce", "youzan"]
)
def test_the_exports_of_each_profile_are_read_as_by_hand(tmp_path: Path, shop: str) -> None:
    folder = shutil.copytree(PROFILES / shop, tmp_path / shop)
    by_hand = load_dataset(folder)
    (folder / "dataset.yaml").unlink()
    (folder / "expected.yaml").unlink()
    dataset, _ = discover(folder)
    assert dataset.timezone in (by_hand.timezone, "UTC")
    assert dataset.currency in (by_hand.currency, "USD")
    assert set(dataset.files) == set(by_hand.files)
    assert count_rows(folder, dataset) == count_rows(folder, by_hand)


def test_different_profiles_of_one_table_are_a_list(tmp_path: Path) -> None:
    headers = list_headers()
    write_rows(tmp_path / "taobao.csv", headers["taobao_ExportOrderList_v2017.csv"])
    write_rows(tmp_path / "youzan.csv", headers["youzan_orders_2026.csv"])
    write_rows(tmp_path / "till.csv", ORDERS, ORDER)
    dataset, explanation = discover(tmp_path)
    found = [(source.path, source.profile) for source in dataset.files["orders"]]
    assert found == [("taobao.csv", "taobao_orders"), ("youzan.csv", "youzan_orders")]
    assert '"till.csv": not used, it could be the same table as "taobao.csv"' in explanation


def test_a_phone_is_the_key_where_there_is_no_number(tmp_path: Path, keys: Path) -> None:
    header = ["小票号", "付款时间", "实付金额", "会员手机", "收货人手机"]
    write_rows(
        tmp_path / "小票.csv", header, ["1", "2024-05-01", "1", "13800001234", "13900001234"]
    )
    write_rows(
        tmp_path / "会员.csv", ["会员号", "手机号", "注册时间"], ["7", "13800001234", "2024-01-01"]
    )
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].columns["member_id"] == "会员手机"
    assert dataset.files["orders"][0].personal == ["会员手机", "收货人手机"]
    assert dataset.files["members"][0].columns["member_id"] == "手机号"
    path = keys / f"{dataset.name}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(path) in explanation
    assert "13800001234" not in explanation + (tmp_path / "dataset.yaml").read_text("utf-8")


def test_no_key_is_made_where_no_token_is_needed(tmp_path: Path, keys: Path) -> None:
    write_rows(tmp_path / "orders.csv", [*ORDERS, "member_id"], [*ORDER, "m1"])
    discover(tmp_path)
    assert list(keys.iterdir()) == []


def test_chinese_headers_are_explained_in_chinese_first(tmp_path: Path) -> None:
    write_rows(tmp_path / "订单.csv", ["订单号", "付款时间", "实付金额"], ORDER)
    _, explanation = discover(tmp_path)
    assert explanation.startswith('"订单.csv" → orders，依据列：')
    assert '"订单.csv" → orders, because of its columns:' in explanation


@pytest.mark.parametrize(
    ("dates", "order", "sentence"),
    [
        (["03/04/2026", "25/04/2026"], "dmy", "in 1 of 2 the first number is above 12"),
        (["03/04/2026", "04/25/2026"], "mdy", "in 1 of 2 the second number is above 12"),
        (["03/04/2026", "04/03/2026"], None, "declare date_order (dmy or mdy)"),
        (["25/04/2026", "04/25/2026"], None, "no order fits"),
        (["2026-04-03", "2026-04-25", "25/04/2026"], None, "1 of 3 do not begin with the year"),
        (["46115", "46116.5"], None, "2 are numbers like Excel's serials"),
        (["2026-04-03", "2026-04-25"], None, ""),
    ],
)
def test_day_and_month(tmp_path: Path, dates: list[str], order: str | None, sentence: str) -> None:
    rows = [[f"o{number}", date, "1.00"] for number, date in enumerate(dates)]
    write_rows(tmp_path / "orders.csv", ORDERS, *rows)
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].date_order == order
    assert sentence in explanation
    assert not any(date in explanation for date in dates)


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["orders_20260301.csv", "orders_20260302.csv"], "orders_%Y%m%d.csv"),
        (["orders-2026-03-01.csv"], "orders-%Y-%m-%d.csv"),
        (["o_20260301_0800.csv", "o_20260302_0915.csv"], "o_%Y%m%d*"),
        (["orders_20260301-20260331.csv"], None),
        (["orders_2026-03.csv"], None),
        (["orders_20261301.csv"], None),
        (["orders_20260301.csv", "orders_all.csv"], None),
    ],
)
def test_dates_of_exports_in_file_names(names: list[str], pattern: str | None) -> None:
    assert propose_export_date(names) == pattern


def test_a_dated_name_becomes_a_pattern_for_the_next_export(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders_20260301.csv", ORDERS, ORDER)
    dataset, _ = discover(tmp_path)
    source = dataset.files["orders"][0]
    assert (source.path, source.export_date) == ("orders_*.csv", "orders_%Y%m%d.csv")


def test_growing_exports_of_one_beginning_are_a_question(tmp_path: Path) -> None:
    rows = [[f"o{day}", f"2024-05-0{day} 10:00:00", "1.00"] for day in range(1, 4)]
    for count in (1, 2, 3):
        write_rows(tmp_path / f"orders_{count}.csv", ORDERS, *rows[:count])
    dataset, explanation = discover(tmp_path)
    assert dataset.files["orders"][0].mode == "append"
    assert "Is each a full export of its own? Then write mode: replace" in explanation


def test_the_currency_is_what_the_orders_say(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", [*ORDERS, "Currency"], [*ORDER, "EUR"])
    dataset, explanation = discover(tmp_path)
    assert dataset.currency == "EUR"
    assert "Currency: EUR, as the orders say" in explanation
    write_rows(tmp_path / "orders.csv", [*ORDERS, "Currency"], [*ORDER, "EUR"], [*ORDER, "CHF"])
    assert any('"CHF", "EUR"' in line for line in write_first_dataset(tmp_path, force=True))


def test_a_status_that_the_profile_does_not_explain_is_told(tmp_path: Path) -> None:
    header = list_headers()["pdd_orders.csv"]
    row = ["商家审核中" if name == "订单状态" else "" for name in header]
    write_rows(tmp_path / "pdd.csv", header, row)
    _, explanation = discover(tmp_path)
    assert "商家审核中" in explanation
    assert '# "商家审核中"' in (tmp_path / "dataset.yaml").read_text("utf-8")


def test_sheets_and_pages_are_recognised_by_their_bytes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    orders, members = book.active, book.create_sheet("会员")
    orders.title = "订单"
    orders.append(["三月订单"])
    orders.append(["订单号", "付款时间", "实付金额", "会员号"])
    orders.append(["1", "2024-05-01 10:00:00", "12.50", "8001"])
    members.append(["会员资料"])
    members.append(["会员号", "入会时间", "等级"])
    members.append(["8001", "2024-01-01", "金"])
    book.save(tmp_path / "shop.xlsx")
    (tmp_path / "退款.xls").write_text(
        "<html><table><tr><th>订单号</th><th>退款时间</th><th>退款金额</th></tr>"
        "<tr><td>1</td><td>2024-05-02</td><td>1.00</td></tr></table></html>",
        encoding="utf-8",
    )
    dataset, explanation = discover(tmp_path)
    sheets = {
        table: (source.sheet, source.header_row) for table, (source,) in dataset.files.items()
    }
    assert sheets == {"orders": ("订单", 2), "members": ("会员", 2), "refunds": (None, 1)}
    assert count_rows(tmp_path, dataset) == {"orders": 1, "members": 1, "refunds": 1, "rejects": 0}
    assert '"shop.xlsx", sheet "订单"' in explanation


def test_the_closest_table_of_a_file_is_named(tmp_path: Path) -> None:
    write_rows(tmp_path / "orders.csv", ORDERS, ORDER)
    write_rows(tmp_path / "退款.csv", ["订单号", "退款金额"], ["1", "2"])
    _, explanation = discover(tmp_path)
    assert '"退款.csv": not used' in explanation
    assert "closest is refunds, without refunded_at" in explanation


def test_no_two_folders_are_one_data_set() -> None:
    names = [
        "我的店铺",
        "另一家店",
        "店",
        "shop",
        "Shop 1",
        "shop-1",
        "店1",
        "...",
        "x" * 80,
        "x" * 81,
    ]
    found = [name_dataset(Path("/data") / name) for name in names]
    assert len({*found}) == len(names)
    assert (found[3], found[4]) == ("shop", "shop_1")
    assert all(re.fullmatch("[a-z0-9][a-z0-9_-]{0,62}", name) for name in found)
