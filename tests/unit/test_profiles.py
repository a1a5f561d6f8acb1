"""That each export is recognised as what it is, and which of its columns are read and how.

What the rows of an export become is tested in tests/integration/test_profiles.py.
"""

import re
import runpy
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import FileSource
from pipelines.errors import InputError
from pipelines.exports import Choice, Profile, TableLayout, list_names, load_profile, load_profiles
from pipelines.ingest.profiles import Layout, lay_out, recognise

SETS = Path(__file__).parents[1] / "data" / "profiles"
HEADERS = SETS / "headers"
PROFILES = {
    "douyin_doudian_orders": "douyin_orders",
    "jd_orders": "jd_orders",
    "pdd_orders": "pinduoduo_orders",
    "shopify_customers_export_current": "shopify_customers",
    "shopify_customers_export_legacy": "shopify_customers",
    "shopify_orders_export": "shopify_orders",
    "taobao_ExportItemList": "taobao_items",
    "taobao_ExportOrderList_v2013": "taobao_orders",
    "taobao_ExportOrderList_v2016": "taobao_orders",
    "taobao_ExportOrderList_v2017": "taobao_orders",
    "taobao_ExportOrderList_v2018_2020": "taobao_orders",
    "woocommerce_analytics_customers": "woocommerce_customers",
    "woocommerce_analytics_orders": "woocommerce_orders",
    "youzan_customers_2026": "youzan_customers",
    "youzan_order_items": "youzan_items",
    "youzan_orders_2020": "youzan_orders",
    "youzan_orders_2026": "youzan_orders",
}
# What a name says of a person, and the names that say it of a shop, a product or a yes or no.
PERSONAL = re.compile(
    r"姓名|昵称|会员名|手机号|联系手机|联系电话|收货人|收件人|地址|备注|留言|发票抬头|支付宝|帐号|流水号|收银员|导购$"
    r"|\b(Name|Email|Phone|Address\d?|Street|Company|Notes?|Zip|Postal Code|Device ID|Employee)\b",
)
NO_PERSON = re.compile(
    r"^(Name|Lineitem name|Tax \d Name|\w+ Province Name|Payment Terms Name|Accepts Email Marketing"
    r"|Default Address (City|Province Code|Country Code)|收货人(省份|城市|地区)"
    r"|商家备注等级.*|是否手机订单)$"
)
MINIMAL = {
    "title": {"en": "A till", "zh": "收银机"},
    "table": "orders",
    "recognised_by": ["No"],
    "tables": {
        "orders": {"columns": {"order_id": "No", "paid_at": "When", "paid_amount": "Total"}}
    },
}


def read_header(name: str) -> list[str]:
    """Return the columns of an export, as the reader of its file strips them."""
    line = HEADERS.joinpath(f"{name}.csv").read_text(encoding="utf-8").rstrip("\n")
    return [column.strip() for column in line.split(",")]


def lay_out_table(profile: str, table: str, header: list[str], **settings: object) -> Layout:
    source = FileSource.model_validate({"path": "export.csv", "profile": profile, **settings})
    return lay_out(table, load_profiles()[profile].table, "export.csv", source, header)


def with_orders(**changes: object) -> dict[str, object]:
    """Return the smallest profile with changes in how its orders are laid out."""
    orders = MINIMAL["tables"]["orders"] | changes  # type: ignore[index]
    return MINIMAL | {"tables": {"orders": orders}}


def test_every_header_has_a_profile_and_every_profile_a_header() -> None:
    assert set(PROFILES) == {path.stem for path in HEADERS.glob("*.csv")}
    assert set(PROFILES.values()) == set(load_profiles())


@pytest.mark.parametrize("name", PROFILES)
def test_a_header_is_recognised_as_its_profile_and_no_other(name: str) -> None:
    assert recognise(read_header(name)) == [PROFILES[name]]


def test_the_old_layout_of_shopify_is_recognised() -> None:
    header = read_header("shopify_orders_export")
    old = header[: header.index("Cancelled at") + 1]
    assert recognise(old) == ["shopify_orders"]
    assert "refunded_amount" not in lay_out_table("shopify_orders", "orders", old).columns


def test_a_header_of_no_system_is_not_recognised() -> None:
    assert recognise(["order_id", "paid_at", "paid_amount", "member_id"]) == []


@pytest.mark.parametrize("name", PROFILES)
def test_a_layout_without_its_optional_columns_is_read(name: str) -> None:
    profile = load_profiles()[PROFILES[name]]
    for table, layout in profile.tables.items():
        canonical = CANONICAL_TABLES[table]
        times = canonical.dated[1] if canonical.dated and canonical.needs_time else ()
        needed = {
            column
            for meaning, choice in layout.columns.items()
            if canonical.columns[meaning].required or meaning in times
            for column in list_names(choice)
        } | {layout.filled}
        header = [column for column in read_header(name) if column in needed]
        read = lay_out_table(PROFILES[name], table, header)
        assert {n for n, column in canonical.columns.items() if column.required} <= set(
            read.columns
        )


@pytest.mark.parametrize("name", PROFILES)
def test_a_layout_without_a_required_column_is_refused_with_its_name(name: str) -> None:
    profile = load_profiles()[PROFILES[name]]
    for table, layout in profile.tables.items():
        for meaning, column in CANONICAL_TABLES[table].columns.items():
            if column.required:
                dropped = set(list_names(layout.columns[meaning]))
                header = [name for name in read_header(name) if name not in dropped]
                with pytest.raises(InputError, match=r"export.csv, line 1: there is no column"):
                    lay_out_table(PROFILES[name], table, header)


@pytest.mark.parametrize("name", PROFILES)
def test_every_column_about_a_person_is_named_as_one(name: str) -> None:
    personal = set(load_profiles()[PROFILES[name]].personal)
    header = read_header(name)
    told = {column for column in header if PERSONAL.search(column) and not NO_PERSON.match(column)}
    if PROFILES[name].endswith("customers"):
        told |= {"Name"} & set(header)
    assert told - personal == set()


@pytest.mark.parametrize("name", sorted(load_profiles()))
def test_a_profile_explains_itself_in_both_languages(name: str) -> None:
    profile = load_profiles()[name]
    assert set(profile.title) == set(profile.about) == {"en", "zh"}
    assert all(text.strip() for text in (*profile.title.values(), *profile.about.values()))


def test_a_word_means_the_same_in_every_profile() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for profile in load_profiles().values():
        for key, words in (("status", profile.statuses), ("kind", profile.order_kinds)):
            for meaning, texts in words.items():
                for text in texts:
                    meanings.setdefault((key, text), set()).add(meaning)
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", sorted(load_profiles()))
def test_the_words_that_overrule_a_status_are_explained(name: str) -> None:
    profile = load_profiles()[name]
    known = {text for texts in profile.statuses.values() for text in texts}
    for layout in profile.tables.values():
        for overruling in layout.overruled_by.values():
            assert set(overruling.words) <= known


def test_two_columns_of_one_name_matter_only_where_they_are_read() -> None:
    header = read_header("youzan_orders_2026")
    assert header.count("分销员") == 2
    lay_out_table("youzan_orders", "orders", header)
    with pytest.raises(InputError, match="2 columns are called '运费', so paid_amount"):
        lay_out_table("youzan_orders", "orders", [*header, "运费"])


def test_the_buyers_phone_goes_before_the_receivers() -> None:
    newer = lay_out_table("youzan_orders", "orders", read_header("youzan_orders_2026"))
    older = lay_out_table("youzan_orders", "orders", read_header("youzan_orders_2020"))
    assert newer.columns["member_id"] == ("买家手机号",)
    assert older.columns["member_id"] == ("收货人手机号/提货人手机号",)
    assert newer.has_tokens and older.has_tokens


def test_shipping_is_taken_off_where_the_export_has_it() -> None:
    header = read_header("shopify_orders_export")
    assert lay_out_table("shopify_orders", "orders", header).minus == {"paid_amount": ["Shipping"]}
    bare = [column for column in header if column != "Shipping"]
    assert lay_out_table("shopify_orders", "orders", bare).minus == {}


def test_a_column_that_the_data_set_maps_itself_is_read_as_it_is() -> None:
    header = read_header("shopify_orders_export")
    columns = {"paid_amount": "Subtotal", "status": "Tags"}
    read = lay_out_table("shopify_orders", "orders", header, columns=columns)
    assert read.columns["paid_amount"] == ("Subtotal",)
    assert (read.minus, read.overruled) == ({}, {})


def test_without_the_pieces_a_price_is_no_amount() -> None:
    header = [name for name in read_header("taobao_ExportItemList") if name != "购买数量"]
    assert "list_amount" not in lay_out_table("taobao_items", "order_lines", header).columns


def test_the_constants_of_a_profile_give_way_to_columns_and_to_the_data_set() -> None:
    newer, older = read_header("youzan_orders_2026"), read_header("youzan_orders_2020")
    assert lay_out_table("youzan_orders", "orders", newer).constants == {}
    assert lay_out_table("youzan_orders", "orders", older).constants == {"channel": "有赞"}
    header = read_header("jd_orders")
    own = lay_out_table("jd_orders", "orders", header, constants={"channel": "京东二店"})
    assert own.constants == {"channel": "京东二店"}


def test_generic_is_the_profile_of_files_that_are_mapped() -> None:
    assert FileSource(path="sales.csv", profile="generic").profile is None
    with pytest.raises(ValidationError, match=r"'magento' is not one of .*taobao_orders.*generic"):
        FileSource(path="sales.csv", profile="magento")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (with_orders(rows="filled"), "rows: filled and the key filled belong together"),
        (with_orders(filled="Paid"), "rows: filled and the key filled belong together"),
        (with_orders(minus={"coupon_amount": ["Fee"]}), "coupon_amount is changed, but no column"),
        (with_orders(times={"paid_at": "Count"}), "orders.paid_at is no amount to calculate with"),
        (with_orders(columns={"order_id": "No", "total": "Total"}), "'total' is not one of"),
        (MINIMAL | {"table": "members"}, "members is the table of the profile and is missing"),
        (MINIMAL | {"personal": ["Total"]}, "orders.paid_amount would read a personal column"),
        (
            with_orders(minus={"paid_amount": ["Fee"]}) | {"personal": ["Fee"]},
            "orders.paid_amount would read a personal column",
        ),
        (MINIMAL | {"colour": "red"}, "colour"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(
    content: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Profile.model_validate(content)


def test_a_personal_column_can_be_an_id() -> None:
    columns: dict[str, Choice] = {
        "order_id": "No",
        "paid_at": "When",
        "paid_amount": "Total",
        "member_id": "Phone",
    }
    profile = Profile.model_validate(with_orders(columns=columns) | {"personal": ["Phone"]})
    assert profile.tables["orders"] == TableLayout(columns=columns)


def test_a_profile_file_with_a_mistake_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "till.yaml"
    path.write_text("title:\n  en: A till\n  fr: Une caisse\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"till.yaml, line 3"):
        load_profile(path)


def test_the_data_sets_are_what_the_script_writes(tmp_path: Path) -> None:
    runpy.run_path(str(SETS / "make.py"))["make_all"](tmp_path)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {
        path.relative_to(SETS)
        for path in SETS.glob("*/*")
        if path.parent != HEADERS and path.suffix != ".yaml" and path.is_file()
    }
    assert written == kept
    for name in written:
        content = (SETS / name).read_bytes()
        assert (tmp_path / name).read_bytes() == content, name
        assert len(content) < 30_000
