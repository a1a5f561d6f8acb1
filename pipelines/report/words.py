"""What the report says in each language: its labels, and how numbers, dates and absences read.

No table is looked into and nothing is laid out here: callers hand over one value at a time.
"""

import datetime
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

Language = Literal["zh", "en"]

CURRENCY_SYMBOLS = {"CNY": "¥", "USD": "$"}
# As the Chinese name the unit of an axis, in which ten thousands are counted.
CURRENCY_NAMES = {"CNY": "元", "USD": "美元"}
MINUS = "\N{MINUS SIGN}"


@functools.cache
def read_labels() -> Mapping[str, Mapping[str, str]]:
    """Every label by its key, then by language."""
    text = (Path(__file__).parent / "labels.yaml").read_text(encoding="utf-8")
    # The same safe loader in C where PyYAML has it: a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    labels: dict[str, dict[str, str]] = yaml.load(text, Loader=loader)
    return labels


@dataclass(frozen=True)
class Words:
    """One language and one currency: the words and number formats of one report."""

    language: Language
    currency: str

    def say(self, label: str, /, **values: object) -> str:
        """The label in this language, with its placeholders filled in."""
        text = read_labels()[label][self.language]
        return text.format(**values) if values else text

    def say_or(self, label: str, fallback: str) -> str:
        """The label in this language, or the fallback where there is no such label."""
        return read_labels()[label][self.language] if label in read_labels() else fallback

    @property
    def currency_mark(self) -> str:
        """What stands before an amount: a symbol, else the currency's code and a space."""
        return CURRENCY_SYMBOLS.get(self.currency, f"{self.currency} ")

    @property
    def currency_unit(self) -> str:
        """The currency as the unit of an axis."""
        if self.language == "zh" and self.currency in CURRENCY_NAMES:
            return CURRENCY_NAMES[self.currency]
        return CURRENCY_SYMBOLS.get(self.currency, self.currency)

    def format_number(self, value: float, decimals: int = 0) -> str:
        """A plain number with thousands separators and a true minus sign."""
        text = f"{value:,.{decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        return text.replace("-", MINUS)

    def format_money(self, value: float) -> str:
        """An amount with its currency: whole units from 1,000 on, cents below."""
        decimals = 0 if abs(value) >= 1000 else 2
        sign = MINUS if value < 0 else ""
        return f"{sign}{self.currency_mark}{self.format_number(abs(value), decimals)}"

    def format_cents(self, value: float) -> str:
        """An amount with its currency to the cent, where amounts must be seen to add up."""
        sign = MINUS if round(value, 2) < 0 else ""
        return f"{sign}{self.currency_mark}{self.format_number(abs(value), 2)}"

    def format_share(self, value: float) -> str:
        """A share of 1 as a percentage with one decimal."""
        return f"{self.format_number(value * 100, 1)}%"

    def format_value(self, value: float, unit: str) -> str:
        """A value in its unit: share, count, amount, ratio or mean."""
        match unit:
            case "share":
                return self.format_share(value)
            case "amount":
                return self.format_money(value)
            case "ratio":
                return self.format_number(value, 2)
            case "mean":
                return self.format_number(value, 1)
            case _:
                return self.format_number(value, 0 if float(value).is_integer() else 1)

    def format_change(self, amount: float | None, rate: float | None, unit: str) -> str:
        """A change with its sign: percentage points for shares, else per cent; "" if unknown."""
        if unit == "share":
            if amount is None:
                return ""
            text = f"{self.format_number(abs(amount) * 100, 1)} {self.say('points')}"
            size = round(abs(amount) * 100, 1)
            sign = amount
        else:
            if rate is None:
                return ""
            text = f"{self.format_number(abs(rate) * 100, 1)}%"
            size = round(abs(rate) * 100, 1)
            sign = rate
        if size == 0:
            return self.say("unchanged")
        return f"{'+' if sign > 0 else MINUS}{text}"

    def format_date(self, date: datetime.date) -> str:
        """A date in words, such as 30 November 2026."""
        if self.language == "zh":
            return f"{self.format_month(date)}{date.day}日"
        return f"{date.day} {self.format_month(date)}"

    def format_month(self, date: datetime.date) -> str:
        """The month of a date in words, such as November 2026."""
        if self.language == "zh":
            return f"{date.year}年{self.say(f'month_{date.month}')}"
        return f"{self.say(f'month_{date.month}')} {date.year}"

    def format_short_month(self, date: datetime.date) -> str:
        """The month of a date where there is little room, such as Nov 2026."""
        if self.language == "zh":
            return self.format_month(date)
        return f"{self.say(f'month_{date.month}')[:3]} {date.year}"

    def name_period(self, kind: str, start: datetime.date) -> str:
        """A quarter, half-year or year in words, such as 2026 Q3; "" for other kinds of window."""
        match kind:
            case "quarter":
                number = (start.month - 1) // 3 + 1
                return self.say("quarter_of", year=start.year, number=number)
            case "half":
                label = "first_half_of" if start.month == 1 else "second_half_of"
                return self.say(label, year=start.year)
            case "year":
                return self.say("year_of", year=start.year)
            case _:
                return ""

    def explain_null(self, reason: str) -> str:
        """Why a value is empty, in words."""
        return self.say_or(f"null_{reason}", self.say("null_unknown"))


def to_number(value: Any) -> float | None:
    """A cell of a published table as a float; None where it is NULL, NaN or infinite."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
