/*---
description: >
  One row: after how many days the refunds of a date's orders have come, as a rule. That is the
  return window, or where refunds take longer the 95th percentile of the days from payment to
  refund, linear between neighbours and counted up to whole days.
grain: [one row]
columns:
  maturity_days: Days after the end of a window from which its refund rate is published.
  lag_count: Refunds that the percentile rests on.
checks:
  - not_null: [maturity_days, lag_count]
  - holds: maturity_days >= 0
---*/
with

lags as (
    select
        datediff('day', business_date, refunded_on) as lag_days,
        sum(refund_count) as refund_count
    from intermediate.refunds_of_orders
    group by datediff('day', business_date, refunded_on)
),

counted as (
    select
        lag_days,
        sum(refund_count) over (order by lag_days) as upto_count,
        sum(refund_count) over () as lag_count
    from lags
),

-- The percentile lies 0.95 (n - 1) refunds after the first; in twentieths all stays whole.
placed as (
    select
        lag_days,
        upto_count,
        lag_count,
        floor(19 * (lag_count - 1) / 20) as place,
        (19 * (lag_count - 1)) % 20 as twentieths
    from counted
),

neighbours as (
    select
        max(lag_count) as lag_count,
        max(twentieths) as twentieths,
        min(case when upto_count > place then lag_days end) as lower_days,
        min(case when upto_count > place + 1 then lag_days end) as upper_days
    from placed
),

percentile as (
    select
        lag_count,
        (
            (20 - twentieths) * lower_days
            + twentieths * coalesce(upper_days, lower_days)
        ) / 20 as lag_days
    from neighbours
)

select
    cast(
        greatest(parameters.return_window_days, coalesce(ceil(percentile.lag_days), 0)) as integer
    ) as maturity_days,
    cast(coalesce(percentile.lag_count, 0) as bigint) as lag_count
from raw.parameters as parameters
cross join percentile
