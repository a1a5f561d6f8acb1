/*---
description: >
  Members of each scope by their recency at the end of each date. Somebody enters a state a number
  of days after an occasion and leaves it with the next occasion or after more days, so that states
  are running sums of those who enter and leave.
grain: [scope_key, business_date]
columns:
  scope_key: The scope, of all or of a brand.
  business_date: The date at whose end recency is taken.
  active_count: Members who are not lost, with an occasion in the last four cycles.
  dormant_count: Of them, those without one in the last two.
  reachable_count: Members lost for no more than 365 days, or not lost.
checks:
  - not_null: [scope_key, business_date, active_count, dormant_count, reachable_count]
  - holds: 0 <= dormant_count and dormant_count <= active_count and active_count <= reachable_count
---*/
with

stays as (
    select
        dates.scope_key,
        dates.business_date as active_from,
        dates.business_date + cycles.dormant_after_days + 1 as dormant_from,
        dates.business_date + cycles.lost_after_days + 1 as lost_from,
        dates.business_date + cycles.lost_after_days + 366 as gone_from,
        dates.next_on,
        dates.member_count
    from intermediate.repeat_dates as dates
    inner join intermediate.scope_cycles as cycles on dates.scope_key = cycles.scope_key
),

moves as (
    select
        scope_key,
        active_from as business_date,
        member_count as active_count,
        0 as dormant_count,
        member_count as reachable_count
    from stays
    union all
    select
        scope_key,
        dormant_from as business_date,
        0 as active_count,
        member_count as dormant_count,
        0 as reachable_count
    from stays
    where next_on is null or next_on > dormant_from
    union all
    select
        scope_key,
        least(lost_from, coalesce(next_on, lost_from)) as business_date,
        -member_count as active_count,
        case
            when next_on is null or next_on > dormant_from then -member_count else 0
        end as dormant_count,
        0 as reachable_count
    from stays
    union all
    select
        scope_key,
        least(gone_from, coalesce(next_on, gone_from)) as business_date,
        0 as active_count,
        0 as dormant_count,
        -member_count as reachable_count
    from stays
    union all
    select
        cycles.scope_key,
        calendar.date as business_date,
        0 as active_count,
        0 as dormant_count,
        0 as reachable_count
    from raw.calendar as calendar
    cross join intermediate.scope_cycles as cycles
),

daily as (
    select
        scope_key,
        business_date,
        sum(active_count) as active_count,
        sum(dormant_count) as dormant_count,
        sum(reachable_count) as reachable_count
    from moves
    group by scope_key, business_date
),

running as (
    select
        scope_key,
        business_date,
        sum(active_count) over (
            partition by scope_key order by business_date
            rows between unbounded preceding and current row
        ) as active_count,
        sum(dormant_count) over (
            partition by scope_key order by business_date
            rows between unbounded preceding and current row
        ) as dormant_count,
        sum(reachable_count) over (
            partition by scope_key order by business_date
            rows between unbounded preceding and current row
        ) as reachable_count
    from daily
)

select
    running.scope_key,
    running.business_date,
    cast(running.active_count as bigint) as active_count,
    cast(running.dormant_count as bigint) as dormant_count,
    cast(running.reachable_count as bigint) as reachable_count
from running
inner join raw.calendar as calendar on running.business_date = calendar.date
