"""That settings are read as written, and that each mistake has one sentence with its place."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import Dataset, load_dataset, write_schema
from pipelines.errors import InputError

GOOD = """\
name: shop
timezone: Asia/Shanghai
currency: CNY
files:
  orders:
    path: "orders_*.csv"
    columns:
      order_id: 订单编号
      paid_at: 付款时间
      paid_amount: 实付
conventions:
  paid_statuses: [已付款]
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str) -> Path:
        (tmp_path / "dataset.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_file


def explain(folder: Path) -> str:
    """Return the sentence of the error, without the folder's name."""
    with pytest.raises(InputError) as caught:
        load_dataset(folder)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence.removeprefix(f"{folder}/")


def change(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_settings_are_read_as_written(write: Write) -> None:
    dataset = load_dataset(write(GOOD))
    assert (dataset.name, str(dataset.zone), dataset.currency) == ("shop", "Asia/Shanghai", "CNY")
    assert dataset.files["orders"][0].columns["order_id"] == "订单编号"
    assert dataset.conventions.paid_statuses == ["已付款"]
    assert dataset.conventions.purchase_unit == "occasion"
    assert dataset.rfm.cuts is None
    assert load_dataset(write("\ufeff" + GOOD)) == dataset
    assert load_dataset(write(GOOD.replace("\n", "\r\n"))) == dataset


def test_business_day_may_start_after_midnight(write: Write) -> None:
    dataset = load_dataset(write(GOOD + '  day_starts_at: "04:30"\n'))
    assert dataset.conventions.day_start_minutes == 270


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (GOOD + "segment: eleven\n", "line 13: segment: is not a key"),
        (GOOD + "  refund: net\n", "line 13: conventions.refund: is not a key"),
        (
            change("    path:", "    pattern: x\n    path:"),
            "line 6: files.orders.pattern: is not",
        ),
        (change("name: shop\n", ""), "line 1: name: is required; add it."),
        (change('    path: "orders_*.csv"\n', ""), "line 5: files.orders.path: is required"),
        (change("name: shop", "name: Shop"), "line 1: name: "),
        (change("name: shop", "name: ../shop"), "line 1: name: "),
        (change("name: shop", "name: [shop]"), "line 1: name: "),
        (change("CNY", "yuan"), "line 3: currency: "),
        (change("Asia/Shanghai", "Asia/Beijing"), "line 2: timezone: 'Asia/Beijing' is not a time"),
        (change("Asia/Shanghai", "+08:00"), "line 2: timezone: '+08:00' is not a time zone; "),
        (change("orders_*.csv", "../orders.csv"), "line 6: files.orders.path: must stay inside"),
        (change("orders_*.csv", "a/../../b.csv"), "line 6: files.orders.path: must stay inside"),
        (change("orders_*.csv", "/etc/passwd"), "line 6: files.orders.path: must stay inside"),
        (change("orders_*.csv", " "), "line 6: files.orders.path: must stay inside"),
        (change("[已付款]", "[]"), "line 12: conventions.paid_statuses: "),
        (change("[已付款]", "[a, a]"), "line 12: conventions.paid_statuses: 'a' stands twice"),
        (GOOD + "scopes: [store, store]\n", "line 13: scopes: 'store' stands twice; remove"),
        (GOOD + "languages: [en, en]\n", "line 13: languages: 'en' stands twice; remove one."),
        (change("      paid_at:", "      colour:"), "line 9: files.orders.columns: 'colour' is"),
        (change("[已付款]", "[1]"), "line 12: conventions.paid_statuses.0: "),
        (GOOD + "  refunds: gross\n", "line 13: conventions.refunds: input should be 'net' or "),
        (GOOD + "  knowledge: soon\n", "line 13: conventions.knowledge: "),
        (GOOD + "  day_starts_at: 4:00\n", "line 13: conventions.day_starts_at: "),
        (GOOD + '  day_starts_at: "24:00"\n', "line 13: conventions.day_starts_at: "),
        (GOOD + "  small_number: -1\n", "line 13: conventions.small_number: "),
        (GOOD + "languages: [fr]\n", "line 13: languages.0: input should be 'zh' or 'en'."),
        (GOOD + "languages: []\n", "line 13: languages: "),
        (GOOD + "scopes: [shop]\n", "line 13: scopes.0: input should be 'store', "),
        (GOOD + "rfm: {window_days: 0}\n", "line 13: rfm.window_days: "),
        (GOOD + "rfm: quintiles\n", "line 13: rfm: "),
        (GOOD + "clusters: {count: 1}\n", "line 13: clusters.count: "),
        (GOOD + "clusters: {count: 9}\n", "line 13: clusters.count: "),
    ],
)
def test_mistake_has_its_line_and_key(write: Write, text: str, place: str) -> None:
    assert explain(write(text)).startswith(f"dataset.yaml, {place}")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (change("  orders:", "  members:"), "files: orders are required"),
        (change("  orders:", "  orderz: {path: x}\n  orders:"), "files: 'orderz' is not one of "),
        (
            change("      paid_at:", "      colour:"),
            "files.orders.columns: 'colour' is not one",
        ),
        (change("      order_id: 订单编号\n", ""), "files.orders.columns: order_id is required"),
        (change("      paid_at: 付款时间\n", ""), "files.orders.columns: paid_at or created_at is"),
        (
            change("    columns:", "    personal: [实付]\n    columns:"),
            "files.orders.columns: '实付' is perso",
        ),
        (
            change("    columns:", "    statuses: {paid: [a], done: [a]}\n    columns:"),
            "files.orders.statuses: 'a' stands twice",
        ),
        (
            change("    columns:", "    constants: {channel: x, order_id: y}\n    columns:"),
            "files.orders.constants: order_id is in columns too",
        ),
        (
            change("    columns:", "    constants: {units: x}\n    columns:"),
            "files.orders.constants: units cannot be the same on every row",
        ),
    ],
)
def test_mistake_in_the_files_is_explained(write: Write, text: str, part: str) -> None:
    assert re.match(rf"dataset\.yaml, line (?!1:)\d+: {re.escape(part)}", explain(write(text)))


@pytest.mark.parametrize("cuts", ["[1, 2, 2, 3]", "[4, 3, 2, 1]", "[1, 2, 3]", "[1, 2, 3, 4, 5]"])
def test_cuts_are_four_and_rise(write: Write, cuts: str) -> None:
    rising = "frequency: [2, 3, 4, 5], monetary: [1, 2, 3, 4]"
    text = GOOD + f"rfm: {{cuts: {{recency_days: {cuts}, {rising}}}}}\n"
    assert explain(write(text)).startswith("dataset.yaml, line 13: rfm.cuts.recency_days: ")


@pytest.mark.parametrize("cuts", ["[1, 2, .nan, 3]", "[1, 2, 3, .inf]", "[-.inf, 2, 3, 4]"])
def test_cuts_are_numbers(write: Write, cuts: str) -> None:
    rising = "frequency: [2, 3, 4, 5], monetary: [1, 2, 3, 4]"
    text = GOOD + f"rfm: {{cuts: {{recency_days: {cuts}, {rising}}}}}\n"
    assert explain(write(text)).startswith("dataset.yaml, line 13: rfm.cuts.recency_days")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "shop\n", "12\n"])
def test_file_without_keys_is_refused(write: Write, text: str) -> None:
    assert explain(write(text)).startswith("dataset.yaml, line 1: expected keys such as name and ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: [1\nfiles: 2\n", 2),
        ("name: shop\n\tfiles: x\n", 2),
        (GOOD + "---\nname: other\n", 13),
        (GOOD + "rfm: !!python/object/apply:os.system ['true']\n", 13),
        (GOOD + "? [a, b]\n: c\n", 13),
    ],
)
def test_what_is_not_plain_yaml_is_refused(write: Write, text: str, line: int) -> None:
    assert explain(write(text)).startswith(f"dataset.yaml, line {line}: this is not YAML: ")


@pytest.mark.parametrize("text", [GOOD + "x: \x01\n", GOOD + "x: \x00\n", "a: " + "[" * 5_000])
def test_what_no_yaml_reader_takes_is_refused(write: Write, text: str) -> None:
    assert explain(write(text)).startswith("dataset.yaml, line ")


@pytest.mark.parametrize("codec", ["gb18030", "utf-16"])
def test_file_that_is_not_utf8_is_refused(tmp_path: Path, codec: str) -> None:
    (tmp_path / "dataset.yaml").write_bytes(GOOD.encode(codec))
    assert "UTF-8" in explain(tmp_path)


def test_date_that_does_not_exist_is_refused(write: Write) -> None:
    text = GOOD + "  knowledge: 2024-02-30\n"
    assert explain(write(text)).startswith("dataset.yaml, line 13: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + "currency: USD\n", 13),
        (GOOD + "  paid_statuses: [done]\n", 13),
        (change("      paid_at:", "      order_id: 别的\n      paid_at:"), 9),
    ],
)
def test_key_that_stands_twice_is_refused(write: Write, text: str, line: int) -> None:
    assert explain(write(text)).startswith(f"dataset.yaml, line {line}: ")


@pytest.mark.parametrize(
    "text", [change("[已付款]", "[已付款, 已付款]"), GOOD + "scopes: [store, store]\n"]
)
def test_entry_that_stands_twice_counts_once_or_is_refused(write: Write, text: str) -> None:
    folder = write(text)
    try:
        dataset = load_dataset(folder)
    except InputError:
        return
    for entries in (dataset.conventions.paid_statuses, dataset.scopes):
        assert len(set(entries)) == len(entries)


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules"])
def test_time_zone_of_the_machine_is_none(write: Write, zone: str) -> None:
    sentence = explain(write(change("Asia/Shanghai", zone)))
    assert sentence.startswith(f"dataset.yaml, line 2: timezone: '{zone}' is not a time zone")


@pytest.mark.parametrize(
    "text", [GOOD + "  small_number: 99999999999\n", GOOD + "rfm: {window_days: 99999999}\n"]
)
def test_number_that_no_shop_needs_is_refused(write: Write, text: str) -> None:
    assert explain(write(text)).startswith("dataset.yaml, line 13: ")


def test_missing_folder_and_missing_file_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not a folder; name the folder that holds dataset"):
        load_dataset(tmp_path / "nowhere")
    assert "does not exist; `regulars init " in explain(tmp_path)


def test_schema_names_every_key() -> None:
    schema = write_schema()
    assert set(schema["properties"]) == set(Dataset.model_fields)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("table", CANONICAL_TABLES)
def test_every_table_can_be_mapped(write: Write, table: str) -> None:
    content = yaml.safe_load(GOOD)
    columns = {name: f"col {name}" for name in CANONICAL_TABLES[table].columns}
    content["files"][table] = {"path": "x.csv", "columns": columns}
    dataset = load_dataset(write(yaml.safe_dump(content, allow_unicode=True)))
    assert dataset.files[table][0].columns == columns
