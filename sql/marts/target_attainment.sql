/*---
description:
  en: >
    Each target of the targets file with what was reached. A target that cannot be compared, because
    its metric, scope or window is not known or has no number, is listed with the reason.
  zh: 目标文件中的每个目标及其达成情况；指标、口径或窗口无法识别、或没有数值的目标也会列出，并说明原因。
grain: [metric, scope_type, scope, window_type, window_start, target]
columns:
  metric: Code of the metric, as the targets file has it.
  scope_type: Kind of scope; all where the file names no scope, store where it names one only.
  scope: Which one of them.
  window_type: Kind of window; month where the file says nothing.
  window_start: First date of the window, as the targets file has it.
  target: The target, in the metric's unit.
  window_end: Last date of the window.
  value: What was reached.
  attainment_rate: Value as a share of the target; empty where that is 0 or below.
  is_complete: The window has ended by the as-of date; till then the rate is that so far.
  null_reason: >
    Why nothing is compared; unknown_metric, unavailable_metric, unknown_window_type, not_started,
    unknown_window, unknown_scope, no_value where the metric has no such scope or window,
    no_positive_target, several_targets, or the metric's own reason.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [metric, scope_type, scope, window_type, window_start, target]
  - unique: [metric, scope_type, scope, window_type, window_start, target]
  - holds: (attainment_rate is null) = (null_reason is not null)
---*/
with

targets as (
    select
        lower(trim(metric)) as metric,
        case
            when scope is null or lower(trim(scope)) = 'all' then 'all'
            else lower(trim(coalesce(scope_type, 'store')))
        end as scope_type,
        case
            when scope is null or lower(trim(scope)) = 'all' then 'all'
            else trim(scope)
        end as scope,
        lower(trim(coalesce(window_type, 'month'))) as window_type,
        window_start,
        target
    from raw.targets
    group by 1, 2, 3, 4, 5, 6
),

counted as (
    select
        targets.*,
        count(*) over (
            partition by
                targets.metric,
                targets.scope_type,
                targets.scope,
                targets.window_type,
                targets.window_start
        ) as target_count
    from targets
),

known_types as (
    select distinct window_type
    from raw.windows
),

compared as (
    select
        counted.metric,
        counted.scope_type,
        counted.scope,
        counted.window_type,
        counted.window_start,
        counted.target,
        windows.window_end,
        kpi.value,
        windows.is_complete,
        parameters.as_of_date,
        case
            when metrics.metric is null then 'unknown_metric'
            when metrics.missing is not null then 'unavailable_metric'
            when known_types.window_type is null then 'unknown_window_type'
            when counted.window_start > parameters.as_of_date then 'not_started'
            when windows.window_start is null then 'unknown_window'
            when kpi.metric is null and scopes.scope is null then 'unknown_scope'
            when kpi.metric is null then 'no_value'
            when kpi.value is null then kpi.null_reason
            when counted.target_count > 1 then 'several_targets'
            when counted.target <= 0 then 'no_positive_target'
        end as null_reason
    from counted
    left join raw.metrics as metrics on counted.metric = metrics.metric
    left join known_types on counted.window_type = known_types.window_type
    left join raw.windows as windows
        on
            counted.window_type = windows.window_type
            and counted.window_start = windows.window_start
    left join intermediate.scopes as scopes
        on
            counted.scope_type = scopes.scope_type
            and counted.scope = scopes.scope
    left join marts.kpi as kpi
        on
            counted.metric = kpi.metric
            and counted.scope_type = kpi.scope_type
            and counted.scope = kpi.scope
            and counted.window_type = kpi.window_type
            and counted.window_start = kpi.window_start
    cross join raw.parameters as parameters
)

select
    metric,
    scope_type,
    scope,
    window_type,
    window_start,
    target,
    window_end,
    value,
    case when null_reason is null then value / cast(target as double) end as attainment_rate,
    is_complete,
    null_reason,
    as_of_date
from compared
