"""That what an examination found is said in both languages, and that every sentence can be said.

What is found in real files is tested in `tests/integration/test_doctor.py`.
"""

import datetime
import re
from decimal import Decimal
from string import Formatter

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.ingest.doctor.findings import (
    Across,
    Examination,
    FileReport,
    Overlap,
    Proposed,
    Rejects,
    TableReport,
    WordCount,
)
from pipelines.ingest.doctor.questions import settle_usual
from pipelines.ingest.doctor.rendering import render
from pipelines.ingest.enabling import find_need, list_unknown, list_unmet, load_needs
from pipelines.ingest.outcomes import RowCounts
from pipelines.ingest.reasons import REASONS
from pipelines.ingest.words import Language, Note, read_words, say

DAY = datetime.date(2024, 5, 1)
COUNTS = RowCounts(1200, 1190, 4, 6, Decimal("1234.50"), Decimal("7.00"), DAY, DAY)
ORDERS = TableReport(
    "orders",
    COUNTS,
    {"order_id": ("订单编号",), "member_id": ("买家会员名",), "sku": ("a", "b")},
    tokens=("member_id",),
    rejects=(Rejects("订单编号", "damaged_id", 4, (2, 3, 9)), Rejects("", "total_row", 1, (1201,))),
    duplicates=3,
    versions=2,
    overlaps=tuple(Overlap(f"o{number}.csv", 10 - number, 1) for number in range(7)),
    statuses=(WordCount("交易成功", 1180, "done", True), WordCount("？", 10, None)),
    kinds=(WordCount("gift", 5, "gift_card"), WordCount("odd", 1, None)),
    word_overflow=2,
    orders_without_member=119,
    currencies=(("CNY", 1190),),
    far=2,
    far_from=(DAY, DAY),
)


def examine(**changes: object) -> Examination:
    report = FileReport(
        "orders.csv",
        "orders",
        size_bytes=2048,
        kind="text",
        encoding="gb18030",
        delimiter=",",
        profile="taobao_orders",
        tables=(ORDERS,),
        ignored=tuple(f"c{number}" for number in range(40)),
        unread=("联系手机",),
        masked=5,
    )
    across = Across(
        orders=1000,
        first_on=DAY,
        last_on=DAY,
        identified=900,
        unregistered=90,
        asks_unregistered=True,
        orphans=1,
        refunds=3,
        proposed=(Proposed("m1", 4, 30),),
        proposed_count=2,
    )
    values: dict[str, object] = {
        "files": (report,),
        "across": across,
        "unused": ("notes.txt",),
        "unmet": tuple(list_unmet({"orders": {"order_id"}})),
    }
    return Examination("shop", ("zh", "en"), "CNY", **(values | changes))  # type: ignore[arg-type]


def test_everything_that_was_found_is_said_in_english() -> None:
    text = "\n".join(render(examine(), "en"))
    for part in (
        "shop: 1 files read as a run would; nothing is written.",
        "delimited text; GB18030; commas; 2.0 KB; Taobao and Tmall orders",
        "orders: rows 1,200, accepted 1,190, rejected 4",
        "Other rows, none of this table's: 6;",
        "Paid, before statuses count: 1,234.50",
        'order_id ← "订单编号", member_id ← "买家会员名" (as a token), sku ← "a" / "b"',
        "4 × An id was turned into scientific notation or a decimal number (damaged_id) in "
        '"订单编号"; first lines: 2, 3, 9',
        "(total_row); first lines: 1201",
        "Identical rows beyond the first: 3",
        'Also in "o0.csv": 10, of which 1 with other content',
        "and in 2 more files",
        "dated more than a year outside 2024-05-01 to 2024-05-01: 2;",
        '"交易成功" 1,180 = done, counts; "？" 10 = UNKNOWN',
        "statuses: {paid: […], cancelled: […]}",
        '"gift" 5 = gift card',
        "Without a member: 119 (10.0%)",
        'Currencies: "CNY" 1,190',
        "and 10 more",
        'Personal, never read: "联系手机"',
        "Masked member keys tell nobody apart; rows without a member for it: 5",
        "Of 900 orders with a member id, 90 (10.0%)",
        "conventions.unregistered_ids: identified",
        '"m1": 4 such dates, 30 tickets',
        "Refunds: 3, of which 1 of orders that no file holds",
        '"notes.txt"',
        "Bring a file with order_id, refunded_at, amount.",
        "A run would publish.",
    ):
        assert part in text, part


def test_the_same_is_said_in_chinese() -> None:
    lines = render(examine(), "zh")
    assert len(lines) == len(render(examine(), "en"))
    text = "\n".join(lines)
    assert "分隔文本；GB18030；逗号分隔" in text
    assert "缺少退款" in text
    assert lines[-1] == "现在运行可以发布。"


def test_all_that_stands_in_the_way_is_listed() -> None:
    refused = FileReport("bad.csv", "orders", problem="bad.csv, line 1: there is no header.")
    same = FileReport("copy.csv", "orders", same_as="orders.csv")
    found = examine(files=(refused, same), problems=(("甲", "one"), ("乙", "two")))
    assert not found.is_ready
    text = "\n".join(render(found, "en"))
    assert "REFUSED: bad.csv, line 1" in text
    assert 'The same bytes as "orders.csv"' in text
    assert text.endswith("A run would not publish:\n  - one\n  - two")
    assert "\n".join(render(found, "zh")).endswith("现在运行不会发布：\n  - 甲\n  - 乙")


def test_tokens_of_a_throw_away_key_are_not_shown() -> None:
    across = Across(
        orders=1, proposed=(Proposed("f00d", 3, 15),), proposed_count=1, has_tokens=True
    )
    text = "\n".join(render(examine(across=across, is_throw_away=True), "en"))
    assert "f00d" not in text
    assert "a throw-away key was used in memory" in text


@pytest.mark.parametrize("key", read_words())
def test_words_hold_the_same_values_in_both_languages(key: str) -> None:
    words = read_words()[key]
    assert set(words) == {"zh", "en"}
    fields = {
        language: {
            re.sub("_(zh|en)$", "", name) for _, name, _, _ in Formatter().parse(text) if name
        }
        for language, text in words.items()
    }
    assert fields["zh"] == fields["en"]


@pytest.mark.parametrize(
    ("values", "language", "expected"),
    [
        (("a", "b"), "zh", "a、b"),
        (["a", "b"], "zh", "a；b"),
        (("a", Note("and_more", {"count": 1000})), "en", "a, and 1,000 more"),
    ],
)
def test_values_are_listed_as_the_language_does(
    values: object, language: Language, expected: str
) -> None:
    assert expected in say(Note("columns_ignored", {"columns": values}), language)


def test_reasons_have_a_sentence_in_both_languages() -> None:
    assert all(reason.zh and reason.en for reason in REASONS.values())


def test_needs_name_tables_and_columns_that_exist() -> None:
    assert list_unknown() == []
    assert len(load_needs()) > 20


def test_what_a_metric_needs_is_said_with_what_brings_it() -> None:
    kpis = [model.header.kpi for model in load_catalogue().kpis]
    needed = {need for kpi in kpis if kpi is not None for need in kpi.needs}
    assert [need for need in sorted(needed) if find_need(need) is None] == []


def test_the_need_that_names_nothing_else_is_found() -> None:
    assert find_need("refunds") in load_needs()
    assert find_need("refunds").missing == ["refunds"]  # type: ignore[union-attr]
    either = find_need("orders.units | order_lines.quantity")
    assert either is not None
    assert either.missing == ["orders.units", "order_lines.quantity"]
    assert find_need("nothing.of_the_kind") is None


def test_what_is_there_is_not_missing() -> None:
    everything = {name.partition(".")[0] for need in load_needs() for name in need.missing}
    given = {
        table: {name.partition(".")[2] for need in load_needs() for name in need.missing}
        for table in everything
    }
    assert list(list_unmet(given)) == []
    missing = {need.missing[0] for need in list_unmet({"orders": {"refunded_amount"}})}
    assert "refunds" in missing
    assert "orders.member_id" in missing
    assert "order_lines.cost_amount" not in missing


@pytest.mark.parametrize(
    ("days", "usual"),
    [
        ([(0, 50), (1, 50)], None),
        ([(0, 1), (800, 99), (801, 1)], (800, 801)),
        ([(0, 99), (1, 1), (800, 1)], (0, 1)),
        ([(0, 50), (800, 50)], None),
        ([(0, 1), (300, 99)], None),
        ([(0, 1), (500, 198), (501, 1), (1000, 1)], (500, 501)),
        ([], None),
    ],
)
def test_dates_far_from_the_rest(
    days: list[tuple[int, int]], usual: tuple[int, int] | None
) -> None:
    counted = [(DAY + datetime.timedelta(days=day), count) for day, count in days]
    expected = usual and tuple(DAY + datetime.timedelta(days=day) for day in usual)
    assert settle_usual(counted) == expected
