/*---
description: >
  Each period from the week to the year with the period of last year that it is compared with: that
  of the calendar, weeks 364 days ago; and for January to March and the first quarter the dates
  that lie as far from last year's 春节 as the period's dates lie from this year's.
grain: [alignment, window_type, window_start]
columns:
  alignment: date or spring_festival.
  window_type: week, month, quarter, half or year.
  window_start: First business date of the period.
  window_end: Last business date of the period.
  compared_start: First date of the period of last year.
  compared_end: Last date of that period.
  null_reason: >
    Why nothing can be compared; immature until the period has ended, no_last_year where the data
    does not hold all of last year's, no_holiday_calendar where the festival is not known.
checks:
  - not_null: [alignment, window_type, window_start, window_end]
  - unique: [alignment, window_type, window_start]
---*/
with

data as (
    select min(date) as first_date
    from raw.calendar
),

periods as (
    select
        windows.window_type,
        windows.window_start,
        windows.window_end,
        windows.is_complete,
        windows.last_year_start,
        earlier.window_end as last_year_end,
        coalesce(earlier.is_censored, true) as is_uncovered
    from raw.windows as windows
    left join raw.windows as earlier
        on
            windows.window_type = earlier.window_type
            and windows.last_year_start = earlier.window_start
    where windows.anchor_month is null and windows.window_type <> 'day'
),

festivals as (
    select
        extract(year from date) as festival_year,
        min(date) as festival_on
    from raw.holidays
    where is_spring_festival
    group by extract(year from date)
),

shifted as (
    select
        periods.*,
        date_diff('day', former.festival_on, festivals.festival_on) as shift_days
    from periods
    left join festivals on extract(year from periods.window_start) = festivals.festival_year
    left join festivals as former
        on extract(year from periods.window_start) = former.festival_year + 1
    where
        (periods.window_type = 'month' and extract(month from periods.window_start) <= 3)
        or (periods.window_type = 'quarter' and extract(month from periods.window_start) = 1)
),

aligned as (
    select
        'date' as alignment,
        window_type,
        window_start,
        window_end,
        is_complete,
        last_year_start as compared_start,
        last_year_end as compared_end,
        is_uncovered,
        false as is_unknown
    from periods
    union all
    select
        'spring_festival' as alignment,
        shifted.window_type,
        shifted.window_start,
        shifted.window_end,
        shifted.is_complete,
        shifted.window_start - cast(shifted.shift_days as integer) as compared_start,
        shifted.window_end - cast(shifted.shift_days as integer) as compared_end,
        shifted.window_start - cast(shifted.shift_days as integer) < data.first_date
            as is_uncovered,
        shifted.shift_days is null as is_unknown
    from shifted
    cross join data
)

select
    alignment,
    window_type,
    window_start,
    window_end,
    compared_start,
    compared_end,
    case
        when not is_complete then 'immature'
        when is_unknown then 'no_holiday_calendar'
        when is_uncovered then 'no_last_year'
    end as null_reason
from aligned
