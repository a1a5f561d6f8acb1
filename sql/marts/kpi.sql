/*---
description:
  en: Every metric in every scope and window, with what it was divided from and why it is empty.
  zh: 各指标在各口径、各时间窗口的数值，附分子、分母及为空的原因。
grain: [metric, scope_type, scope, window_type, window_start]
columns:
  metric: Code of the metric; its definition stands in metrics.
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  numerator: What is counted or summed; empty where that is not known yet.
  denominator: What it is divided by; empty for counts and sums.
  value: The number, numerator over denominator where there is one.
  null_reason: Why the value is empty, for example immature or no_denominator.
  is_complete: The window has ended by the as-of date.
  is_small: The denominator is below the data set's limit for small numbers.
  is_censored: >
    The window begins before the loaded history does, or before enough of it to know the past
    where the metric needs that.
  definition_version: Version of the metric's definition.
  as_of_date: Last business date of the snapshot.
  knowledge_date: Refunds that happened until this date are known.
checks:
  - not_null: [metric, scope_type, scope, window_type, window_start, window_end, is_complete]
  - unique: [metric, scope_type, scope, window_type, window_start]
  - holds: (value is null) = (null_reason is not null)
---*/
with

reasoned as (
    select
        metric,
        scope_type,
        scope,
        window_type,
        window_start,
        numerator,
        denominator,
        has_denominator,
        case
            when null_reason is not null then null_reason
            when has_denominator and coalesce(denominator, 0) <= 0 then 'no_denominator'
        end as null_reason
    from kpis.all_values
)

select
    reasoned.metric,
    reasoned.scope_type,
    reasoned.scope,
    reasoned.window_type,
    reasoned.window_start,
    windows.window_end,
    case
        when reasoned.null_reason is null or reasoned.null_reason = 'no_denominator'
            then reasoned.numerator
    end as numerator,
    reasoned.denominator,
    case
        when reasoned.null_reason is not null then null
        when reasoned.has_denominator
            then cast(reasoned.numerator as double) / cast(reasoned.denominator as double)
        else cast(reasoned.numerator as double)
    end as value,
    reasoned.null_reason,
    windows.is_complete,
    coalesce(reasoned.denominator < parameters.small_number, false) as is_small,
    windows.is_censored
    or (metrics.looks_back and reasoned.window_start < parameters.history_known_from)
        as is_censored,
    metrics.version as definition_version,
    parameters.as_of_date,
    parameters.knowledge_date
from reasoned
inner join raw.windows as windows
    on
        reasoned.window_type = windows.window_type
        and reasoned.window_start = windows.window_start
inner join raw.metrics as metrics
    on reasoned.metric = metrics.metric and metrics.missing is null
cross join raw.parameters as parameters
