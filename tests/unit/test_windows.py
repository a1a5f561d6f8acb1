"""That windows are those of the calendar, checked day by day."""

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.raw import RAW_TABLES
from pipelines.windows import TRAILING_DAYS, list_dates, list_windows

DAY = datetime.timedelta(days=1)
DATES = st.dates(datetime.date(1999, 12, 1), datetime.date(2040, 3, 1))
SPANS = st.integers(0, 1_200)
generated = settings(derandomize=True, deadline=None, max_examples=100)


def make_windows(
    first: datetime.date, days: int, history_is_complete: bool = False
) -> list[dict[str, Any]]:
    return list_windows(first, first + days * DAY, history_is_complete)


def walk(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def month_of(date: datetime.date) -> tuple[int, int]:
    return date.year, date.month


def quarter_of(date: datetime.date) -> tuple[int, int]:
    return date.year, (date.month + 2) // 3


def half_of(date: datetime.date) -> tuple[int, int]:
    return date.year, (date.month + 5) // 6


def year_of(date: datetime.date) -> tuple[int, int]:
    return date.year, 1


def week_of(date: datetime.date) -> tuple[int, int]:
    return date.isocalendar()[:2]


def date_of(date: datetime.date) -> tuple[int, int]:
    return date.year, date.timetuple().tm_yday


PERIODS = {"month": month_of, "quarter": quarter_of, "half": half_of, "year": year_of}
ALL_PERIODS = {"day": date_of, "week": week_of, **PERIODS}


@generated
@given(DATES, SPANS)
def test_calendar_has_each_date_once(first: datetime.date, days: int) -> None:
    assert [row["date"] for row in list_dates(first, first + days * DAY)] == walk(
        first, first + days * DAY
    )


@generated
@given(DATES, SPANS)
def test_periods_hold_each_date_of_the_data_once(first: datetime.date, days: int) -> None:
    rows = make_windows(first, days)
    for kind, period_of in ALL_PERIODS.items():
        periods = [row for row in rows if row["window_type"] == kind]
        dates = [date for row in periods for date in walk(row["window_start"], row["window_end"])]
        assert dates == walk(dates[0], dates[-1])
        assert {period_of(date) for date in walk(first, first + days * DAY)} == {
            period_of(row["window_start"]) for row in periods
        }
        assert len({period_of(date) for date in dates}) == len(periods)
        assert period_of(dates[0] - DAY) != period_of(dates[0])
        assert period_of(dates[-1] + DAY) != period_of(dates[-1])


@generated
@given(DATES, SPANS)
def test_periods_know_their_neighbours(first: datetime.date, days: int) -> None:
    for row in make_windows(first, days):
        if row["window_type"] not in ALL_PERIODS:
            continue
        period_of = ALL_PERIODS[row["window_type"]]
        start, end = row["window_start"], row["window_end"]
        before, after = period_of(start - DAY), period_of(end + DAY)
        assert row["previous_end"] == start - DAY
        assert period_of(row["previous_start"]) == before
        assert period_of(row["previous_start"] - DAY) != before
        assert period_of(row["next_end"]) == after != period_of(row["next_end"] + DAY)
        if row["window_type"] in PERIODS:
            assert row["last_year_start"] == start.replace(year=start.year - 1)
        else:
            assert (start - row["last_year_start"]).days == 364
        assert row["window_days"] is row["anchor_month"] is None


@generated
@given(DATES, SPANS)
def test_trailing_windows_end_at_month_ends_and_at_the_as_of_date(
    first: datetime.date, days: int
) -> None:
    as_of = first + days * DAY
    dates = walk(first, as_of)
    ends = [date for date in dates if (date + DAY).day == 1 or date == as_of]
    rows = make_windows(first, days)
    for length in TRAILING_DAYS:
        trailing = [row for row in rows if row["window_days"] == length]
        assert [row["window_end"] for row in trailing] == ends
        for row in trailing:
            start, end = row["window_start"], row["window_end"]
            assert len(walk(start, end)) == length
            assert row["window_type"] == f"trailing_{length}d"
            assert row["previous_end"] == end.replace(day=1) - DAY
            assert len(walk(row["previous_start"], row["previous_end"])) == length
            assert len(walk(end + DAY, row["next_end"])) == length
            year_ago = row["last_year_start"] + (length - 1) * DAY
            assert (year_ago + DAY).day == 1
            assert month_of(year_ago) == (end.year - 1, end.month)
            assert divmod(row["anchor_month"] - 1, 12) == (end.year, end.month - 1)


@generated
@given(DATES, SPANS, st.booleans())
def test_flags_and_positions(first: datetime.date, days: int, complete: bool) -> None:
    as_of = first + days * DAY
    rows = make_windows(first, days, complete)
    positions: dict[str, list[int]] = {}
    for row in rows:
        assert row["is_for_scopes"] == (row["window_type"] not in ("day", "week"))
        assert row["is_complete"] == (row["window_end"] <= as_of)
        assert row["is_censored"] == (row["window_start"] < first and not complete)
        positions.setdefault(row["window_type"], []).append(row["position"])
    for found in positions.values():
        assert found == list(range(1, len(found) + 1))
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert set(rows[0]) == set(RAW_TABLES["raw.windows"].schema.names)


@pytest.mark.parametrize(
    ("as_of", "start"),
    [(datetime.date(2024, 2, 29), "2024-01-31"), (datetime.date(2024, 3, 1), "2024-02-01")],
)
def test_thirty_days_over_the_leap_day(as_of: datetime.date, start: str) -> None:
    rows = list_windows(datetime.date(2024, 1, 1), as_of, False)
    last = [row for row in rows if row["window_days"] == 30][-1]
    assert str(last["window_start"]) == start
