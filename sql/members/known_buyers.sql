/*---
description:
  en: The members who had bought by the end of the window, in the scope, and how long ago.
  zh: 截至窗口结束在该口径购买过的会员，及其距上次购买的天数。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  first_on: First occasion ever.
  last_on: Latest occasion by the end of the window.
  last_before_on: Latest occasion before the window; empty where there is none.
  occasion_count: Occasions by the end of the window.
  recency_days: Days from the latest occasion to the end of the window.
  recency_before_days: Days from the latest occasion before the window to the day before it.
  dormant_after_days: Days beyond which a member of the scope is dormant.
  lost_after_days: Days beyond which a member of the scope is lost.
  own_cycle_days: The member's mean gap, drawn towards the cycle of the scope.
  state: Where the member stands in the own cycle; n, e0, s1, s2, s3 or once.
---*/
with

scopes as (
    select
        scopes.scope_key,
        cycles.cycle,
        cycles.dormant_after_days,
        cycles.lost_after_days,
        asked.window_start,
        asked.window_end
    from intermediate.scopes as scopes
    inner join asked on scopes.scope_type = asked.scope_type and scopes.scope = asked.scope
    inner join intermediate.scope_cycles as cycles on scopes.scope_key = cycles.scope_key
),

known as (
    select
        occasions.member_key,
        min(occasions.business_date) as first_on,
        max(occasions.business_date) as last_on,
        max(
            case
                when occasions.business_date < scopes.window_start then occasions.business_date
            end
        ) as last_before_on,
        count(*) as occasion_count,
        sum(occasions.order_count) as order_count
    from intermediate.occasions as occasions
    inner join scopes
        on
            occasions.scope_key = scopes.scope_key
            and occasions.business_date <= scopes.window_end
    group by occasions.member_key
),

measured as (
    select
        known.*,
        scopes.dormant_after_days,
        scopes.lost_after_days,
        date_diff('day', known.last_on, scopes.window_end) as recency_days,
        date_diff('day', known.last_before_on, scopes.window_start) - 1 as recency_before_days,
        round(
            100 * (
                date_diff('day', known.first_on, known.last_on) + 2 * cast(scopes.cycle as double)
            )
        ) as known_days,
        100 * (known.occasion_count + 1) as known_gaps,
        known.occasion_count = 1
        and not (parameters.counts_orders and known.order_count >= 2) as is_once
    from known
    cross join scopes
    cross join raw.parameters as parameters
)

select
    members.member_id,
    measured.first_on,
    measured.last_on,
    measured.last_before_on,
    measured.occasion_count,
    measured.recency_days,
    measured.recency_before_days,
    measured.dormant_after_days,
    measured.lost_after_days,
    measured.known_days / measured.known_gaps as own_cycle_days,
    case
        when measured.is_once and measured.recency_days * measured.known_gaps <= measured.known_days
            then 'n'
        when measured.is_once then 'once'
        when measured.recency_days * measured.known_gaps <= measured.known_days then 'e0'
        when measured.recency_days * measured.known_gaps <= 2 * measured.known_days then 's1'
        when measured.recency_days * measured.known_gaps <= 3 * measured.known_days then 's2'
        else 's3'
    end as state
from measured
inner join staging.members as members on measured.member_key = members.member_key
