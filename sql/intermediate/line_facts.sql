/*---
description: >
  List prices and costs of what was sold in every scope and window, next to what was paid for it.
  Each scope has each window: where no line tells them there is a 0, not a gap.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the numbers are about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  list_amount: Price before any discount, of lines that tell it and what was paid.
  listed_amount: Paid for these lines, in the data set's currency.
  full_price_amount: Paid for those of them that were sold at list price or above.
  cost_amount: Cost of the goods, of lines that tell it and what was paid.
  costed_amount: Paid for these lines.
checks:
  - not_null: [scope_type, scope, window_type, window_start]
  - unique: [scope_type, scope, window_type, window_start]
---*/
with

days as (
    select
        spots.spot_key,
        line_sales.business_date,
        sum(line_sales.list_amount) as list_amount,
        sum(line_sales.listed_amount) as listed_amount,
        sum(line_sales.full_price_amount) as full_price_amount,
        sum(line_sales.cost_amount) as cost_amount,
        sum(line_sales.costed_amount) as costed_amount
    from intermediate.line_sales as line_sales
    inner join intermediate.spots as spots on line_sales.place_key = spots.place_key
    group by spots.spot_key, line_sales.business_date
),

scope_days as (
    select
        spot_scopes.scope_key,
        days.business_date,
        cast(sum(days.list_amount) as decimal(18, 2)) as list_amount,
        cast(sum(days.listed_amount) as decimal(18, 2)) as listed_amount,
        cast(sum(days.full_price_amount) as decimal(18, 2)) as full_price_amount,
        cast(sum(days.cost_amount) as decimal(18, 2)) as cost_amount,
        cast(sum(days.costed_amount) as decimal(18, 2)) as costed_amount
    from days
    inner join intermediate.spot_scopes as spot_scopes on days.spot_key = spot_scopes.spot_key
    group by spot_scopes.scope_key, days.business_date
),

sums as (
    select
        scope_days.scope_key,
        dates.window_type,
        dates.window_start,
        sum(scope_days.list_amount) as list_amount,
        sum(scope_days.listed_amount) as listed_amount,
        sum(scope_days.full_price_amount) as full_price_amount,
        sum(scope_days.cost_amount) as cost_amount,
        sum(scope_days.costed_amount) as costed_amount
    from scope_days
    inner join intermediate.window_dates as dates on scope_days.business_date = dates.business_date
    group by scope_days.scope_key, dates.window_type, dates.window_start
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    cast(coalesce(sums.list_amount, 0) as decimal(18, 2)) as list_amount,
    cast(coalesce(sums.listed_amount, 0) as decimal(18, 2)) as listed_amount,
    cast(coalesce(sums.full_price_amount, 0) as decimal(18, 2)) as full_price_amount,
    cast(coalesce(sums.cost_amount, 0) as decimal(18, 2)) as cost_amount,
    cast(coalesce(sums.costed_amount, 0) as decimal(18, 2)) as costed_amount
from intermediate.scopes as scopes
inner join raw.windows as windows on scopes.scope_type = 'all' or windows.is_for_scopes
left join sums
    on
        scopes.scope_key = sums.scope_key
        and windows.window_type = sums.window_type
        and windows.window_start = sums.window_start
