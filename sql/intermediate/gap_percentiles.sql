/*---
description: >
  Percentiles of the gaps between consecutive occasions that end in a window, with linear
  interpolation between the two gaps on either side of the place (n - 1) p + 1 (Hyndman and Fan
  1996, type 7), as R and NumPy have it.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  gap_count: Gaps that end in the window.
  median_gap: Their median in days; empty without gaps.
  gap_p80: Their 80th percentile in days.
  gap_p90: Their 90th percentile in days.
checks:
  - not_null: [scope_type, scope, window_type, window_start, gap_count]
  - holds: 1 <= median_gap and median_gap <= gap_p80 and gap_p80 <= gap_p90
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
),

histograms as (
    select
        gaps.scope_key,
        cells.window_key,
        gaps.gap_days,
        cast(sum(gaps.gap_count) as bigint) as gap_count
    from intermediate.gap_counts as gaps
    inner join intermediate.scope_reaches as scopes on gaps.scope_key = scopes.scope_key
    inner join members_of_windows as cells
        on scopes.reach = cells.reach and gaps.cell_on = cells.cell_on
    group by gaps.scope_key, cells.window_key, gaps.gap_days
),

ranked as (
    select
        scope_key,
        window_key,
        gap_days,
        sum(gap_count) over (
            partition by scope_key, window_key order by gap_days
            rows between unbounded preceding and current row
        ) as running_count,
        sum(gap_count) over (partition by scope_key, window_key) as total_count
    from histograms
),

-- Tenths of a place, so that no fraction is lost: it lies (n - 1) p places after the first gap.
placed as (
    select
        scope_key,
        window_key,
        gap_days,
        10 * running_count as running_tenths,
        total_count,
        5 * (total_count - 1) as median_tenths,
        8 * (total_count - 1) as p80_tenths,
        9 * (total_count - 1) as p90_tenths
    from ranked
),

neighbours as (
    select
        scope_key,
        window_key,
        max(total_count) as total_count,
        min(case when running_tenths > median_tenths then gap_days end) as median_low,
        min(case when running_tenths >= median_tenths + 10 then gap_days end) as median_high,
        min(case when running_tenths > p80_tenths then gap_days end) as p80_low,
        min(case when running_tenths >= p80_tenths + 10 then gap_days end) as p80_high,
        min(case when running_tenths > p90_tenths then gap_days end) as p90_low,
        min(case when running_tenths >= p90_tenths + 10 then gap_days end) as p90_high
    from placed
    group by scope_key, window_key
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    cast(coalesce(neighbours.total_count, 0) as bigint) as gap_count,
    cast(
        neighbours.median_low
        + (neighbours.median_high - neighbours.median_low)
        * (5 * (neighbours.total_count - 1) % 10) * 0.1 as decimal(12, 2)
    ) as median_gap,
    cast(
        neighbours.p80_low
        + (neighbours.p80_high - neighbours.p80_low)
        * (8 * (neighbours.total_count - 1) % 10) * 0.1 as decimal(12, 2)
    ) as gap_p80,
    cast(
        neighbours.p90_low
        + (neighbours.p90_high - neighbours.p90_low)
        * (9 * (neighbours.total_count - 1) % 10) * 0.1 as decimal(12, 2)
    ) as gap_p90
from intermediate.scope_reaches as scopes
inner join intermediate.reach_windows as windows on scopes.reach = windows.reach
left join neighbours
    on scopes.scope_key = neighbours.scope_key and windows.window_key = neighbours.window_key
