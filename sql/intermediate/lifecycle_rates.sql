/*---
description: >
  What the rates of churn, dormancy and win-back are fractions of, for the whole and each brand.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: all or brand.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  null_reason: Why nothing is known; immature until the window has ended.
  kept_count: Members not lost the day before the window.
  churned_count: Of them, those lost at its end.
  gone_count: Members lost for no more than 365 days the day before the window.
  won_back_count: Of them, those who bought in it.
  dormant_count: Members dormant at the end of the window.
  reachable_count: Members lost for no more than 365 days, or not lost, at its end.
checks:
  - not_null: [scope_type, scope, window_type, window_start]
  - holds: churned_count <= kept_count and won_back_count <= gone_count
  - holds: dormant_count <= reachable_count
---*/
with

windows as (
    select
        window_type,
        window_start,
        window_end,
        window_start - 1 as day_before,
        is_for_scopes,
        case when not is_complete then 'immature' end as null_reason
    from raw.windows
),

scopes as (
    select
        scope_key,
        scope_type,
        scope
    from intermediate.scopes
    where scope_type in ('all', 'brand')
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    windows.null_reason,
    case when windows.null_reason is null then coalesce(before.active_count, 0) end as kept_count,
    case
        when windows.null_reason is null then coalesce(lost.churned_count, 0)
    end as churned_count,
    case
        when windows.null_reason is null
            then coalesce(before.reachable_count - before.active_count, 0)
    end as gone_count,
    case
        when windows.null_reason is null then coalesce(lost.won_back_count, 0)
    end as won_back_count,
    case
        when windows.null_reason is null then coalesce(ends.dormant_count, 0)
    end as dormant_count,
    case
        when windows.null_reason is null then coalesce(ends.reachable_count, 0)
    end as reachable_count
from scopes
inner join windows on scopes.scope_type = 'all' or windows.is_for_scopes
left join intermediate.recency_states as before
    on scopes.scope_key = before.scope_key and windows.day_before = before.business_date
left join intermediate.recency_states as ends
    on scopes.scope_key = ends.scope_key and windows.window_end = ends.business_date
left join intermediate.lost_members as lost
    on
        scopes.scope_key = lost.scope_key
        and windows.window_type = lost.window_type
        and windows.window_start = lost.window_start
