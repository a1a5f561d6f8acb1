"""That holidays are those of the data set's country, and 春节 the first day of the lunar year.

What holidays change in a number is tested by the cases of the models.
"""

import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.dataset import Dataset
from pipelines.holidays import list_holidays

FIRST, AS_OF = datetime.date(2024, 7, 1), datetime.date(2026, 6, 30)


def make_dataset(currency: str, **conventions: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "timezone": "Asia/Shanghai",
            "currency": currency,
            "files": {"orders": {"path": "orders.csv"}},
            "conventions": conventions,
        }
    )


def find_festivals(country: str) -> list[datetime.date]:
    rows = list_holidays(country, FIRST, AS_OF)
    return [row["date"] for row in rows if row["is_spring_festival"]]


def test_the_festival_is_the_first_day_of_the_lunar_year() -> None:
    assert find_festivals("CN") == [
        datetime.date(2023, 1, 22),
        datetime.date(2024, 2, 10),
        datetime.date(2025, 1, 29),
        datetime.date(2026, 2, 17),
    ]
    assert find_festivals("HK") == find_festivals("CN")
    assert find_festivals("US") == []


def test_names_do_not_depend_on_the_language_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = []
    for language in ("en_US.UTF-8", "zh_CN.UTF-8", "th_TH.UTF-8"):
        monkeypatch.setenv("LANG", language)
        monkeypatch.setenv("LANGUAGE", language)
        rows = list_holidays("CN", FIRST, AS_OF)
        names.append([row["holiday"] for row in rows])
        assert {row["date"]: row["holiday"] for row in rows}[datetime.date(2025, 1, 29)] == "春节"
    assert names[0] == names[1] == names[2]


def test_dates_stand_once_and_there_are_none_without_a_country() -> None:
    dates = [row["date"] for row in list_holidays("CN", FIRST, AS_OF)]
    assert dates == sorted(set(dates))
    assert (min(dates).year, max(dates).year) == (2023, 2026)
    assert list_holidays(None, FIRST, AS_OF) == []


@pytest.mark.parametrize(
    ("currency", "conventions", "country"),
    [
        ("CNY", {}, "CN"),
        ("USD", {}, None),
        ("USD", {"holidays": "SG"}, "SG"),
        ("CNY", {"holidays": "none"}, None),
    ],
)
def test_the_country_follows_the_currency_unless_it_is_named(
    currency: str, conventions: dict[str, str], country: str | None
) -> None:
    assert make_dataset(currency, **conventions).holiday_country == country


@pytest.mark.parametrize("country", ["XX", "China", "cn", False])
def test_an_unknown_country_is_refused(country: object) -> None:
    with pytest.raises(ValidationError, match="holidays"):
        make_dataset("CNY", holidays=country)
