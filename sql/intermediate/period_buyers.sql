/*---
description: >
  Members who bought in each calendar window of each scope, counted by what they did within and
  after it. A member's last occasion of a window stands for the member. One pass over the occasions
  groups the last of each month by how far back the one before lies and by the month of the next:
  quarters, half-years and years are made of months, and the last of a year is the last of a month
  too. Days and weeks, for the whole data set only, come from the gaps before and after each date.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope.
  window_type: Kind of calendar window, for example month.
  window_start: First business date of the window.
  buyer_count: Members with at least one occasion in the window.
  two_occasion_count: Members with at least two occasions in the window.
  two_order_count: Members with at least two orders in the window.
  bought_again_count: Buyers who also bought in the window after.
  retained_count: Buyers who also bought in the window before.
  former_buyer_count: Members who bought in the window before, whether in this one or not.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: two_occasion_count <= two_order_count and two_order_count <= buyer_count
  - holds: retained_count <= buyer_count and bought_again_count <= buyer_count
  - holds: retained_count <= former_buyer_count
---*/
with

windows as (
    select
        window_type,
        window_start,
        window_end,
        next_end,
        position
    from raw.windows
    where anchor_month is null
),

dates as (
    select
        dates.business_date,
        windows.window_type,
        windows.window_start,
        windows.window_end,
        windows.next_end
    from intermediate.window_dates as dates
    inner join windows
        on
            dates.window_type = windows.window_type
            and dates.window_start = windows.window_start
),

calendar as (
    select
        business_date,
        max(case when window_type = 'month' then window_start end) as month_start,
        max(case when window_type = 'quarter' then window_start end) as quarter_start,
        max(case when window_type = 'half' then window_start end) as half_start,
        max(case when window_type = 'year' then window_start end) as year_start
    from dates
    where
        window_type = 'month'
        or window_type = 'quarter'
        or window_type = 'half'
        or window_type = 'year'
    group by business_date
),

-- The months of each kind of window, with the depth up to which an occasion before lies within it.
periods as (
    select distinct
        calendar.month_start,
        dates.window_type,
        dates.window_start,
        dates.window_end,
        dates.next_end,
        case dates.window_type
            when 'month' then 1
            when 'quarter' then 2
            when 'half' then 3
            else 4
        end as depth
    from calendar
    inner join dates on calendar.business_date = dates.business_date
    where dates.window_type <> 'day' and dates.window_type <> 'week'
),

placed as (
    select
        occasions.scope_key,
        calendar.month_start,
        next_calendar.month_start as next_month_start,
        occasions.order_count >= 2 as is_double,
        case
            when occasions.previous_on >= calendar.month_start then 1
            when occasions.previous_on >= calendar.quarter_start then 2
            when occasions.previous_on >= calendar.half_start then 3
            when occasions.previous_on >= calendar.year_start then 4
            else 5
        end as previous_depth
    from intermediate.occasions as occasions
    inner join calendar on occasions.business_date = calendar.business_date
    left join calendar as next_calendar on occasions.next_on = next_calendar.business_date
),

grouped as (
    select
        scope_key,
        month_start,
        next_month_start,
        is_double,
        previous_depth,
        count(*) as member_count
    from placed
    where next_month_start is null or next_month_start > month_start
    group by scope_key, month_start, next_month_start, is_double, previous_depth
),

by_month as (
    select
        grouped.scope_key,
        periods.window_type,
        periods.window_start,
        sum(grouped.member_count) as buyer_count,
        sum(
            case when grouped.previous_depth <= periods.depth then grouped.member_count else 0 end
        ) as two_occasion_count,
        sum(
            case
                when grouped.is_double or grouped.previous_depth <= periods.depth
                    then grouped.member_count
                else 0
            end
        ) as two_order_count,
        sum(
            case
                when grouped.next_month_start <= periods.next_end then grouped.member_count
                else 0
            end
        ) as bought_again_count
    from grouped
    inner join periods on grouped.month_start = periods.month_start
    where grouped.next_month_start is null or grouped.next_month_start > periods.window_end
    group by grouped.scope_key, periods.window_type, periods.window_start
),

-- A gap of more than 13 days reaches over the week after.
gaps as (
    select
        occasions.scope_key,
        occasions.business_date,
        occasions.order_count >= 2 as is_double,
        case
            when occasions.business_date - occasions.previous_on < 14
                then cast(occasions.business_date - occasions.previous_on as integer)
            else 14
        end as days_before,
        case
            when occasions.next_on - occasions.business_date < 14
                then cast(occasions.next_on - occasions.business_date as integer)
            else 14
        end as days_after
    from intermediate.occasions as occasions
    inner join intermediate.scopes as scopes
        on occasions.scope_key = scopes.scope_key and scopes.scope_type = 'all'
),

near as (
    select
        scope_key,
        business_date,
        is_double,
        days_before,
        days_after,
        count(*) as member_count
    from gaps
    group by scope_key, business_date, is_double, days_before, days_after
),

by_date as (
    select
        near.scope_key,
        dates.window_type,
        dates.window_start,
        sum(near.member_count) as buyer_count,
        sum(
            case
                when near.business_date - near.days_before >= dates.window_start
                    then near.member_count
                else 0
            end
        ) as two_occasion_count,
        sum(
            case
                when
                    near.is_double or near.business_date - near.days_before >= dates.window_start
                    then near.member_count
                else 0
            end
        ) as two_order_count,
        sum(
            case
                when
                    near.days_after < 14 and near.business_date + near.days_after <= dates.next_end
                    then near.member_count
                else 0
            end
        ) as bought_again_count
    from near
    inner join dates on near.business_date = dates.business_date
    where
        (dates.window_type = 'day' or dates.window_type = 'week')
        and near.business_date + near.days_after > dates.window_end
    group by near.scope_key, dates.window_type, dates.window_start
),

counted as (
    select * from by_month
    union all
    select * from by_date
),

numbered as (
    select
        counted.scope_key,
        counted.window_type,
        counted.buyer_count,
        counted.two_occasion_count,
        counted.two_order_count,
        counted.bought_again_count,
        windows.position
    from counted
    inner join windows
        on
            counted.window_type = windows.window_type
            and counted.window_start = windows.window_start
),

-- Who bought in one window is a former buyer of the next.
handed_on as (
    select
        scope_key,
        window_type,
        position,
        buyer_count,
        two_occasion_count,
        two_order_count,
        bought_again_count,
        0 as retained_count,
        0 as former_buyer_count
    from numbered
    union all
    select
        scope_key,
        window_type,
        position + 1 as position,
        0 as buyer_count,
        0 as two_occasion_count,
        0 as two_order_count,
        0 as bought_again_count,
        bought_again_count as retained_count,
        buyer_count as former_buyer_count
    from numbered
)

select
    handed_on.scope_key,
    windows.window_type,
    windows.window_start,
    cast(sum(handed_on.buyer_count) as bigint) as buyer_count,
    cast(sum(handed_on.two_occasion_count) as bigint) as two_occasion_count,
    cast(sum(handed_on.two_order_count) as bigint) as two_order_count,
    cast(sum(handed_on.bought_again_count) as bigint) as bought_again_count,
    cast(sum(handed_on.retained_count) as bigint) as retained_count,
    cast(sum(handed_on.former_buyer_count) as bigint) as former_buyer_count
from handed_on
inner join windows
    on
        handed_on.window_type = windows.window_type
        and handed_on.position = windows.position
group by handed_on.scope_key, windows.window_type, windows.window_start
