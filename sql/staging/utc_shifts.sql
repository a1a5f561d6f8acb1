/*---
description: >
  The orders whose payment lies in another month by UTC than by the business time zone. Empty where
  the data set has no control totals to reconcile with.
grain: [order_id]
columns:
  order_id: The shop's order number.
  month_shift: 1 where UTC is in the month after, -1 where it is in the month before.
checks:
  - not_null: [order_id]
  - between: {month_shift: [-1, 1]}
---*/
with

shifts as (
    select
        orders.order_id,
        case
            when coalesce(orders.paid_at, orders.created_at) < months.starts_at then -1
            when coalesce(orders.paid_at, orders.created_at) >= months.ends_at then 1
        end as month_shift
    from raw.orders as orders
    inner join raw.utc_months as months
        on cast(date_trunc('month', orders.business_date) as date) = months.month
)

select
    order_id,
    cast(max(month_shift) as tinyint) as month_shift
from shifts
where month_shift is not null
group by order_id
