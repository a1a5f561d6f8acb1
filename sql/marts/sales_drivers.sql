/*---
description:
  en: >
    Why the members' net sales of each month, quarter and year changed against the window before, in
    amounts that add up to the change to the cent.
  zh: 各月、季、年会员净销售额与上期相比变化的原因，各项金额之和精确等于变化额。
grain: [window_type, window_start]
columns:
  window_type: month, quarter or year.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  change_amount: Member net sales less those of the window before, in the data set's currency.
  opened_amount: From stores that sold something in the window and nothing before.
  closed_amount: From stores that sold something before and nothing in the window.
  new_amount: From new buyers of the other stores.
  retained_amount: From the number of buyers of both windows; always 0.
  reactivated_amount: From buyers who had bought earlier, but not in the window before.
  lapsed_amount: From buyers of the window before who did not come back.
  frequency_amount: From orders per buyer.
  order_value_amount: From the average order value.
  null_reason: Why the amounts are empty; immature, no_previous, or zero_factor for all but the
    first three.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [window_type, window_start, window_end]
  - unique: [window_type, window_start]
  - holds: opened_amount + closed_amount + new_amount + retained_amount + reactivated_amount +
      lapsed_amount + frequency_amount + order_value_amount = change_amount
---*/
select
    drivers.window_type,
    drivers.window_start,
    windows.window_end,
    case when drivers.window_reason is null then drivers.change_amount end as change_amount,
    case when drivers.window_reason is null then drivers.opened_amount end as opened_amount,
    case when drivers.window_reason is null then drivers.closed_amount end as closed_amount,
    drivers.new_amount,
    drivers.retained_amount,
    drivers.reactivated_amount,
    drivers.lapsed_amount,
    drivers.frequency_amount,
    drivers.order_value_amount,
    coalesce(drivers.window_reason, drivers.factor_reason) as null_reason,
    parameters.as_of_date
from intermediate.sales_drivers as drivers
inner join raw.windows as windows
    on
        drivers.window_type = windows.window_type
        and drivers.window_start = windows.window_start
cross join raw.parameters as parameters
