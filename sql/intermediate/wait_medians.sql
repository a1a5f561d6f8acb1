/*---
description: >
  Days after which half of a window's occasions have been followed by another of the same member,
  by the Kaplan-Meier estimate: at each number of days the share that is not yet followed falls by
  the followed ones over those still watched, and who is no longer watched leaves without a fall.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the number is about, for example all or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  occasion_count: Occasions in the window.
  median_wait: >
    Smallest number of days at which no more than half are estimated to wait still; empty where
    more do to the end.
checks:
  - not_null: [scope_type, scope, window_type, window_start, occasion_count]
---*/
with

members_of_windows as (
    select distinct
        windows.reach,
        windows.window_key,
        cells.cell_on
    from intermediate.reach_windows as windows
    inner join intermediate.interval_cells as cells
        on
            windows.reach = cells.reach
            and cells.business_date between windows.window_start and windows.window_end
    where windows.reach <= 2
),

histograms as (
    select
        waits.scope_key,
        cells.window_key,
        waits.wait_days,
        sum(waits.occasion_count) as occasion_count,
        sum(waits.followed_count) as followed_count
    from intermediate.wait_counts as waits
    inner join intermediate.scope_reaches as scopes on waits.scope_key = scopes.scope_key
    inner join members_of_windows as cells
        on scopes.reach = cells.reach and waits.cell_on = cells.cell_on
    group by waits.scope_key, cells.window_key, waits.wait_days
),

at_risk as (
    select
        scope_key,
        window_key,
        wait_days,
        followed_count,
        sum(occasion_count) over (
            partition by scope_key, window_key order by wait_days desc
            rows between unbounded preceding and current row
        ) as risk_count,
        sum(occasion_count) over (partition by scope_key, window_key) as total_count
    from histograms
),

-- The logarithm of the share, as a sum of decimals so that the order of rows does not matter.
-- Where all that are left are followed at once the share is 0, and its logarithm has no end.
survival as (
    select
        scope_key,
        window_key,
        wait_days,
        total_count,
        sum(
            case
                when followed_count = risk_count then -1000000
                else
                    cast(
                        ln(1 - cast(followed_count as double) / cast(risk_count as double))
                        as decimal(24, 15)
                    )
            end
        ) over (
            partition by scope_key, window_key order by wait_days
            rows between unbounded preceding and current row
        ) as log_share
    from at_risk
),

-- A share of exactly one half counts; roundings stay far below the margin, other shares above it.
medians as (
    select
        scope_key,
        window_key,
        max(total_count) as occasion_count,
        min(case when log_share <= ln(0.5) + 0.000000000001 then wait_days end) as median_wait
    from survival
    group by scope_key, window_key
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    cast(coalesce(medians.occasion_count, 0) as bigint) as occasion_count,
    medians.median_wait
from intermediate.scope_reaches as scopes
inner join intermediate.reach_windows as windows on scopes.reach = windows.reach
left join medians
    on scopes.scope_key = medians.scope_key and windows.window_key = medians.window_key
where scopes.reach <= 2
