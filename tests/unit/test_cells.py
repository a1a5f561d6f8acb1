"""That an accepted cell is the value its text means, and that any other is refused with its reason.

Cells are generated together with what they mean, so that no second parser has to be trusted; how
rows and files are read is tested elsewhere.
"""

import datetime
from collections.abc import Sequence
from dataclasses import fields, replace
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.canonical import Column, LogicalType
from pipelines.errors import InputError
from pipelines.ingest.cells import CellRules, is_total_row, prepare, read_text, read_typed
from pipelines.ingest.patterns import WHITE_SPACE
from pipelines.ingest.reasons import REASONS, write_reason_table

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
SPACES = st.text(alphabet=" \t\u00a0\u3000\u200b\ufeff", max_size=3)
DIGITS = "0123456789"
DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))
generated = settings(derandomize=True, deadline=None, max_examples=25)


@cache
def connect() -> duckdb.DuckDBPyConnection:
    """Return one connection for all cells; opening one takes longer than reading a thousand."""
    return duckdb.connect(config={"threads": "1"})


def read_cells(
    kind: LogicalType, texts: Sequence[str | None], timezone: str = SHANGHAI, **rules: Any
) -> list[tuple[Any, str | None]]:
    """Return the value and the reason of each cell; a cell with a reason has no value."""
    reading = read_text("cell", Column(kind, "A cell."), CellRules(timezone, **rules))
    faults = " ".join(f"when {condition} then '{reason}'" for condition, reason in reading.faults)
    reason = f"case {faults} end" if faults else "null"
    cells = pa.table({"position": range(len(texts)), "cell": pa.array(texts, pa.string())})
    connection = connect()
    connection.register("cells", cells)
    rows = connection.execute(
        f"select {reading.value}, {reason} from {prepare('cells', [reading])} order by position"
    ).fetchall()
    return [(None if reason else value, reason) for value, reason in rows]


def pad(texts: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    """Return cells with white space around them, which means nothing."""
    return st.tuples(SPACES, texts, SPACES).map(lambda it: (it[0] + it[1][0] + it[2], it[1][1]))


# Ids


@generated
@given(st.lists(pad(st.text(alphabet=DIGITS, min_size=1).map(lambda it: (it, it))), max_size=40))
def test_ids_of_digits_keep_every_digit(cells: list[tuple[str, str]]) -> None:
    found = read_cells(LogicalType.ID, [text for text, _ in cells])
    assert found == [(meaning, None) for _, meaning in cells]


@generated
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="eE#=\\")))
)
def test_ids_of_any_characters_lose_only_white_space_at_the_ends(texts: list[str]) -> None:
    trimmed = [text.strip(WHITE_SPACE) or None for text in texts]
    assert read_cells(LogicalType.ID, texts) == [(text, None) for text in trimmed]
    assert read_cells(LogicalType.TEXT, texts) == [(text, None) for text in trimmed]


@pytest.mark.parametrize(
    "text",
    [
        "000123",
        "0",
        "123456789012345678",
        "123456789012345670",
        "123456789012345673",
        "98765432109876543210987654321",
        "１２３４",
        "M 12 3",
        "12E",
        "E12",
        "AE12",
        "12.50",
        "+86 186",
        "-1",
        "00000000-0000-4000-8000-00000000000e",
    ],
)
def test_id_stays_as_it_is(text: str) -> None:
    assert read_cells(LogicalType.ID, [text, f"\u3000{text}\u00a0 "]) == [(text, None)] * 2


@generated
@given(st.lists(st.tuples(st.integers(10**5, 10**30), st.integers(0, 6)), max_size=40))
def test_ids_that_a_spreadsheet_turned_into_numbers_are_refused(cells: list[Any]) -> None:
    texts = [f"{Decimal(number):.{places}E}" for number, places in cells]
    texts += [text.lower() for text in texts] + [text.replace("+", "") for text in texts]
    assert set(read_cells(LogicalType.ID, texts)) <= {(None, "damaged_id")}


# Money


@st.composite
def money_cells(draw: st.DrawFn) -> tuple[str, Decimal]:
    cents = draw(st.integers(0, 10**16))
    whole, fraction = str(cents // 100), f"{cents % 100:02}"
    if draw(st.booleans()):
        whole = f"{int(whole):,}"
    if fraction.endswith("0") and draw(st.booleans()):
        fraction = fraction.rstrip("0")
    fraction += "0" * draw(st.integers(0, 4)) if fraction else ""
    symbol, sign = draw(st.sampled_from(["", "¥", "￥"])), draw(st.sampled_from(["", "-", "+"]))
    text = f"{symbol}{sign}{whole}.{fraction}" if fraction else f"{symbol}{sign}{whole}"
    return text, Decimal(-cents if sign == "-" else cents) / 100


@generated
@given(st.lists(pad(money_cells()), max_size=40))
def test_money_is_exactly_what_the_text_says(cells: list[tuple[str, Decimal]]) -> None:
    found = read_cells(LogicalType.MONEY, [text for text, _ in cells])
    assert found == [(meaning, None) for _, meaning in cells]


@generated
@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 9), st.integers(3, 9))))
def test_money_with_more_than_two_decimals_is_not_rounded(cells: list[Any]) -> None:
    texts = [f"{whole}.{last:0{places}}" for whole, last, places in cells]
    found = read_cells(LogicalType.MONEY, texts)
    assert found == [(None, "too_many_decimals")] * len(texts)


@generated
@given(st.lists(st.text(alphabet="0123456789.,-+_eE %x'\"", min_size=1), max_size=40))
def test_other_text_is_no_money_unless_python_reads_the_same(texts: list[str]) -> None:
    for text, (value, _) in zip(texts, read_cells(LogicalType.MONEY, texts), strict=True):
        if value is not None:
            assert value == Decimal(text.strip().replace(",", ""))
            assert not set(text) & set("_eE%x'\"")


@pytest.mark.parametrize(
    "text",
    [
        *("1_000", "1e5", "1E5", "(-12.00)", "¥12.00元", "CNY 12", "NaN", "Infinity", "0x10"),
        *("1,2", "12,34", "1,2345", ",123", "1,", "1.", ".5", "--1", "1.2.3", "-", "¥", "12-"),
        *("1 000", "-", "——", "1'000", "1.000,50", "12元5", "- 5", "(12", "-(12)", "12%", "#N/B"),
    ],
)
def test_text_that_is_no_money_is_refused(text: str) -> None:
    assert read_cells(LogicalType.MONEY, [text]) == [(None, "not_money")]


@pytest.mark.parametrize("text", ["¥¥5", "¥$5", "￥¥5"])
def test_money_has_one_symbol_at_most(text: str) -> None:
    assert read_cells(LogicalType.MONEY, [text]) == [(None, "not_money")]


def test_decimals_that_are_zero_are_no_decimals() -> None:
    found = read_cells(LogicalType.MONEY, ["12.345", "12.340", "12.3400000", "0.001", "1.999"])
    wrong = (None, "too_many_decimals")
    assert found == [wrong, (Decimal("12.34"), None), (Decimal("12.34"), None), wrong, wrong]


# Times and dates


@st.composite
def time_cells(draw: st.DrawFn, zone: str) -> tuple[str, datetime.datetime]:
    moment = draw(st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2099, 12, 30)))
    slash, separator = draw(st.sampled_from("-/")), draw(st.sampled_from(" T"))
    date = f"{moment.year}{slash}{moment.month:02}{slash}{moment.day:02}"
    if draw(st.booleans()):
        date = f"{moment.year}{slash}{moment.month}{slash}{moment.day}"
    precision = draw(st.sampled_from(["day", "minute", "second", "microsecond"]))
    if precision == "day":
        return date, datetime.datetime.combine(moment.date(), datetime.time())
    clock = f"{moment.hour:02}:{moment.minute:02}"
    moment = moment.replace(
        second=0 if precision == "minute" else moment.second,
        microsecond=moment.microsecond if precision == "microsecond" else 0,
    )
    if precision != "minute":
        clock += f":{moment.second:02}"
    if precision == "microsecond":
        clock += f".{moment.microsecond:06}"
    hours, minutes = draw(st.integers(-11, 14)), draw(st.sampled_from([0, 30, 45]))
    offset = abs(hours) * 60 + minutes
    sign = -1 if hours < 0 else 1
    written = f"{'-' if sign < 0 else '+'}{abs(hours):02}"
    suffix, shift = draw(
        st.sampled_from(
            [
                ("", None),
                ("Z", 0),
                (" Z", 0),
                (" +0000", 0),
                ("+08:00", 480),
                (f"{written}:{minutes:02}", sign * offset),
                (f" {written}{minutes:02}", sign * offset),
            ]
        )
    )
    text = f"{date}{separator}{clock}{suffix}"
    if shift is None:
        return text, moment
    written_zone = datetime.timezone(datetime.timedelta(minutes=shift))
    local = moment.replace(tzinfo=written_zone).astimezone(ZoneInfo(zone))
    return text, local.replace(tzinfo=None)


@generated
@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK, "Australia/Lord_Howe", "UTC"])
@given(data=st.data())
def test_time_is_local_time_of_the_shop(zone: str, data: st.DataObject) -> None:
    cells = data.draw(st.lists(pad(time_cells(zone)), max_size=10))
    found = read_cells(LogicalType.TIME, [text for text, _ in cells], zone)
    assert found == [(meaning, None) for _, meaning in cells]


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2024-03-10 06:59:59Z", datetime.datetime(2024, 3, 10, 1, 59, 59)),
        ("2024-03-10 07:00:00Z", datetime.datetime(2024, 3, 10, 3, 0, 0)),
        ("2024-11-03 05:30:00Z", datetime.datetime(2024, 11, 3, 1, 30)),
        ("2024-11-03 06:30:00Z", datetime.datetime(2024, 11, 3, 1, 30)),
        ("2024-03-10 02:30:00", datetime.datetime(2024, 3, 10, 2, 30)),
        ("2024-11-03 01:30:00", datetime.datetime(2024, 11, 3, 1, 30)),
    ],
)
def test_hour_that_is_skipped_or_repeated(text: str, local: datetime.datetime) -> None:
    assert read_cells(LogicalType.TIME, [text], NEW_YORK) == [(local, None)]


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30", "2023-02-29 10:00:00", "2024-13-01", "2024-00-10", "2024-01-00"),
        *("2024-01-01 24:00:01", "2024-01-01 23:60", "2024-01-01 23:59:60", "2024-01-01 10"),
        *("202401", "45000", "2024-01/02", "2024-1-1-1", "2024-01", "2024年1月", "today"),
        *("2024-01-01 10:00 PM", "2024-01-01  10:00", "2024-01-01T10:00:00.1234567", "infinity"),
        *("2024-01-01 10:00:00 +08", "2024-01-01 10:00:00 CST", "2024-01-01 +0800", "epoch"),
        *("2024-01-01 10:00:00Z+08:00", "２０２４-01-01", "20240132", "2024-01-01,10:00"),
        *("202401011000", "2024-01-01 下午1:00", "2024-01-01 1:00am", "2024-1-1T", "2024-1-1 1:2"),
    ],
)
def test_text_that_is_no_time_is_refused(text: str) -> None:
    assert read_cells(LogicalType.TIME, [text]) == [(None, "not_a_time")]


@pytest.mark.parametrize(
    "text", ["2024-01-01 10:00:00+99:99", "2024-01-01 10:00:00 +0860", "2024-01-01 10:00+24:00"]
)
def test_offset_that_no_clock_has_is_refused(text: str) -> None:
    assert read_cells(LogicalType.TIME, [text]) == [(None, "not_a_time")]


@pytest.mark.parametrize(
    "text", ["0000-01-01", "1969-12-31", "2201-01-01", "9999-12-31 23:59:59-08:00"]
)
def test_year_that_no_calendar_has_is_refused(text: str) -> None:
    assert read_cells(LogicalType.TIME, [text]) == [(None, "not_a_time")]


@generated
@given(st.lists(st.tuples(DATES, st.sampled_from("-/"), st.booleans()), max_size=40))
def test_date_is_the_date_that_the_text_says(cells: list[Any]) -> None:
    texts = [
        f"{date.year:04}{sep}{date.month:02}{sep}{date.day:02}"
        if padded
        else f"{date.year:04}{sep}{date.month}{sep}{date.day}"
        for date, sep, padded in cells
    ]
    assert read_cells(LogicalType.DATE, texts) == [(date, None) for date, _, _ in cells]


@pytest.mark.parametrize(
    "text",
    ["1899-12-31", "2201-01-01", "2024-02-30", "2024-01-01 00:01", "2024-01", "x", "45292"],
)
def test_text_that_is_no_date_is_refused(text: str) -> None:
    assert read_cells(LogicalType.DATE, [text]) == [(None, "not_a_date")]


# Whole numbers, yes and no, empty cells


@generated
@given(st.lists(st.integers(-(10**18) + 1, 10**18 - 1), max_size=40))
def test_whole_number_is_what_the_text_says(numbers: list[int]) -> None:
    texts = [str(number) for number in numbers]
    assert read_cells(LogicalType.INTEGER, texts) == [(number, None) for number in numbers]


@pytest.mark.parametrize("text", ["1.", "1.5", "1,00", "1_0", "1e3", ".0", "--1", "0x1", "a"])
def test_text_that_is_no_whole_number_is_refused(text: str) -> None:
    assert read_cells(LogicalType.INTEGER, [text]) == [(None, "not_an_integer")]


def test_yes_and_no_are_read_in_both_languages() -> None:
    yes, no = ["true", "TRUE", "yes", "Y", "1", "是", "√"], ["false", "No", "n", "0", "否", "×"]
    assert read_cells(LogicalType.BOOLEAN, yes) == [(True, None)] * len(yes)
    assert read_cells(LogicalType.BOOLEAN, no) == [(False, None)] * len(no)
    assert read_cells(LogicalType.BOOLEAN, ["maybe", "x"]) == [(None, "not_a_boolean")] * 2


@pytest.mark.parametrize("kind", LogicalType)
def test_empty_cell_has_neither_value_nor_fault(kind: LogicalType) -> None:
    empty = ["", "  ", "\u3000", "\u00a0\t", "\r\n", "\ufeff\u200b", None]
    empty += ["NULL", " null", "#N/A", "\\N", '=""', '="NULL"']
    assert read_cells(kind, empty) == [(None, None)] * len(empty)


@pytest.mark.parametrize("kind", LogicalType)
def test_texts_that_a_source_declares_empty_are_empty_and_no_others(kind: LogicalType) -> None:
    empty = ["-", "——", "0", " ——\u3000", "2024-01-01", "1900-01-01 00:00:00", "", "是"]
    declared = ("-", "——", "0", "2024-01-01", "1900-01-01 00:00:00", "是")
    assert read_cells(kind, empty, empty=declared) == [(None, None)] * len(empty)
    assert read_cells(kind, ["NULL"], empty=declared) != [(None, None)]


@pytest.mark.parametrize("kind", LogicalType)
@pytest.mark.parametrize("text", ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "########", "=SUM(A1)"])
def test_formula_or_its_error_is_no_value(kind: LogicalType, text: str) -> None:
    assert read_cells(kind, [text, f" {text} "]) == [(None, "formula_cell")] * 2


def test_wrapper_and_apostrophe_of_a_spreadsheet_come_off() -> None:
    wrapped = ['="003515"', ' ="003515 " ', '="\t003515"']
    assert read_cells(LogicalType.ID, wrapped) == [("003515", None)] * 3
    assert read_cells(LogicalType.MONEY, ['="12.50"']) == [(Decimal("12.50"), None)]
    assert read_cells(LogicalType.ID, ["'186"]) == [("'186", None)]
    marked = ["'186", " '186", "' 186", '\'="186"']
    assert read_cells(LogicalType.ID, marked, has_apostrophes=True) == [("186", None)] * 4
    assert read_cells(LogicalType.ID, ["''8"], has_apostrophes=True) == [("'8", None)]
    assert read_cells(LogicalType.ID, ['="a"&"b"']) == [(None, "formula_cell")]


def test_control_characters_inside_an_id_are_kept() -> None:
    ids = ["12\x0034", "12\x7f34", "12\t34", "12\n34", "\x011234"]
    assert read_cells(LogicalType.ID, ids) == [(text, None) for text in ids]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        *(("￥1,234.50", "1234.50"), ("(12.00)", "-12"), ("（12.00）", "-12"), ("-¥3", "-3")),
        *(("¥-3", "-3"), ("12元", "12"), ("12.5 元", "12.5"), ("１２．５０", "12.5")),
        *(
            ("１，２３４", "1234"),
            ("−5", "-5"),
            ("－5", "-5"),
            ("＋5", "5"),
            ("¥ (1,200)", "-1200"),
        ),
        *(("(¥5)", "-5"), ("(5元)", "-5"), ("-0", "0"), ("-0.00", "0"), ("0012.50", "12.5")),
    ],
)
def test_money_is_read_however_it_is_dressed(text: str, amount: str) -> None:
    assert read_cells(LogicalType.MONEY, [text, f"\t{text} "]) == [(Decimal(amount), None)] * 2


def test_money_is_rounded_half_away_from_zero_where_it_is_declared() -> None:
    texts = ["12.345", "-12.345", "12.3449", "(0.005)", "1.10"]
    found = read_cells(LogicalType.MONEY, texts, rounds_money=True)
    assert [str(value) for value, _ in found] == ["12.35", "-12.35", "12.34", "-0.01", "1.10"]


def test_number_too_long_for_its_type_is_damaged() -> None:
    money = ["12345678901234567", "9999999999999999.99", "12,345,678,901,234,567.00"]
    damaged = (None, "damaged_number")
    exact = (Decimal("9999999999999999.99"), None)
    assert read_cells(LogicalType.MONEY, money) == [damaged, exact, damaged]
    integers = [str(2**63 - 1), str(2**63), "9" * 30]
    assert read_cells(LogicalType.INTEGER, integers) == [(2**63 - 1, None), damaged, damaged]


def test_only_what_stands_before_a_bracket_counts_where_it_is_declared() -> None:
    texts = ["69.20(…：47.80)", "69.20 （…", "(12.00)", "69.20", "-(5)"]
    found = read_cells(LogicalType.MONEY, texts, before_bracket=True)
    amount = (Decimal("69.20"), None)
    assert found == [amount, amount, (Decimal(-12), None), amount, (None, "not_money")]
    assert read_cells(LogicalType.MONEY, ["69.20(x)"]) == [(None, "not_money")]


@pytest.mark.parametrize(
    ("text", "local"),
    [
        *(("2026-1-3 9:05", "2026-01-03 09:05"), ("2026.1.3", "2026-01-03 00:00")),
        *(("20260103", "2026-01-03 00:00"), ("20260103 090506", "2026-01-03 09:05:06")),
        *(("20260103090506", "2026-01-03 09:05:06"), ("2026年1月3日", "2026-01-03 00:00")),
        *(("2026年1月3日 9:05", "2026-01-03 09:05"), ("2026年1月3日9:05", "2026-01-03 09:05")),
        *(("2026-01-03 24:00:00", "2026-01-04 00:00"), ("2026/12/31 24:00", "2027-01-01 00:00")),
        *(("2026-01-03 10:00:00 UTC", "2026-01-03 18:00"), ("2026.1.3 9:05Z", "2026-01-03 17:05")),
        *(("2026-01-03 24:00:00 +0800", "2026-01-04 00:00"),),
        *(("2026-01-03T09:05:06.5000000", "2026-01-03 09:05:06.500"),),
    ],
)
def test_time_is_read_however_it_is_written(text: str, local: str) -> None:
    moment = datetime.datetime.fromisoformat(local)
    assert read_cells(LogicalType.TIME, [text, f"\u3000{text}\t"]) == [(moment, None)] * 2


def test_day_and_month_are_told_apart_by_the_declared_order_only() -> None:
    text, kinds = "3/4/2026", (LogicalType.TIME, LogicalType.DATE, LogicalType.MONTH)
    for kind in kinds:
        assert read_cells(kind, [text, "31.12.2026", "3/4/26"]) == [(None, "ambiguous_date")] * 3
    march, april = datetime.date(2026, 3, 4), datetime.date(2026, 4, 3)
    assert read_cells(LogicalType.DATE, [text], date_order="mdy") == [(march, None)]
    assert read_cells(LogicalType.DATE, [text], date_order="dmy") == [(april, None)]
    for order in ("mdy", "dmy"):
        found = read_cells(LogicalType.DATE, ["2026-03-04", "3/4/26"], date_order=order)
        assert found == [(march, None), (None, "ambiguous_date")]
    impossible = read_cells(LogicalType.DATE, ["31/12/2026"], date_order="mdy")
    assert impossible == [(None, "not_a_date")]


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        *(("1/3/2026 3:05 PM", "15:05"), ("1/3/2026 12:00:01 am", "00:00:01")),
        *(("1/3/2026 12:30PM", "12:30"), ("1/3/2026 15:05", "15:05"), ("1/3/2026 0:05", "00:05")),
        *(("1/3/2026 13:05 PM", None), ("1/3/2026 0:05 AM", None), ("2026-1-3 3:05 PM", None)),
    ],
)
def test_half_days_are_read_behind_dates_with_the_year_last(text: str, clock: str | None) -> None:
    expected: tuple[Any, str | None] = (None, "not_a_time")
    if clock is not None:
        expected = datetime.datetime.fromisoformat(f"2026-01-03 {clock}"), None
    assert read_cells(LogicalType.TIME, [text], date_order="mdy") == [expected]


@pytest.mark.parametrize(
    ("text", "local"),
    [
        *(("45292", "2024-01-01 00:00"), ("45292.75", "2024-01-01 18:00")),
        *(("45292.4236111111", "2024-01-01 10:10"), ("45292.423611111109", "2024-01-01 10:10")),
        *(("25569", "1970-01-01 00:00"), ("20260103", "2026-01-03 00:00")),
        *(("60", None), ("61", None), ("1e5", None), ("999999", None), ("45292.", None)),
    ],
)
def test_serials_of_a_spreadsheet_are_times_where_it_is_declared(
    text: str, local: str | None
) -> None:
    expected: tuple[Any, str | None] = (None, "not_a_time")
    if local is not None:
        expected = datetime.datetime.fromisoformat(local), None
    assert read_cells(LogicalType.TIME, [text], excel_serials=True) == [expected]


def test_serials_below_the_leap_day_that_never_was_are_no_dates() -> None:
    found = read_cells(LogicalType.DATE, ["59", "60", "61", "61.0", "61.5"], excel_serials=True)
    none, march = (None, "not_a_date"), (datetime.date(1900, 3, 1), None)
    assert found == [none, none, march, march, none]


def test_date_may_have_a_clock_at_midnight() -> None:
    texts = ["2024-01-01 00:00:00", "2024/1/1 0:00", "2024年1月1日", "20240101", "2024.1.1"]
    first = (datetime.date(2024, 1, 1), None)
    assert read_cells(LogicalType.DATE, texts) == [first] * len(texts)


def test_month_is_read_from_itself_or_from_any_of_its_dates() -> None:
    texts = ["2026-03", "2026/3", "2026年3月", "202603", "2026-03-15", "20260301", "2026年3月5日"]
    march = (datetime.date(2026, 3, 1), None)
    assert read_cells(LogicalType.MONTH, texts) == [march] * len(texts)
    wrong = [
        "2026-13",
        "202613",
        "2026.3",
        "3",
        "March",
        "1899-01",
        "2026-02-30",
        "2026-03-15 1:00",
    ]
    assert read_cells(LogicalType.MONTH, wrong) == [(None, "not_a_month")] * len(wrong)


@pytest.mark.parametrize("text", ["3", "3.0", "3.00", "+3", "３", "003"])
def test_whole_number_may_have_decimals_that_are_zero(text: str) -> None:
    assert read_cells(LogicalType.INTEGER, [text]) == [(3, None)]
    assert read_cells(LogicalType.INTEGER, ["1,000", "-1,000.0"]) == [(1000, None), (-1000, None)]


# Rows of totals


def test_line_of_totals_is_told_from_a_product_of_that_name() -> None:
    rows = [
        ("合计", None, "128", True),
        (" 合\u3000计：12 笔", "", None, True),
        (None, "总计", "99.00", True),
        ("Grand Total", "Total", None, True),
        ("小计", "小计:", None, True),
        ("合计金", None, None, False),
        ("Tom", None, None, False),
        (None, None, "合计", False),
        (None, None, None, False),
    ]
    table = pa.table({str(at): [row[at] for row in rows] for at in range(3)})
    connection = connect()
    connection.register("totals", table)
    for key in ("0", "1"):
        found = connection.execute(f"select {is_total_row(['0', '1', '2'], key)} from totals")
        assert found.fetchall() == [(row[3],) for row in rows]
    connection.register("records", pa.table({"0": ["合计", "T100"], "1": ["T100", "合计"]}))
    for key, totals in (("0", [(True,), (False,)]), ("1", [(False,), (True,)])):
        found = connection.execute(f"select {is_total_row(['0', '1'], key)} from records")
        assert found.fetchall() == totals


# Columns of Parquet


def read_values(kind: LogicalType, values: pa.Array, **rules: Any) -> list[tuple[Any, str | None]]:
    """Return the value and the reason of each cell of a typed column."""
    reading = read_typed("cell", values.type, Column(kind, "A cell."), CellRules(SHANGHAI, **rules))
    assert reading is not None
    faults = " ".join(f"when {condition} then '{reason}'" for condition, reason in reading.faults)
    connection = connect()
    connection.register("typed", pa.table({"cell": values}))
    rows = connection.execute(
        f"select {reading.value}, {f'case {faults} end' if faults else 'null'}"
        f" from {prepare('typed', [reading])}"
    ).fetchall()
    return [(None if reason else value, reason) for value, reason in rows]


def test_numbers_with_gaps_are_ids_while_they_are_exact() -> None:
    numbers = pa.array([1001.0, None, 1e15 - 1, 1e15, 1.5, float("nan"), float("inf")])
    damaged = (None, "damaged_id")
    expected = [("1001", None), (None, None), ("999999999999999", None), *[damaged] * 4]
    assert read_values(LogicalType.ID, numbers) == expected
    decimals = pa.array([Decimal(10**30)], pa.decimal128(38, 0))
    assert read_values(LogicalType.ID, decimals) == [(str(10**30), None)]


def test_numbers_are_whole_numbers_or_are_refused() -> None:
    found = read_values(LogicalType.INTEGER, pa.array([3.0, None, 3.5, 1e16, float("nan")]))
    wrong, damaged = (None, "not_an_integer"), (None, "damaged_number")
    assert found == [(3, None), (None, None), wrong, damaged, damaged]
    found = read_values(LogicalType.INTEGER, pa.array([3, 2**64 - 1], pa.uint64()))
    assert found == [(3, None), damaged]
    found = read_values(LogicalType.BOOLEAN, pa.array([1, 0, None, 2]))
    assert found == [(True, None), (False, None), (None, None), (None, "not_a_boolean")]


def test_typed_times_are_dates_at_midnight_and_months() -> None:
    midnight, noon = datetime.datetime(2024, 5, 6), datetime.datetime(2024, 5, 6, 12)
    times = pa.array([midnight, noon, None], pa.timestamp("us"))
    day, month = (datetime.date(2024, 5, 6), None), (datetime.date(2024, 5, 1), None)
    assert read_values(LogicalType.DATE, times) == [day, (None, "not_a_date"), (None, None)]
    assert read_values(LogicalType.MONTH, times) == [month, (None, "not_a_month"), (None, None)]
    assert read_values(LogicalType.MONTH, pa.array([midnight.date()])) == [month]
    months = read_values(LogicalType.MONTH, pa.array([202405, 202413, 5, None]))
    assert months == [month, (None, "not_a_month"), (None, "not_a_month"), (None, None)]


def test_empty_parquet_column_without_a_type_is_empty() -> None:
    for kind in LogicalType:
        assert read_values(kind, pa.nulls(2)) == [(None, None)] * 2


def test_plain_reading_is_that_of_the_careful_one_where_no_row_is_in_doubt() -> None:
    texts = [
        "S001",
        "小明",
        "T-1",
        None,
        " x",
        "NULL",
        "1.5E+17",
        "a.b",
        "",
        "\u3000",
        "#REF!",
        "é",
    ]
    connection = connect()
    for kind in (LogicalType.ID, LogicalType.TEXT):
        reading = read_typed("cell", pa.string(), Column(kind, "A cell."), CellRules(SHANGHAI))
        assert reading is not None
        for text, (value, reason) in zip(texts, read_cells(kind, texts), strict=True):
            connection.register("one", pa.table({"cell": pa.array([text], pa.string())}))
            query = f"select {reading.doubt}, {reading.plain} from one"
            [(doubt, plain)] = connection.execute(query).fetchall()
            assert doubt or (plain, None) == (value, reason)
        assert connection.execute(
            f"select count(*) from (values ('S001'), ('小明'), (null)) as t (cell)"
            f" where {reading.doubt}"
        ).fetchall() == [(0,)]


# Steps and reasons


def test_steps_that_two_readings_share_are_made_once() -> None:
    reading = read_text("cell", Column(LogicalType.MONEY, "A cell."), CellRules(SHANGHAI))
    other = read_text("cell", Column(LogicalType.TIME, "A cell."), CellRules(SHANGHAI))
    late = replace(reading, steps=(*other.steps, *reading.steps))
    source = prepare("cells", [reading, other, late])
    assert all(source.count(f'as "{name}"') == 1 for name, _ in reading.steps)
    connection = connect()
    connection.register("cells", pa.table({"cell": ["12.50"]}))
    query = f"select {reading.value}, {late.value}, {other.value} from {source}"
    assert connection.execute(query).fetchall() == [(Decimal("12.50"), Decimal("12.50"), None)]


def test_personal_column_is_an_id_or_a_text() -> None:
    rules = CellRules(SHANGHAI, is_personal=True)
    with pytest.raises(InputError, match=r"'born' is personal .* only ids and texts"):
        read_text("born", Column(LogicalType.DATE, "A cell."), rules)
    assert read_typed("born", pa.date32(), Column(LogicalType.DATE, "A cell."), rules) is None


def test_every_reason_is_explained_in_both_languages() -> None:
    for kind in LogicalType:
        for order in ("ymd", "dmy"):
            rules = CellRules(SHANGHAI, date_order=order)
            reading = read_text("cell", Column(kind, "A cell."), rules)
            assert all(reason in REASONS for _, reason in reading.faults)
    for code, reason in REASONS.items():
        assert all(getattr(reason, field.name) for field in fields(reason)), code


def test_table_of_reasons_has_a_row_for_each() -> None:
    lines = write_reason_table().splitlines()
    assert len(lines) == len(REASONS) + 2
    assert all(line.count("|") == 4 for line in lines)
    assert all(f"| `{code}` |" in line for code, line in zip(REASONS, lines[2:], strict=True))
