"""The windows that metrics are published for, as rows of raw.windows and raw.calendar.

Dates only; what is counted in a window stands in the models.
"""

import calendar
import datetime
from collections.abc import Iterator
from typing import Any

TRAILING_DAYS = (30, 90, 180, 365)
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAYS_OF = {"day": 1, "week": 7}
# The same weekdays a year earlier.
YEAR_OF_WEEKS = datetime.timedelta(weeks=52)
ONE_DAY = datetime.timedelta(days=1)


def list_dates(first: datetime.date, last: datetime.date) -> list[dict[str, Any]]:
    """Return the rows of raw.calendar, both ends included."""
    days = (last - first).days + 1
    return [{"date": first + datetime.timedelta(days=day)} for day in range(days)]


def list_windows(
    first: datetime.date, as_of: datetime.date, history_is_complete: bool
) -> list[dict[str, Any]]:
    """Return the rows of raw.windows for data from `first` to `as_of`.

    Calendar windows reach from the one that holds `first` to the one that holds `as_of`; trailing
    windows end at each month end since `first` and at `as_of`.
    """
    rows = [
        *(row for kind in DAYS_OF for row in iterate_weeks(kind, first, as_of)),
        *(row for kind in MONTHS_OF for row in iterate_periods(kind, first, as_of)),
        *(row for days in TRAILING_DAYS for row in iterate_trailing(days, first, as_of)),
    ]
    for row in rows:
        row["is_for_scopes"] = row["window_type"] not in DAYS_OF
        row["is_complete"] = row["window_end"] <= as_of
        row["is_censored"] = row["window_start"] < first and not history_is_complete
    return rows


def iterate_weeks(
    kind: str, first: datetime.date, as_of: datetime.date
) -> Iterator[dict[str, Any]]:
    """Yield the dates, or the weeks from Monday to Sunday, that hold a date from `first` on.

    Each is compared with the same weekdays of 52 weeks ago.
    """
    length = datetime.timedelta(days=DAYS_OF[kind])
    start = first - datetime.timedelta(days=first.weekday() if kind == "week" else 0)
    position = 1
    while start <= as_of:
        yield {
            "window_type": kind,
            "window_start": start,
            "window_end": start + length - ONE_DAY,
            "window_days": None,
            "position": position,
            "anchor_month": None,
            "previous_start": start - length,
            "previous_end": start - ONE_DAY,
            "last_year_start": start - YEAR_OF_WEEKS,
            "next_end": start + 2 * length - ONE_DAY,
        }
        start += length
        position += 1


def iterate_periods(
    kind: str, first: datetime.date, as_of: datetime.date
) -> Iterator[dict[str, Any]]:
    """Yield the months, quarters, half-years or years that hold a date from `first` on."""
    length = MONTHS_OF[kind]
    start = first.replace(month=(first.month - 1) // length * length + 1, day=1)
    position = 1
    while start <= as_of:
        next_start = add_months(start, length)
        yield {
            "window_type": kind,
            "window_start": start,
            "window_end": next_start - ONE_DAY,
            "window_days": None,
            "position": position,
            "anchor_month": None,
            "previous_start": add_months(start, -length),
            "previous_end": start - ONE_DAY,
            "last_year_start": add_months(start, -12),
            "next_end": add_months(start, 2 * length) - ONE_DAY,
        }
        start = next_start
        position += 1


def iterate_trailing(
    days: int, first: datetime.date, as_of: datetime.date
) -> Iterator[dict[str, Any]]:
    """Yield the windows of `days` dates that end at a month end since `first`, or at `as_of`.

    Each is compared with the one that ends at the month end before, and with that of a year ago.
    """
    span = datetime.timedelta(days=days - 1)
    month = first.replace(day=1)
    position = 1
    while month <= as_of:
        end = min(end_month(month), as_of)
        previous_end = month - ONE_DAY
        yield {
            "window_type": f"trailing_{days}d",
            "window_start": end - span,
            "window_end": end,
            "window_days": days,
            "position": position,
            "anchor_month": month.year * 12 + month.month,
            "previous_start": previous_end - span,
            "previous_end": previous_end,
            "last_year_start": end_month(add_months(month, -12)) - span,
            "next_end": end + datetime.timedelta(days=days),
        }
        month = add_months(month, 1)
        position += 1


def add_months(first_of_month: datetime.date, months: int) -> datetime.date:
    """Return the first of the month that lies `months` after another first of a month."""
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return datetime.date(count // 12, count % 12 + 1, 1)


def end_month(date: datetime.date) -> datetime.date:
    """Return the last date of a date's month."""
    return date.replace(day=calendar.monthrange(date.year, date.month)[1])


def list_month_ends(since: datetime.date, until: datetime.date) -> list[datetime.date]:
    """Return the last date of each month from that of `since` to that of `until`."""
    ends, month = [], since.replace(day=1)
    while month <= until:
        ends.append(end_month(month))
        month = add_months(month, 1)
    return ends
