"""That a hundred thousand cells of each type are what a plain reader makes of them, or are refused.

The reader here shares nothing with the SQL but the rules in words: it walks through a cell with
Python's own numbers and dates. Cells come from a grammar of good forms, a third of them spoilt.
"""

import datetime
import random
import re
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from pipelines.canonical import Column, LogicalType
from pipelines.ingest.cells import CellRules, prepare, read_text

Outcome = tuple[Any, str | None]
COUNT = 100_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = CellRules("Asia/Shanghai")
BLANK = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff\u2003\u202f"
ERRORS = {"REF!", "VALUE!", "DIV/0!", "NAME?", "NUM!", "NULL!", "N/A", "SPILL!", "CALC!"}
NARROW = str.maketrans("０１２３４５６７８９，．－−＋（）￥＄", "0123456789,.--+()¥$")
WIDE = str.maketrans("0123456789,.-+()", "０１２３４５６７８９，．－＋（）")
NOISE = "0123456789.,-+/:% TZeE()（）元年月日¥￥$=\"'#_xaN\n\u3000"
EPOCH = datetime.datetime(1899, 12, 30)


# What a cell says


def clean(cell: str, rules: CellRules) -> str:
    text = cell.strip(BLANK)
    if rules.has_apostrophes and text.startswith("'"):
        text = text[1:].strip(BLANK)
    if text.startswith('="') and text.endswith('"') and text.count('"') == 2 and len(text) > 2:
        text = text[2:-1].strip(BLANK)
    return text


def cut_bracket(text: str) -> str:
    """Return what stands before the first bracket, unless that is nothing."""
    before = re.split("[(（]", text, maxsplit=1)[0].strip(BLANK)
    return before or text


def is_error(text: str) -> bool:
    return text.startswith("#") and (text[1:] in ERRORS or (len(text) > 2 and not text.strip("#")))


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def read_number(text: str) -> str | None:
    """Return the digits and the point of a number that may have thousands commas."""
    whole, point, fraction = text.partition(".")
    head, *groups = whole.split(",")
    if not is_number(head) or (point and not is_number(fraction)):
        return None
    if groups and (len(head) > 3 or any(len(it) != 3 or not is_number(it) for it in groups)):
        return None
    return head + "".join(groups) + point + fraction


class Money:
    """A reader that eats what stands around a number, from both ends."""

    def __init__(self, text: str) -> None:
        self.text = text.translate(NARROW)
        self.marks = 0
        self.sign = ""

    def eat_sign(self) -> None:
        if not self.sign and self.text[:1] in ("+", "-"):
            self.sign, self.text = self.text[0], self.text[1:]

    def eat_mark(self) -> None:
        if self.text[:1] in ("¥", "$"):
            self.marks, self.text = self.marks + 1, self.text[1:]
            self.text = self.text[1:] if self.text[:1] in BLANK else self.text
        elif self.text.endswith("元"):
            self.marks, self.text = self.marks + 1, self.text[:-1]
            self.text = self.text[:-1] if self.text[-1:] in BLANK else self.text

    def read(self) -> str | None:
        self.eat_sign()
        self.eat_mark()
        self.eat_sign()
        if not self.sign and self.text.startswith("(") and self.text.endswith(")"):
            self.sign, self.text = "-", self.text[1:-1]
            self.eat_mark()
        digits = read_number(self.text)
        return None if digits is None or self.marks > 1 else self.sign + digits


def read_money(text: str, rules: CellRules) -> Outcome:
    found = Money(text).read()
    if found is None:
        return None, "not_money"
    exact = Decimal(found)
    cents = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if cents != exact and not rules.rounds_money:
        return None, "too_many_decimals"
    return (cents, None) if abs(cents) < 10**16 else (None, "damaged_number")


def read_integer(text: str, rules: CellRules) -> Outcome:
    text = text.translate(NARROW)
    sign = text[:1] if text[:1] in ("+", "-") else ""
    digits = read_number(text[len(sign) :])
    if digits is None or digits.partition(".")[2].strip("0"):
        return None, "not_an_integer"
    number = int(sign + digits.partition(".")[0])
    return (number, None) if -(2**63) <= number < 2**63 else (None, "damaged_number")


def read_clock(text: str) -> tuple[datetime.timedelta, str] | None:
    """Return a clock of 24 hours and what follows it."""
    clock = text.split(" ")[0]
    end = next((at for at, letter in enumerate(clock) if letter not in "0123456789:."), len(clock))
    parts, rest = clock[:end].split(":"), text[end:]
    if len(parts) not in (2, 3) or not all(map(is_number, parts[:2])):
        return None
    seconds, point, fraction = (parts[2] if len(parts) == 3 else "00").partition(".")
    if len(parts[0]) > 2 or len(parts[1]) != 2 or len(seconds) != 2 or not is_number(seconds):
        return None
    if point and (not is_number(fraction) or fraction[6:].strip("0")):
        return None
    hour, minute, second = int(parts[0]), int(parts[1]), int(seconds)
    micros = int(fraction[:6].ljust(6, "0")) if point else 0
    passed = datetime.timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)
    if minute > 59 or second > 59 or passed > datetime.timedelta(days=1):
        return None
    return passed, rest


def read_offset(text: str) -> datetime.timedelta | None:
    text = text.removeprefix(" ")
    if text in ("Z", "UTC"):
        return datetime.timedelta()
    sign, hours, minutes = text[:1], text[1:3], text[3:].removeprefix(":")
    if sign not in ("+", "-") or not (is_number(hours) and is_number(minutes)):
        return None
    if len(hours) != 2 or len(minutes) != 2 or int(hours) > 14 or int(minutes) > 59:
        return None
    offset = datetime.timedelta(hours=int(hours), minutes=int(minutes))
    return offset if sign == "+" else -offset


def read_half_day(text: str) -> datetime.timedelta | None:
    """Return a clock of twelve hours, with AM or PM behind it."""
    half, clock = text[-2:].lower(), text[:-2]
    clock = clock[:-1] if clock[-1:] in BLANK else clock
    found = read_clock(clock) if half in ("am", "pm") else None
    hour = clock.partition(":")[0]
    if found is None or found[1] or not 1 <= int(hour) <= 12:
        return None
    noon = datetime.timedelta(hours=12)
    return found[0] - (noon if int(hour) == 12 else noon * 0) + (noon if half == "pm" else noon * 0)


def split_date(text: str, rules: CellRules) -> tuple[str, str, str, str, str] | str | None:
    """Return year, month, day, what parts the clock from them and the clock, or 'ambiguous'."""
    if found := re.match("([0-9]+)年([0-9]+)月([0-9]+)日", text):
        tail = text[found.end() :]
        if len(found[1]) != 4 or (tail and not is_number(tail.removeprefix(" ")[:1])):
            return None
        return found[1], found[2], found[3], "", tail.removeprefix(" ")
    if found := re.match(r"([0-9]+)([-/.])([0-9]+)\2([0-9]+)", text):
        first, _, second, third = found.groups()
        gap, tail = text[found.end() :][:1], text[found.end() :][1:]
        if "\n" in tail or (gap and gap not in " T"):
            return None
        if len(first) == 4 and len(third) <= 2:
            return first, second, third, gap, tail
        if len(first) > 2 or len(second) > 2 or len(third) == 3 or len(third) > 4:
            return None
        if len(third) < 4 or rules.date_order == "ymd":
            return "ambiguous"
        if gap == "T":
            return None
        day, month = (first, second) if rules.date_order == "dmy" else (second, first)
        return third, month, day, "last" + gap, tail
    digits = text[:8]
    if not is_number(digits) or len(digits) != 8:
        return None
    clock = text[9:] if text[8:9] in (" ", "T") else text[8:]
    if clock or text[8:9]:
        if not is_number(clock[:6]) or len(clock[:6]) != 6 or "\n" in clock:
            return None
        clock = f"{clock[:2]}:{clock[2:4]}:{clock[4:]}"
        if clock[8:] and clock[8:].removeprefix(" ")[:1] not in ("Z", "U", "+", "-"):
            return None
    return digits[:4], digits[4:6], digits[6:], " " if clock else "", clock


def read_moment(
    text: str, rules: CellRules
) -> tuple[datetime.datetime, datetime.timedelta, datetime.timedelta | None] | str | None:
    """Return date, clock and offset of a text, 'ambiguous', or None."""
    if rules.excel_serials and len(text) < 24 and text.isascii():
        whole, point, fraction = text.partition(".")
        if is_number(whole) and len(whole) <= 6 and bool(point) == is_number(fraction):
            if len(fraction) > 15 or not 61 <= int(whole) < 200_000:
                return None
            passed = (Decimal(f"0.{fraction or 0}") * 86_400_000).quantize(1, ROUND_HALF_UP)
            moment = EPOCH + datetime.timedelta(days=int(whole), milliseconds=int(passed))
            midnight = datetime.datetime.combine(moment, datetime.time())
            return midnight, moment - midnight, None
    parts = split_date(text, rules)
    if parts is None or isinstance(parts, str):
        return parts
    year, month, day, gap, clock = parts
    if len(month) > 2 or len(day) > 2:
        return None
    try:
        date = datetime.datetime(int(year), int(month), int(day))
    except ValueError:
        return None
    if not clock:
        return None if gap.removeprefix("last") else (date, datetime.timedelta(), None)
    if gap.startswith("last") and (passed_noon := read_half_day(clock)) is not None:
        return date, passed_noon, None
    found = read_clock(clock)
    if found is None:
        return None
    offset = read_offset(found[1]) if found[1] else None
    return None if found[1] and offset is None else (date, found[0], offset)


def read_time(text: str, rules: CellRules) -> Outcome:
    found = read_moment(text, rules)
    if found is None or isinstance(found, str):
        return None, "ambiguous_date" if found else "not_a_time"
    date, clock, offset = found
    local = date + clock
    if offset is not None:
        instant = local.replace(tzinfo=datetime.timezone(offset))
        local = instant.astimezone(SHANGHAI).replace(tzinfo=None)
    return (local, None) if 1970 <= local.year <= 2200 else (None, "not_a_time")


def read_date(text: str, rules: CellRules) -> Outcome:
    found = read_moment(text, rules)
    if found is None or isinstance(found, str):
        return None, "ambiguous_date" if found else "not_a_date"
    date, clock, offset = found
    if clock or offset is not None or not 1900 <= date.year <= 2200:
        return None, "not_a_date"
    return date.date(), None


def read_month(text: str, rules: CellRules) -> Outcome:
    whole = re.fullmatch("([0-9]{4})(?:([-/])([0-9]{1,2})|年([0-9]{1,2})月|([0-9]{2}))", text)
    if whole:
        year, month = int(whole[1]), int(whole[3] or whole[4] or whole[5])
        if 1900 <= year <= 2200 and 1 <= month <= 12:
            return datetime.date(year, month, 1), None
        return None, "not_a_month"
    date, reason = read_date(text, rules)
    if date is None:
        return None, "not_a_month" if reason == "not_a_date" else reason
    return date.replace(day=1), None


def read_boolean(text: str, rules: CellRules) -> Outcome:
    word = text.lower()
    if word in {"true", "t", "yes", "y", "1", "是", "√", "✓", "✔"}:
        return True, None
    if word in {"false", "f", "no", "n", "0", "否", "×", "✗", "✘"}:
        return False, None
    return None, "not_a_boolean"


def read_word(text: str, rules: CellRules) -> Outcome:
    is_call = re.match(r"=[A-Za-z.]+\(", text) is not None and text.endswith(")")
    return (None, "formula_cell") if text.startswith('="') or is_call else (text, None)


def read_id(text: str, rules: CellRules) -> Outcome:
    word, reason = read_word(text, rules)
    bare = text[1:] if text[:1] in ("+", "-") else text
    head, _, exponent = bare.replace("e", "E").partition("E")
    unsigned = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    whole, point, fraction = head.partition(".")
    is_whole = not point and not exponent.startswith("-")
    is_short = is_number(unsigned) and len(unsigned) <= 3 and len(whole) == 1
    if is_short and is_number(whole) and (is_number(fraction) or is_whole):
        return None, "damaged_id"
    whole, point, fraction = bare.partition(".")
    if len(whole) > 14 and is_number(whole) and fraction and not fraction.strip("0"):
        return None, "damaged_id"
    return word, reason


READERS: dict[LogicalType, Callable[[str, CellRules], Outcome]] = {
    LogicalType.ID: read_id,
    LogicalType.TEXT: read_word,
    LogicalType.MONEY: read_money,
    LogicalType.INTEGER: read_integer,
    LogicalType.TIME: read_time,
    LogicalType.DATE: read_date,
    LogicalType.MONTH: read_month,
    LogicalType.BOOLEAN: read_boolean,
}


def read_cell(kind: LogicalType, cell: str, rules: CellRules) -> Outcome:
    text = clean(cell, rules)
    if rules.before_bracket:
        text = cut_bracket(text)
    if text == "" or text in rules.empty:
        return None, None
    is_word = kind in (LogicalType.ID, LogicalType.TEXT)
    if is_error(text) or (text.startswith("=") and not is_word):
        return None, "formula_cell"
    return READERS[kind](text, rules)


# Cells


def spell(forms: str) -> list[str]:
    return forms.split("|")


MONEY_FORMS = spell(
    "{}|{}|-{}|+{}|¥{}|￥{}|${}|-¥{}|¥-{}|￥ {}|{}元|{} 元|({})|（{}）|(¥{})|"
    "¥({})|({}元)|({})元|¥{}元|CNY {}|{}（{}）|-{} 元|¥ ({})|{}%|{}.|.{}|0{}|"
    "({})|¥¥{}|-({})|{}-|−{}"
)
DATE_FORMS = spell(
    "{0}-{1:02}-{2:02}|{0}-{1}-{2}|{0}/{1:02}/{2:02}|{0}/{1}/{2}|"
    "{0}.{1}.{2}|{0}年{1}月{2}日|{0}{1:02}{2:02}|{1}/{2}/{0}|"
    "{2:02}-{1:02}-{0}|{2}.{1}.{0}|{0}-{1}/{2}|{0}-{1:02}|{0}年{1}月|"
    "{0}{1:02}|{2}/{1}/24|24-{1}-{2}"
)
CLOCK_FORMS = spell(
    "{:02}:{:02}:{:02}|{:02}:{:02}:{:02}|{}:{:02}|{:02}:{:02}|"
    "{:02}{:02}{:02}|{:02}:{:02}:{:02}.000|{}:{:02}:{:02}.1234560|"
    "{}:{:02} PM|{}:{:02}:{:02}am|{}:{}|{:02}:{:02}:{:02}.1234567|"
    "下午{}:{:02}|{:02}:{:02}:{:02}.5"
)
ID_FORMS = spell(
    "{}|{}|000{}|TB{}|{}.0|{:E}|{:e}|{:.3G}|{}E5|1E{}|A-{}|小明{}|{} {}|"
    "{}\n{}|1.{}E-05|{}.50|Ａ{}|é{}é|={}|=A({})|#{}"
)
ODD_CELLS = spell(
    '| |\u3000|NULL|null| NULL|#N/A|\\N|-|#REF!|#DIV/0!|####|##|=""|="|'
    "=1+1|=SUM(A1:A3)|'|N/A|nan|#VALUE! "
)


def choose_money(draw: random.Random) -> str:
    whole = draw.randrange(10 ** draw.randrange(1, 20))
    number = f"{whole:,}" if draw.random() < 0.3 else str(whole)
    if draw.random() < 0.7:
        number += "." + str(draw.randrange(10 ** draw.randrange(1, 4))).zfill(draw.randrange(1, 4))
    number += "0" * draw.randrange(3) if "." in number else ""
    form = draw.choice(MONEY_FORMS)
    text = form.replace("{}", number)
    return text.translate(WIDE) if draw.random() < 0.1 else text


def choose_integer(draw: random.Random) -> str:
    number = draw.randrange(10 ** draw.randrange(1, 21))
    form = draw.choice(("{}", "{}", "-{}", "+{}", "{}.0", "{}.00", "{}.5", "{:,}", "{:,}.0", "{}."))
    text = form.format(number)
    return text.translate(WIDE) if draw.random() < 0.1 else text


def choose_time(draw: random.Random) -> str:
    year = draw.choice((1969, 1970, 1986, 1999, 2024, 2026, 2026, 2026, 2200, 2201))
    month, day = draw.randrange(1, 13), draw.randrange(1, 32 if draw.random() < 0.1 else 29)
    date = draw.choice(DATE_FORMS).format(year, month, day)
    if draw.random() < 0.08:
        days = draw.choice((1, 59, 60, 61, 25568, 25569, 45292, 45292, 73050, 109939))
        return f"{days}.{draw.randrange(10**10)}" if draw.random() < 0.5 else str(days)
    if draw.random() < 0.3:
        return date
    hour, minute, second = draw.randrange(25), draw.randrange(60), draw.randrange(60)
    if hour == 24 or draw.random() < 0.1:
        hour, minute, second = draw.choice((0, 24)), 0, 0
    clock = draw.choice(CLOCK_FORMS).format(hour, minute, second)
    gap = draw.choice((" ", " ", " ", "T", "", "  "))
    offset = draw.choice(
        ("", "", "", "", "Z", " +0000", "+08:00", " UTC", "-0830", " +14:59", "+15:00", " CST")
    )
    return date + gap + clock + offset


def choose_date(draw: random.Random) -> str:
    cell = choose_time(draw)
    cut = re.match("[0-9]+[年/.-]?[0-9]*[月/.-]?[0-9]*日?", cell) if draw.random() < 0.8 else None
    return (cut[0] if cut else cell) + draw.choice(("", "", "", "", " 00:00:00", " 0:00", "T00:01"))


def choose_id(draw: random.Random) -> str:
    number = draw.randrange(10 ** draw.randrange(1, 20))
    form = draw.choice(ID_FORMS)
    return (
        form.replace("{}", str(number)).format(float(number))
        if "{:" in form
        else (form.replace("{}", str(number)))
    )


def choose_boolean(draw: random.Random) -> str:
    words = ("true", "True", "YES", "y", "1", "是", "√", "否", "×", "0", "No", "F", "maybe", "2")
    return draw.choice(words)


CHOICES = {
    LogicalType.ID: choose_id,
    LogicalType.TEXT: choose_id,
    LogicalType.MONEY: choose_money,
    LogicalType.INTEGER: choose_integer,
    LogicalType.TIME: choose_time,
    LogicalType.DATE: choose_date,
    LogicalType.MONTH: choose_date,
    LogicalType.BOOLEAN: choose_boolean,
}


def choose_cell(kind: LogicalType, draw: random.Random) -> str:
    chance = draw.random()
    if chance < 0.03:
        return draw.choice(ODD_CELLS)
    cell = CHOICES[kind](draw)
    if chance < 0.33:
        at = draw.randrange(len(cell) + 1)
        cell = cell[:at] + draw.choice(NOISE) + cell[at + draw.randrange(2) :]
    dress = draw.random()
    if dress < 0.05:
        cell = f'="{cell}"'
    elif dress < 0.08:
        cell = "'" + cell
    elif dress < 0.11:
        cell = f"{cell}（{draw.randrange(99)}…)"
    if dress > 0.85:
        cell = draw.choice(BLANK) + cell
    return cell + draw.choice(BLANK) if dress > 0.92 else cell


@pytest.mark.parametrize(
    ("kind", "count", "rules"),
    [
        (LogicalType.ID, COUNT, RULES),
        (LogicalType.ID, COUNT // 10, CellRules(RULES.timezone, has_apostrophes=True)),
        (LogicalType.TEXT, COUNT, RULES),
        (LogicalType.MONEY, COUNT, RULES),
        (
            LogicalType.MONEY,
            COUNT // 5,
            CellRules(RULES.timezone, empty=("0",), rounds_money=True, before_bracket=True),
        ),
        (LogicalType.INTEGER, COUNT, RULES),
        (LogicalType.TIME, COUNT, RULES),
        (LogicalType.TIME, COUNT // 10, CellRules(RULES.timezone, date_order="mdy")),
        (
            LogicalType.TIME,
            COUNT // 10,
            CellRules(RULES.timezone, date_order="dmy", excel_serials=True),
        ),
        (LogicalType.DATE, COUNT, RULES),
        (
            LogicalType.DATE,
            COUNT // 10,
            CellRules(RULES.timezone, date_order="mdy", excel_serials=True),
        ),
        (LogicalType.MONTH, COUNT, RULES),
        (LogicalType.BOOLEAN, COUNT, RULES),
    ],
)
def test_cell_is_what_a_plain_reader_makes_of_it_or_refused_for_its_reason(
    kind: LogicalType, count: int, rules: CellRules
) -> None:
    draw = random.Random(f"{kind} {rules}")
    cells = [choose_cell(kind, draw) for _ in range(count)]
    reading = read_text("cell", Column(kind, "A cell."), rules)
    faults = " ".join(f"when {condition} then '{reason}'" for condition, reason in reading.faults)
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.register("cells", pa.table({"cell": pa.array(cells, pa.string())}))
        rows = connection.execute(
            f"select {reading.value}, case {faults} end from {prepare('cells', [reading])}"
        ).fetchall()
    expected = [read_cell(kind, cell, rules) for cell in cells]
    found = [(None if reason else value, reason) for value, reason in rows]
    wrong = [
        (cell, got, wanted)
        for cell, got, wanted in zip(cells, found, expected, strict=True)
        if got != wanted
    ]
    assert wrong[:20] == []
    outcomes = Counter(reason or ("empty" if value is None else "read") for value, reason in found)
    assert min(outcomes["read"], outcomes.total() - outcomes["read"]) > count / 25, outcomes
