/*---
description: The windows for which the days between purchases are worked out, by reach of the scope.
grain: [reach, window_type, window_start]
columns:
  reach: 1 for the whole data set, 2 for kinds of few scopes, 3 for kinds of many.
  window_key: The window, an integer that lives only inside one run.
  window_type: Kind of window.
  window_start: First business date of the window.
  window_end: Last business date of the window.
checks:
  - not_null: [reach, window_key, window_type, window_start, window_end]
  - unique: [reach, window_key]
---*/
with

parameters as (
    select * from raw.parameters
),

windows as (
    select
        cast(row_number() over (order by window_type, window_start) as integer) as window_key,
        window_type,
        window_start,
        window_end,
        anchor_month,
        is_for_scopes
    from raw.windows
)

select
    1 as reach,
    window_key,
    window_type,
    window_start,
    window_end
from windows
union all
select
    2 as reach,
    window_key,
    window_type,
    window_start,
    window_end
from windows
where is_for_scopes
union all
select
    3 as reach,
    windows.window_key,
    windows.window_type,
    windows.window_start,
    windows.window_end
from windows
cross join parameters
where
    windows.is_for_scopes
    and (windows.anchor_month is null or windows.window_end = parameters.as_of_date)
