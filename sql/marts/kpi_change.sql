/*---
description:
  en: >
    How each metric changed against the period before and the same period last year, where both
    values exist. Periods are complete, and the earlier one is counted as it was known equally long
    after its end, so that the newer is not flattered by refunds still to come; a period under way
    is compared with as many dates of the earlier one, in metrics that add up over orders.
  zh: >
    各指标与上期及去年同期相比的变化；比较完整的窗口，且较早窗口按其结束后相同天数时所知的退款计算，以免较新窗口因退款未到而虚高；
    进行中的窗口仅对可按订单累加的指标，与较早窗口的相同天数比较。
grain: [metric, scope_type, scope, window_type, window_start, comparison]
columns:
  metric: Code of the metric.
  scope_type: What the number is about.
  scope: Which one of them.
  window_type: Kind of window.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  comparison: >
    previous_period or same_period_last_year; trailing windows step by month ends. With _to_date
    where the window is under way.
  value: The number of the window; of one under way, up to the as-of date.
  compared_window_start: First business date of the window it is compared with.
  compared_value: The number of that window, at equal lag where is_equal_lag says so.
  change_amount: Value minus compared value, in the metric's unit.
  change_rate: Change as a share of the compared value; empty where that is 0.
  lag_days: Days from the end of the window, or the as-of date, until which refunds are known.
  is_equal_lag: >
    The compared value is the one that was known as many days after its end; else it is the one
    known now, as for metrics that count members where refunds have come since.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [metric, scope_type, scope, window_type, window_start, comparison, value]
  - not_null: [lag_days, is_equal_lag]
  - unique: [metric, scope_type, scope, window_type, window_start, comparison]
---*/
with

parameters as (
    select * from raw.parameters
),

refunds as (
    select max(refunded_on) as last_refunded_on
    from intermediate.refunds_of_orders
),

known as (
    select
        kpi.metric,
        kpi.scope_type,
        kpi.scope,
        kpi.window_type,
        kpi.window_start,
        kpi.window_end,
        kpi.numerator,
        kpi.denominator,
        kpi.value,
        kpi.is_complete,
        kpi.as_of_date
    from marts.kpi as kpi
    where not kpi.is_censored and kpi.value is not null
),

pairs as (
    select
        known.*,
        windows.comparison,
        windows.compared_start,
        windows.known_until,
        windows.lag_days
    from known
    inner join intermediate.window_pairs as windows
        on
            known.window_type = windows.window_type
            and known.window_start = windows.window_start
),

compared as (
    select
        pairs.metric,
        pairs.scope_type,
        pairs.scope,
        pairs.window_type,
        pairs.window_start,
        pairs.window_end,
        pairs.comparison,
        pairs.value,
        pairs.denominator is not null as has_denominator,
        pairs.compared_start as compared_window_start,
        pairs.lag_days,
        pairs.as_of_date,
        coalesce(earlier.numerator, 0) + coalesce(facts.numerator, 0) as numerator,
        coalesce(earlier.denominator, 0) + coalesce(facts.denominator, 0) as denominator,
        facts.metric is not null as is_adjusted,
        earlier.value as known_value,
        metrics.numerator_of is not null as is_sum,
        not parameters.nets_refunds
        or coalesce(refunds.last_refunded_on <= pairs.known_until, true)
        or coalesce(metrics.is_without_orders, false) as is_unchanged
    from pairs
    left join known as earlier
        on
            pairs.is_complete
            and pairs.metric = earlier.metric
            and pairs.scope_type = earlier.scope_type
            and pairs.scope = earlier.scope
            and pairs.window_type = earlier.window_type
            and pairs.compared_start = earlier.window_start
    left join intermediate.compared_facts as facts
        on
            pairs.metric = facts.metric
            and pairs.scope_type = facts.scope_type
            and pairs.scope = facts.scope
            and pairs.window_type = facts.window_type
            and pairs.window_start = facts.window_start
            and pairs.comparison = facts.comparison
    left join intermediate.metric_sums as metrics on pairs.metric = metrics.metric
    cross join parameters
    cross join refunds
    where earlier.metric is not null or (not pairs.is_complete and facts.metric is not null)
),

valued as (
    select
        compared.*,
        case
            when not compared.is_adjusted then compared.known_value
            when not compared.has_denominator then cast(compared.numerator as double)
            when compared.denominator > 0
                then cast(compared.numerator as double) / cast(compared.denominator as double)
        end as compared_value
    from compared
)

select
    metric,
    scope_type,
    scope,
    window_type,
    window_start,
    window_end,
    comparison,
    value,
    compared_window_start,
    compared_value,
    value - compared_value as change_amount,
    case when compared_value <> 0 then value / compared_value - 1 end as change_rate,
    lag_days,
    is_sum or is_unchanged as is_equal_lag,
    as_of_date
from valued
where compared_value is not null
