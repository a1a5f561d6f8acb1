/*---
description: >
  Each window with the earlier ones it is compared with, and until when an earlier one is to be
  known for both to be known equally long after their end. A window that is under way is compared
  with as many dates of the earlier one.
grain: [window_type, window_start, comparison]
columns:
  window_type: Kind of window.
  window_start: First business date of the window.
  comparison: >
    previous_period or same_period_last_year; with _to_date where the window is under way.
  compared_start: First business date that it is compared with.
  compared_end: Last business date that it is compared with.
  lag_days: Days from the window's last date, or the as-of date, to the knowledge date.
  known_until: As many days after the last compared date.
  is_to_date: The window is under way.
checks:
  - not_null: [window_type, window_start, comparison, compared_start, compared_end, known_until]
  - unique: [window_type, window_start, comparison]
  - holds: compared_start <= compared_end
---*/
with

parameters as (
    select * from raw.parameters
),

steps as (
    select
        window_type,
        window_start,
        window_end,
        is_complete,
        window_days,
        'previous_period' as comparison,
        previous_start as compared_start
    from raw.windows
    union all
    select
        window_type,
        window_start,
        window_end,
        is_complete,
        window_days,
        'same_period_last_year' as comparison,
        last_year_start as compared_start
    from raw.windows
),

pairs as (
    select
        steps.window_type,
        steps.window_start,
        case
            when steps.is_complete then steps.comparison
            else concat(steps.comparison, '_to_date')
        end as comparison,
        steps.compared_start,
        case
            when steps.is_complete then earlier.window_end
            else least(
                earlier.window_end,
                steps.compared_start
                + cast(datediff('day', steps.window_start, parameters.as_of_date) as integer)
            )
        end as compared_end,
        cast(
            datediff(
                'day',
                least(steps.window_end, parameters.as_of_date),
                parameters.knowledge_date
            ) as integer
        ) as lag_days,
        not steps.is_complete as is_to_date
    from steps
    inner join raw.windows as earlier
        on
            steps.window_type = earlier.window_type
            and steps.compared_start = earlier.window_start
    cross join parameters
    where
        steps.is_complete
        or (steps.window_days is null and not earlier.is_censored)
)

select
    window_type,
    window_start,
    comparison,
    compared_start,
    compared_end,
    lag_days,
    compared_end + lag_days as known_until,
    is_to_date
from pairs
