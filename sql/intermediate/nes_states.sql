/*---
description: >
  Members of each scope by their state at the end of each month: how long ago they bought, measured
  in their own purchase cycle, which is their own mean gap drawn towards the cycle in use as if two
  gaps of that length had been seen beside their own.
grain: [scope_type, scope, window_start]
columns:
  scope_type: all or brand.
  scope: Which one of them; "all" for the whole data set.
  window_start: First date of the month.
  null_reason: Why nothing is known; immature until the month has ended.
  new_count: One purchase, no longer ago than a cycle.
  once_count: One purchase, longer ago than a cycle.
  active_count: Two purchases or more, the latest no longer ago than a cycle.
  sleepy_count: No longer ago than two cycles.
  half_asleep_count: No longer ago than three cycles.
  asleep_count: Longer ago.
  member_count: Members who bought by the end of the month.
checks:
  - not_null: [scope_type, scope, window_start]
  - holds: >
      new_count + once_count + active_count + sleepy_count + half_asleep_count + asleep_count
      = member_count
---*/
with

parameters as (
    select * from raw.parameters
),

-- An occasion is a member's latest at the month ends from its own month until that of the next.
latest as (
    select
        occasions.scope_key,
        occasions.business_date,
        occasions.next_on,
        occasions.previous_on is null
        and not (parameters.counts_orders and occasions.order_count >= 2) as is_once,
        round(
            100 * (
                date_diff('day', occasions.first_on, occasions.business_date)
                + 2 * cast(cycles.cycle as double)
            )
        ) as known_days,
        100 * (occasions.occasion_number + 1) as known_gaps
    from intermediate.occasions as occasions
    inner join intermediate.scope_cycles as cycles on occasions.scope_key = cycles.scope_key
    cross join parameters
    where
        occasions.next_on is null
        or date_trunc('month', occasions.next_on) > date_trunc('month', occasions.business_date)
),

thresholds as (
    select
        scope_key,
        is_once,
        date_trunc('month', business_date) as from_month,
        date_trunc('month', next_on) as next_month,
        business_date + cast(floor(known_days / known_gaps) as integer) + 1 as beyond_one_on,
        business_date + cast(floor(2 * known_days / known_gaps) as integer) + 1 as beyond_two_on,
        business_date + cast(floor(3 * known_days / known_gaps) as integer) + 1 as beyond_three_on
    from latest
),

tallied as (
    select
        scope_key,
        is_once,
        from_month,
        next_month,
        date_trunc('month', beyond_one_on) as beyond_one_month,
        date_trunc('month', beyond_two_on) as beyond_two_month,
        date_trunc('month', beyond_three_on) as beyond_three_month,
        count(*) as member_count
    from thresholds
    group by
        scope_key,
        is_once,
        from_month,
        next_month,
        date_trunc('month', beyond_one_on),
        date_trunc('month', beyond_two_on),
        date_trunc('month', beyond_three_on)
),

months as (
    select
        window_start,
        is_complete
    from raw.windows
    where window_type = 'month'
),

judged as (
    select
        tallied.scope_key,
        months.window_start,
        tallied.member_count,
        case
            when tallied.is_once and months.window_start < tallied.beyond_one_month then 'new'
            when tallied.is_once then 'once'
            when months.window_start < tallied.beyond_one_month then 'active'
            when months.window_start < tallied.beyond_two_month then 'sleepy'
            when months.window_start < tallied.beyond_three_month then 'half_asleep'
            else 'asleep'
        end as state
    from tallied
    inner join months
        on
            tallied.from_month <= months.window_start
            and (tallied.next_month is null or tallied.next_month > months.window_start)
    where months.is_complete
),

counted as (
    select
        scope_key,
        window_start,
        sum(case when state = 'new' then member_count else 0 end) as new_count,
        sum(case when state = 'once' then member_count else 0 end) as once_count,
        sum(case when state = 'active' then member_count else 0 end) as active_count,
        sum(case when state = 'sleepy' then member_count else 0 end) as sleepy_count,
        sum(case when state = 'half_asleep' then member_count else 0 end) as half_asleep_count,
        sum(case when state = 'asleep' then member_count else 0 end) as asleep_count,
        sum(member_count) as member_count
    from judged
    group by scope_key, window_start
)

select
    scopes.scope_type,
    scopes.scope,
    months.window_start,
    case when not months.is_complete then 'immature' end as null_reason,
    case
        when months.is_complete then cast(coalesce(counted.new_count, 0) as bigint)
    end as new_count,
    case
        when months.is_complete then cast(coalesce(counted.once_count, 0) as bigint)
    end as once_count,
    case
        when months.is_complete then cast(coalesce(counted.active_count, 0) as bigint)
    end as active_count,
    case
        when months.is_complete then cast(coalesce(counted.sleepy_count, 0) as bigint)
    end as sleepy_count,
    case
        when months.is_complete then cast(coalesce(counted.half_asleep_count, 0) as bigint)
    end as half_asleep_count,
    case
        when months.is_complete then cast(coalesce(counted.asleep_count, 0) as bigint)
    end as asleep_count,
    case
        when months.is_complete then cast(coalesce(counted.member_count, 0) as bigint)
    end as member_count
from intermediate.scopes as scopes
cross join months
left join counted
    on scopes.scope_key = counted.scope_key and months.window_start = counted.window_start
where scopes.scope_type in ('all', 'brand')
