"""Public holidays and 春节 of the years that the data covers, from a library's own tables.

Nothing is fetched. What a holiday changes in a number stands in the models.
"""

import datetime
from typing import Any

# Where the lunar new year is the year's main festival, by the library's codes.
SPRING_FESTIVAL_COUNTRIES = ("CN", "HK", "MO", "TW", "SG", "MY")
SPRING_FESTIVAL = "春节"


def is_known_country(code: str) -> bool:
    """Whether the library has a calendar of a country, by its ISO code of two letters."""
    import holidays

    return code in holidays.list_supported_countries(include_aliases=False)


def list_holidays(
    country: str | None, first: datetime.date, as_of: datetime.date
) -> list[dict[str, Any]]:
    """Return the rows of raw.holidays from the year before `first` to the year of `as_of`.

    春节 is the first day of the lunar year, the first date of that name in China's calendar; its
    year before is there because growth is compared with it. No country, no rows.
    """
    if country is None:
        return []
    import holidays

    years = range(first.year - 1, as_of.year + 1)
    # Without it names are in the language of the machine.
    language = holidays.country_holidays(country).default_language
    names = dict(holidays.country_holidays(country, years=years, language=language))
    festivals: set[datetime.date] = set()
    if country in SPRING_FESTIVAL_COUNTRIES:
        chinese = holidays.country_holidays("CN", years=years, language="zh_CN")
        for year in years:
            dates = [
                date
                for date, name in chinese.items()
                if date.year == year and name.split("; ")[0] == SPRING_FESTIVAL
            ]
            festivals |= {min(dates)} if dates else set()
    return [
        {
            "date": date,
            "holiday": names.get(date, SPRING_FESTIVAL),
            "is_spring_festival": date in festivals,
        }
        for date in sorted({*names, *festivals})
    ]
