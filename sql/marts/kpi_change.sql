/*---
description:
  en: How each metric changed against the period before and the same period last year, where both
    periods are complete and both values exist.
  zh: 各指标与上期及去年同期相比的变化；仅比较已完整的窗口。
grain: [metric, scope_type, scope, window_type, window_start, comparison]
columns:
  metric: Code of the metric.
  scope_type: What the number is about.
  scope: Which one of them.
  window_type: Kind of window.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  comparison: previous_period or same_period_last_year; trailing windows step by month ends.
  value: The number of the window.
  compared_window_start: First business date of the window it is compared with.
  compared_value: The number of that window.
  change_amount: Value minus compared value, in the metric's unit.
  change_rate: Change as a share of the compared value; empty where that is 0.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [metric, scope_type, scope, window_type, window_start, comparison, value]
  - unique: [metric, scope_type, scope, window_type, window_start, comparison]
---*/
with

complete as (
    select
        kpi.metric,
        kpi.scope_type,
        kpi.scope,
        kpi.window_type,
        kpi.window_start,
        kpi.window_end,
        kpi.value,
        kpi.as_of_date,
        windows.previous_start,
        windows.last_year_start
    from marts.kpi as kpi
    inner join raw.windows as windows
        on
            kpi.window_type = windows.window_type
            and kpi.window_start = windows.window_start
    where kpi.is_complete and not kpi.is_censored and kpi.value is not null
),

pairs as (
    select
        complete.*,
        'previous_period' as comparison,
        complete.previous_start as compared_window_start
    from complete
    union all
    select
        complete.*,
        'same_period_last_year' as comparison,
        complete.last_year_start as compared_window_start
    from complete
)

select
    pairs.metric,
    pairs.scope_type,
    pairs.scope,
    pairs.window_type,
    pairs.window_start,
    pairs.window_end,
    pairs.comparison,
    pairs.value,
    pairs.compared_window_start,
    earlier.value as compared_value,
    pairs.value - earlier.value as change_amount,
    case when earlier.value <> 0 then pairs.value / earlier.value - 1 end as change_rate,
    pairs.as_of_date
from pairs
inner join complete as earlier
    on
        pairs.metric = earlier.metric
        and pairs.scope_type = earlier.scope_type
        and pairs.scope = earlier.scope
        and pairs.window_type = earlier.window_type
        and pairs.compared_window_start = earlier.window_start
