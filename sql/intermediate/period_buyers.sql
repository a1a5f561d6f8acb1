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

months as (
    select
        dates.business_date,
        windows.window_start,
        windows.window_end,
        windows.previous_start,
        windows.next_end
    from intermediate.window_dates as dates
    inner join raw.windows as windows
        on
            dates.window_type = windows.window_type
            and dates.window_start = windows.window_start
    where windows.window_type = 'month'
),

quarters as (
    select
        dates.business_date,
        windows.window_start,
        windows.window_end,
        windows.previous_start,
        windows.next_end
    from intermediate.window_dates as dates
    inner join raw.windows as windows
        on
            dates.window_type = windows.window_type
            and dates.window_start = windows.window_start
    where windows.window_type = 'quarter'
),

calendar as (
    select
        months.business_date,
        months.window_start as month_start,
        months.window_end as month_end,
        months.previous_start as previous_month_start,
        months.next_end as next_month_end,
        quarters.window_start as quarter_start,
        quarters.window_end as quarter_end,
        quarters.previous_start as previous_quarter_start,
        quarters.next_end as next_quarter_end
    from months
    inner join quarters on months.business_date = quarters.business_date
),

days as (
    select
        occasions.scope_key,
        occasions.business_date,
        occasions.previous_on is null as is_new,
        occasions.order_count >= 2 as is_double,
        occasions.next_on is null or occasions.next_on > calendar.month_end as is_last_of_month,
        occasions.previous_on >= calendar.month_start as is_again_in_month,
        occasions.previous_on < calendar.month_start
        and occasions.previous_on >= calendar.previous_month_start as is_kept_from_month,
        occasions.next_on <= calendar.next_month_end as is_back_next_month,
        occasions.next_on is null or occasions.next_on > calendar.quarter_end as is_last_of_quarter,
        occasions.previous_on >= calendar.quarter_start as is_again_in_quarter,
        occasions.previous_on < calendar.quarter_start
        and occasions.previous_on >= calendar.previous_quarter_start as is_kept_from_quarter,
        occasions.next_on <= calendar.next_quarter_end as is_back_next_quarter
    from intermediate.occasions as occasions
    inner join calendar on occasions.business_date = calendar.business_date
),

counted as (
    select
        scope_key,
        business_date,
        count(case when is_new then 1 end) as new_count,
        count(case when is_last_of_month then 1 end) as month_buyers,
        count(case when is_last_of_month and is_again_in_month then 1 end) as month_repeaters,
        count(
            case when is_last_of_month and (is_again_in_month or is_double) then 1 end
        ) as month_reorderers,
        count(case when is_last_of_month and is_back_next_month then 1 end) as month_returners,
        count(case when is_kept_from_month then 1 end) as month_kept,
        count(case when is_last_of_quarter then 1 end) as quarter_buyers,
        count(case when is_last_of_quarter and is_again_in_quarter then 1 end) as quarter_repeaters,
        count(
            case when is_last_of_quarter and (is_again_in_quarter or is_double) then 1 end
        ) as quarter_reorderers,
        count(
            case when is_last_of_quarter and is_back_next_quarter then 1 end
        ) as quarter_returners,
        count(case when is_kept_from_quarter then 1 end) as quarter_kept
    from days
    group by scope_key, business_date
)

select
    counted.scope_key,
    'month' as window_type,
    calendar.month_start as window_start,
    cast(sum(counted.month_buyers) as bigint) as buyer_count,
    cast(sum(counted.month_repeaters) as bigint) as two_occasion_count,
    cast(sum(counted.month_reorderers) as bigint) as two_order_count,
    cast(sum(counted.month_returners) as bigint) as bought_again_count,
    cast(sum(counted.new_count) as bigint) as new_count,
    cast(sum(counted.month_kept) as bigint) as retained_count
from counted
inner join calendar on counted.business_date = calendar.business_date
group by counted.scope_key, calendar.month_start
union all
select
    counted.scope_key,
    'quarter' as window_type,
    calendar.quarter_start as window_start,
    cast(sum(counted.quarter_buyers) as bigint) as buyer_count,
    cast(sum(counted.quarter_repeaters) as bigint) as two_occasion_count,
    cast(sum(counted.quarter_reorderers) as bigint) as two_order_count,
    cast(sum(counted.quarter_returners) as bigint) as bought_again_count,
    cast(sum(counted.new_count) as bigint) as new_count,
    cast(sum(counted.quarter_kept) as bigint) as retained_count
from counted
inner join calendar on counted.business_date = calendar.business_date
group by counted.scope_key, calendar.quarter_start
