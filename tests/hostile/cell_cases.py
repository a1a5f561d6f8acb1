"""Files with one hostile cell: ids, money, times, whole numbers, yes and no.

A row of a table is a file: its name, what is hostile, the cell's text, and its value or the reason
for which its row is left out.
"""

import datetime
from decimal import Decimal
from typing import Any

from tests.hostile.cases import Case, read_cell, refuse_cell

LONG = "351500000000000001"

IDS: list[tuple[str, str, str, str]] = [
    ("leading_zeros", "numbers lose their leading zeros", "000123", "000123"),
    ("18_digits", "beyond the digits of a double", LONG, LONG),
    ("30_digits", "beyond every integer", "9" * 30, "9" * 30),
    ("formula_wrapper", "a formula keeps a spreadsheet from turning it", f'="{LONG}"', LONG),
    ("wrapper_with_zeros", "a wrapped id with leading zeros", '="000123"', "000123"),
    ("tab_before", "a TAB keeps a spreadsheet from turning it", f"\t{LONG}", LONG),
    ("tab_behind", "a TAB behind", f"{LONG}\t", LONG),
    ("spaces", "spaces, NBSP and full-width space around", f" \u00a0{LONG}\u3000", LONG),
    ("apostrophe", "an apostrophe where no export writes one is a character", "'123", "'123"),
    ("full_width_digits", "ids are text, not numbers", "１２３４", "１２３４"),
    ("inner_spaces", "spaces inside", "M 12 3", "M 12 3"),
    ("inner_line_break", "a line break inside", "o\n2", "o\n2"),
    ("comma", "a delimiter inside", "o,2", "o,2"),
    ("quotes", "quotes inside", 'o"2', 'o"2'),
    ("minus", "begins like a formula", "-1", "-1"),
    ("plus", "begins like a formula", "+86 186", "+86 186"),
    ("markup", "markup is text", "<b>1</b>", "<b>1</b>"),
    ("statement", "SQL is text", "'); drop table raw.orders; --", "'); drop table raw.orders; --"),
    ("braces", "a format string is text", "{paths}", "{paths}"),
    ("chinese", "not in ASCII", "订单一", "订单一"),
    ("four_bytes", "four bytes in UTF-8", "𠮷😀", "𠮷😀"),
    ("right_to_left", "characters that turn the line", "\u202eo2", "\u202eo2"),
    ("composed", "two ways to write é are two ids", "e\u0301", "e\u0301"),
    (
        "line_separator",
        "a line end to Unicode, not to CSV",
        "a\u2028b\x85c\x0cd",
        "a\u2028b\x85c\x0cd",
    ),
    ("hexadecimal", "a hash with an e between digits", "12e45678ab", "12e45678ab"),
    ("zero", "a number that is false", "0", "0"),
    (
        "uuid",
        "ends like an exponent",
        "00000000-0000-4000-8000-00000000001e",
        "00000000-0000-4000-8000-00000000001e",
    ),
]
LOST_IDS: list[tuple[str, str, str, str]] = [
    ("scientific", "saved again by a spreadsheet", "3.5E+17", "damaged_id"),
    ("scientific_long", "saved again, with more digits", "1.23457E+17", "damaged_id"),
    ("scientific_lower", "in lower case", "3.5e+17", "damaged_id"),
    ("scientific_short", "without a point or sign", "3E17", "damaged_id"),
    ("scientific_wrapped", "damaged first, wrapped later", '="3.5E+17"', "damaged_id"),
    ("empty", "no id", "", "missing"),
    ("blank", "only white space", " \t\u3000", "missing"),
    ("null", "a database's empty", "NULL", "missing"),
    ("null_lower", "a database's empty in lower case", "null", "missing"),
    ("mysql_null", "MySQL's empty", "\\N", "missing"),
    ("not_available", "a spreadsheet's empty", "#N/A", "missing"),
    ("reference_error", "a formula's error", "#REF!", "formula_cell"),
    ("value_error", "a formula's error", "#VALUE!", "formula_cell"),
    ("name_error", "a formula's error", "#NAME?", "formula_cell"),
    ("too_narrow", "a column too narrow when it was copied", "########", "formula_cell"),
]
EMPTY_MEMBERS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("empty", "a guest", "", {}),
    ("null", "a guest by NULL", "NULL", {}),
    ("not_available", "a guest by #N/A", "#N/A", {}),
    ("dash", "a guest by a declared dash", "-", {"empty": ["-"]}),
    ("long_dash", "a guest by a declared long dash", "——", {"empty": ["——"]}),
    ("space", "a guest by a single space", " ", {}),
]

MONEY: list[tuple[str, str, str, str]] = [
    ("yen", "currency sign and thousands", "￥1,234.50", "1234.50"),
    ("yen_narrow", "the other yen sign", "¥1,234.50", "1234.50"),
    ("dollar", "dollar sign", "$1,234.50", "1234.50"),
    ("yuan", "the word for yuan behind", "123.00元", "123.00"),
    ("yuan_thousands", "thousands and the word for yuan", "1,234.5元", "1234.50"),
    ("brackets", "an accountant's minus", "(12.00)", "-12.00"),
    ("minus", "below zero", "-12.00", "-12.00"),
    ("plus", "a sign that says nothing", "+12.00", "12.00"),
    ("full_width", "full-width digits and point", "１２３．４５", "123.45"),
    ("full_width_all", "full-width sign, digits, comma, point", "￥１，２３４．５０", "1234.50"),
    ("full_width_minus", "full-width minus", "－１２.００", "-12.00"),
    ("spaces", "white space around", " \u00a012.00\u3000", "12.00"),
    ("tab", "a TAB before", "\t12.00", "12.00"),
    ("zero_width", "a space that cannot be seen", "\u200b12.00", "12.00"),
    ("wrapper", "a formula wrapper", '="12.00"', "12.00"),
    ("zero_decimals", "decimals that are zero", "12.3400", "12.34"),
    ("millions", "several commas", "1,234,567.89", "1234567.89"),
    ("zero", "zero is no empty cell", "0", "0.00"),
    ("minus_zero", "minus zero", "-0.00", "0.00"),
    ("leading_zeros", "leading zeros", "0012.00", "12.00"),
    ("largest", "sixteen digits, beyond a double", "9999999999999999.99", "9999999999999999.99"),
    ("tenths", "a sum that a double gets wrong", "0.1", "0.10"),
]
NO_MONEY: list[tuple[str, str, str, str]] = [
    ("three_decimals", "a rounding would be silent", "12.345", "too_many_decimals"),
    ("three_decimals_yuan", "three decimals and a word", "12.345元", "too_many_decimals"),
    ("tiny", "less than a cent", "0.001", "too_many_decimals"),
    ("float_tail", "a double written out", "20.000000000000004", "too_many_decimals"),
    ("scientific", "an exponent", "1.5E+03", "not_money"),
    ("underscore", "a digit separator of programs", "1_000", "not_money"),
    ("decimal_comma", "a comma for a point", "12,34", "not_money"),
    ("european", "point and comma exchanged", "1.234,50", "not_money"),
    ("wrong_group", "a group of four", "1,2345", "not_money"),
    ("two_points", "two points", "1.2.3", "not_money"),
    ("two_signs", "two minus signs", "--5", "not_money"),
    ("two_currencies", "two currency signs", "¥$5", "not_money"),
    ("sign_behind", "the minus behind", "12-", "not_money"),
    ("not_a_number", "a float that is none", "NaN", "not_money"),
    ("infinity", "a float without end", "Infinity", "not_money"),
    ("hexadecimal", "a number to a program", "0x10", "not_money"),
    ("words", "a word", "abc", "not_money"),
    ("chinese_number", "a number in words", "十二元", "not_money"),
    ("arabic_digits", "digits of another script", "١٢", "not_money"),
    ("apostrophe", "an apostrophe nobody declared", "'12.00", "not_money"),
    ("breakdown", "a text with two amounts", "69.20(含运费：47.80)", "not_money"),
    ("range", "two amounts", "10-20", "not_money"),
    ("percent", "a share", "5%", "not_money"),
    ("dash", "a dash nobody declared empty", "-", "not_money"),
    ("seventeen_digits", "more digits than money has", "12345678901234567", "damaged_number"),
    ("empty", "no amount", "", "missing"),
    ("null", "a database's empty", "NULL", "missing"),
    ("not_available", "a spreadsheet's empty", "#N/A", "missing"),
    ("reference_error", "a formula's error", "#REF!", "formula_cell"),
    ("division_error", "a formula's error", "#DIV/0!", "formula_cell"),
    ("formula", "a formula that was never computed", "=SUM(C2:C3)", "formula_cell"),
    ("too_narrow", "a column too narrow when it was copied", "#####", "formula_cell"),
]
ROUNDED = [
    ("half_up", "half a cent goes up where declared", "12.345", "12.35"),
    ("half_of_even", "and not to the even cent", "12.005", "12.01"),
    ("half_below_zero", "below zero away from it", "-12.345", "-12.35"),
    ("carry", "through every digit", "9.999", "10.00"),
]


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


TIMES: list[tuple[str, str, str, str]] = [
    ("slashes", "not padded, with slashes", "2026/1/3", "2026-01-03"),
    ("not_padded", "nothing is padded", "2026-1-3 9:05", "2026-01-03 09:05"),
    ("points", "points between", "2026.01.03 09:05:06", "2026-01-03 09:05:06"),
    ("t_between", "a T between", "2026-01-03T09:05:06", "2026-01-03 09:05:06"),
    ("zulu", "a time in UTC", "2026-01-03T01:05:06Z", "2026-01-03 09:05:06"),
    ("offset_without_t", "an offset and no T", "2026-01-03 01:05:06 +0000", "2026-01-03 09:05:06"),
    ("own_offset", "the shop's own offset", "2026-01-03 09:05:06+08:00", "2026-01-03 09:05:06"),
    (
        "day_before",
        "an offset that moves the date",
        "2026-01-02 20:05:06 -0500",
        "2026-01-03 09:05:06",
    ),
    ("midnight_24", "the end of a day", "2026-01-03 24:00:00", "2026-01-04 00:00:00"),
    ("year_end_24", "the end of a year", "2025-12-31 24:00:00", "2026-01-01 00:00:00"),
    ("leap_day", "29 February", "2028-02-29", "2028-02-29"),
    ("microseconds", "six decimals", "2026-01-03 09:05:06.123456", "2026-01-03 09:05:06.123456"),
    ("tab", "a TAB before", "\t2026-01-03 09:05:06", "2026-01-03 09:05:06"),
    ("wrapper", "a formula wrapper", '="2026-01-03 09:05:06"', "2026-01-03 09:05:06"),
    ("spaces", "white space around", " 2026-01-03\u3000", "2026-01-03 00:00:00"),
    ("compact", "nothing between", "20260103", "2026-01-03 00:00:00"),
]
NO_TIMES: list[tuple[str, str, str, str]] = [
    ("february_30", "a day that no month has", "2026-02-30", "not_a_time"),
    ("no_leap_day", "29 February of another year", "2026-02-29", "not_a_time"),
    ("month_13", "a month that no year has", "2026-13-01", "not_a_time"),
    ("hour_25", "an hour that no day has", "2026-01-03 25:00:00", "not_a_time"),
    ("past_24", "a second after the end of the day", "2026-01-03 24:00:01", "not_a_time"),
    ("minute_60", "a minute that no hour has", "2026-01-03 23:60", "not_a_time"),
    ("zeros", "a database's zero", "0000-00-00 00:00:00", "not_a_time"),
    ("before_shops", "a spreadsheet's zero", "1899-12-30", "not_a_time"),
    ("end_of_time", "a database's infinity", "9999-12-31 23:59:59", "not_a_time"),
    ("month_name", "a month in words", "3 Jan 2026", "not_a_time"),
    ("word", "a word that engines understand", "today", "not_a_time"),
    ("epoch_word", "another such word", "epoch", "not_a_time"),
    ("epoch", "seconds since 1970", "1767402306", "not_a_time"),
    ("zone_name", "a zone of several meanings", "2026-01-03 09:05:06 CST", "not_a_time"),
    ("impossible_offset", "an offset that no clock has", "2026-01-03 09:05:06 +9900", "not_a_time"),
    ("seven_decimals", "more decimals than are kept", "2026-01-03 09:05:06.1234567", "not_a_time"),
    ("serial", "a spreadsheet's serial, not declared", "46025", "not_a_time"),
    ("day_or_month_first", "4 March or 3 April", "03/04/2026", "ambiguous_date"),
    ("day_first", "day first, though only one order is possible", "13/04/2026", "ambiguous_date"),
    ("two_digit_year", "a year of two digits", "26-01-03", "ambiguous_date"),
    ("reference_error", "a formula's error", "#REF!", "formula_cell"),
    ("too_narrow", "a column too narrow when it was copied", "########", "formula_cell"),
]
DECLARED_TIMES: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("dmy", "day first, declared", "03/04/2026", "2026-04-03", {"date_order": "dmy"}),
    (
        "dmy_time",
        "day first with a time",
        "3/4/2026 9:05",
        "2026-04-03 09:05",
        {"date_order": "dmy"},
    ),
    ("mdy", "month first, declared", "03/04/2026", "2026-03-04", {"date_order": "mdy"}),
    (
        "ymd_in_dmy",
        "year first is never in doubt",
        "2026-04-03",
        "2026-04-03",
        {"date_order": "dmy"},
    ),
    ("serial_day", "a serial, declared", "46025", "2026-01-03", {"excel_serials": True}),
    ("serial_time", "a serial with a time", "46025.5", "2026-01-03 12:00", {"excel_serials": True}),
    ("serial_and_text", "text among serials", "2026/1/3", "2026-01-03", {"excel_serials": True}),
]
NO_DECLARED_TIMES: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (
        "month_13_mdy",
        "month 13 in the declared order",
        "13/04/2026",
        "not_a_time",
        {"date_order": "mdy"},
    ),
    ("serial_zero", "a serial before all shops", "0", "not_a_time", {"excel_serials": True}),
    ("serial_below_zero", "a serial below zero", "-46025", "not_a_time", {"excel_serials": True}),
    (
        "serial_of_1900",
        "the day that 1900 did not have",
        "60",
        "not_a_time",
        {"excel_serials": True},
    ),
    (
        "serial_huge",
        "a number that is no serial",
        "3000000",
        "not_a_time",
        {"excel_serials": True},
    ),
]


def list_cell_cases() -> list[Case]:
    """Return a file for each hostile cell."""
    cases = []
    for name, hostility, text, value in IDS:
        cases.append(read_cell(f"id_{name}", hostility, "order_id", text, value))
    for name, hostility, text, reason in LOST_IDS:
        cases.append(refuse_cell(f"id_{name}", hostility, "order_id", text, reason))
    for name, hostility, text, source in EMPTY_MEMBERS:
        cases.append(read_cell(f"guest_{name}", hostility, "member_id", text, None, **source))
    for name, hostility, text, amount in MONEY:
        cases.append(read_cell(f"money_{name}", hostility, "paid_amount", text, Decimal(amount)))
    for name, hostility, text, reason in NO_MONEY:
        cases.append(refuse_cell(f"money_{name}", hostility, "paid_amount", text, reason))
    for name, hostility, text, amount in ROUNDED:
        rounded = {"more_decimals": "round"}
        case = read_cell(
            f"rounded_{name}", hostility, "paid_amount", text, Decimal(amount), **rounded
        )
        cases.append(case)
    for name, hostility, text, time in TIMES:
        cases.append(read_cell(f"time_{name}", hostility, "paid_at", text, at(time)))
    for name, hostility, text, reason in NO_TIMES:
        cases.append(refuse_cell(f"time_{name}", hostility, "paid_at", text, reason))
    for name, hostility, text, time, source in DECLARED_TIMES:
        cases.append(read_cell(f"time_{name}", hostility, "paid_at", text, at(time), **source))
    for name, hostility, text, reason, source in NO_DECLARED_TIMES:
        cases.append(refuse_cell(f"time_{name}", hostility, "paid_at", text, reason, **source))
    return [*cases, *list_other_cells()]


def list_other_cells() -> list[Case]:
    """Return files with a hostile cell of another kind."""
    dash: dict[str, Any] = {"empty": ["-"]}
    return [
        refuse_cell("time_empty", "no time at all", "paid_at", "", "missing", "business_date"),
        refuse_cell("time_null", "NULL for a time", "paid_at", "NULL", "missing", "business_date"),
        refuse_cell(
            "money_declared_dash", "a dash for no amount", "paid_amount", "-", "missing", **dash
        ),
        read_cell("guest_not_declared", "a dash nobody declared is an id", "member_id", "——", "——"),
        read_cell(
            "member_apostrophe", "an apostrophe nobody declared", "member_id", "'186", "'186"
        ),
        refuse_cell(
            "member_scientific",
            "a member's id is damaged, too",
            "member_id",
            "1.86E+10",
            "damaged_id",
        ),
        read_cell("units_minus", "pieces that came back", "units", "-2", -2),
        refuse_cell("units_half", "half a piece", "units", "1.5", "not_an_integer"),
        refuse_cell("units_word", "a word for a number", "units", "two", "not_an_integer"),
        refuse_cell(
            "units_scientific", "pieces with an exponent", "units", "1e3", "not_an_integer"
        ),
        read_cell("test_chinese", "a Chinese yes", "is_test", "是", True),
        read_cell("test_capitals", "yes in capitals", "is_test", "TRUE", True),
        refuse_cell("test_maybe", "neither yes nor no", "is_test", "maybe", "not_a_boolean"),
        read_cell("status_formula", "a formula in a text column", "status", "+paid", "+paid"),
        read_cell(
            "status_line_breaks",
            "all line ends within a cell",
            "status",
            "a\r\nb\nc\rd",
            "a\r\nb\nc\rd",
        ),
        read_cell("status_total", "a status called total", "status", "合计", "合计"),
        read_cell("status_null", "NULL for a text", "status", "NULL", None),
    ]
