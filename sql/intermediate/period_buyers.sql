/*---
description: >
  Members who bought in each calendar window of each scope, counted by what they did before, within
  and after it. One pass over the occasions: a member's last occasion of a window stands for the
  member.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope.
  window_type: Kind of calendar window, for example month.
  window_start: First business date of the window.
  buyer_count: Members with at least one occasion in the window.
  two_occasion_count: Members with at least two occasions in the window.
  two_order_count: Members with at least two orders in the window.
  bought_again_count: Buyers who also bought in the window after.
  new_count: Buyers whose first occasion ever lies in the window.
  retained_count: Buyers who also bought in the window before.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: two_occasion_count <= two_order_count and two_order_count <= buyer_count
  - holds: new_count + retained_count <= buyer_count and bought_again_count <= buyer_count
---*/
with

calendar as (
    select
        dates.business_date,
        windows.window_type,
        windows.window_start,
        windows.window_end,
        windows.previous_start,
        windows.previous_end,
        windows.next_end
    from intermediate.window_dates as dates
    inner join raw.windows as windows
        on
            dates.window_type = windows.window_type
            and dates.window_start = windows.window_start
    where windows.anchor_month is null
),

days as (
    select
        occasions.scope_key,
        calendar.window_type,
        calendar.window_start,
        occasions.next_on is null or occasions.next_on > calendar.window_end as is_last,
        coalesce(occasions.previous_on >= calendar.window_start, false) as is_repeat,
        occasions.previous_on is null as is_new,
        coalesce(
            occasions.previous_on between calendar.previous_start and calendar.previous_end,
            false
        ) as is_retained,
        occasions.order_count,
        coalesce(occasions.next_on <= calendar.next_end, false) as is_followed
    from intermediate.occasions as occasions
    inner join calendar on occasions.business_date = calendar.business_date
)

select
    scope_key,
    window_type,
    window_start,
    count(case when is_last then 1 end) as buyer_count,
    count(case when is_last and is_repeat then 1 end) as two_occasion_count,
    count(case when is_last and (is_repeat or order_count >= 2) then 1 end) as two_order_count,
    count(case when is_last and is_followed then 1 end) as bought_again_count,
    count(case when is_new then 1 end) as new_count,
    count(case when is_retained then 1 end) as retained_count
from days
group by scope_key, window_type, window_start
