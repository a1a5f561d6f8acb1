"""That an accepted cell is the value its text means, and that any other is refused with its reason.

Cells are generated together with what they mean, so that no second parser has to be trusted; how
rows and files are read is tested elsewhere.
"""

import datetime
from collections.abc import Sequence
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
from pipelines.ingest.cells import CellRules, read_text
from pipelines.ingest.reasons import REASONS

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
SPACES = st.text(alphabet=" \t\u00a0\u3000", max_size=3)
DIGITS = "0123456789"
DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))
generated = settings(derandomize=True, deadline=None, max_examples=60)


@cache
def connect() -> duckdb.DuckDBPyConnection:
    """Return one connection for all cells; opening one takes longer than reading a thousand."""
    return duckdb.connect(config={"threads": "1"})


def read_cells(
    kind: LogicalType, texts: Sequence[str | None], timezone: str = SHANGHAI
) -> list[tuple[Any, str | None]]:
    """Return the value and the reason of each cell; a cell with a reason has no value."""
    reading = read_text("cell", Column(kind, "A cell."), CellRules(timezone))
    faults = " ".join(f"when {condition} then '{reason}'" for condition, reason in reading.faults)
    reason = f"case {faults} end" if faults else "null"
    cells = pa.table({"position": range(len(texts)), "cell": pa.array(texts, pa.string())})
    connection = connect()
    connection.register("cells", cells)
    rows = connection.execute(
        f"select {reading.value}, {reason} from cells order by position"
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
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="eE"))))
def test_ids_of_any_characters_lose_only_white_space_at_the_ends(texts: list[str]) -> None:
    trimmed = [text.strip(" \u00a0\u3000") or None for text in texts]
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
@given(st.lists(st.text(alphabet="0123456789.,-+_eE()元 %x'\"", min_size=1), max_size=40))
def test_other_text_is_no_money_unless_python_reads_the_same(texts: list[str]) -> None:
    for text, (value, _) in zip(texts, read_cells(LogicalType.MONEY, texts), strict=True):
        if value is not None:
            assert value == Decimal(text.strip().replace(",", ""))
            assert not set(text) & set("_eE()元%x'\"")


@pytest.mark.parametrize(
    "text",
    [
        *("1_000", "1e5", "1E5", "(12.00)", "12.00元", "１２", "NaN", "Infinity", "0x10", "1 000"),
        *("1,2", "12,34", "1,2345", ",123", "1,", "1.", ".5", "--1", "1.2.3", "-", "¥", "12-"),
        *("12345678901234567", "NULL", "#N/A", "-", "——", "1'000", "1.000,50"),
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
        *("2024-01-01 24:00:00", "2024-01-01 23:60", "2024-01-01 23:59:60", "2024-01-01 10"),
        *("20240101", "45000", "01/02/2024", "24-01-01", "2024-01", "2024年1月1日", "today"),
        *("2024-01-01 10:00 PM", "2024-01-01  10:00", "2024-01-01T10:00:00.1234567", "infinity"),
        *("2024-01-01 10:00:00 +08", "2024-01-01 10:00:00 CST", "2024-01-01 +0800", "epoch"),
        *("2024-01-01 10:00:00Z+08:00", "２０２４-01-01", "2024.01.01", "2024-01-01,10:00"),
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
    ["1899-12-31", "2201-01-01", "2024-02-30", "2024-01-01 00:00", "24-01-01", "x", "20240101"],
)
def test_text_that_is_no_date_is_refused(text: str) -> None:
    assert read_cells(LogicalType.DATE, [text]) == [(None, "not_a_date")]


# Whole numbers, yes and no, empty cells


@generated
@given(st.lists(st.integers(-(10**18) + 1, 10**18 - 1), max_size=40))
def test_whole_number_is_what_the_text_says(numbers: list[int]) -> None:
    texts = [str(number) for number in numbers]
    assert read_cells(LogicalType.INTEGER, texts) == [(number, None) for number in numbers]


@pytest.mark.parametrize("text", ["1.0", "1.5", "1,000", "1_0", "1e3", "９", "9" * 19, "0x1", "a"])
def test_text_that_is_no_whole_number_is_refused(text: str) -> None:
    assert read_cells(LogicalType.INTEGER, [text]) == [(None, "not_an_integer")]


def test_yes_and_no_are_read_in_both_languages() -> None:
    yes, no = ["true", "TRUE", "yes", "Y", "1", "是"], ["false", "No", "n", "0", "否"]
    assert read_cells(LogicalType.BOOLEAN, yes) == [(True, None)] * len(yes)
    assert read_cells(LogicalType.BOOLEAN, no) == [(False, None)] * len(no)
    assert read_cells(LogicalType.BOOLEAN, ["maybe", "2"]) == [(None, "not_a_boolean")] * 2


@pytest.mark.parametrize("kind", LogicalType)
def test_empty_cell_has_neither_value_nor_fault(kind: LogicalType) -> None:
    empty = ["", "  ", "\u3000", "\u00a0\t", "\r\n", None]
    assert read_cells(kind, empty) == [(None, None)] * len(empty)


def test_every_reason_is_explained_in_both_languages() -> None:
    for kind in LogicalType:
        reading = read_text("cell", Column(kind, "A cell."), CellRules(SHANGHAI))
        assert all(reason in REASONS for _, reason in reading.faults)
    assert all(reason.zh and reason.en for reason in REASONS.values())
