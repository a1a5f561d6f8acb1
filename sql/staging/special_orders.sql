/*---
description: >
  What other rows tell of an order: that it stands in the files more than once, its refunds, the
  purchase that it is a part of, the month it falls into by UTC, and the key by which lines,
  coupons and refunds find it. Orders of which nothing is told have no row.
grain: [order_id]
columns:
  order_id: The shop's order number.
  is_repeated: Stands in the files more than once.
  refunded_amount: Sum of its dated refunds, where there are any.
  purchase_key: Purchase that it is a part of.
  parcel_key: Its place among the parts, for ties of date.
  month_shift: Months by which UTC's month differs from the business month.
  order_key: The order, an integer by which lines, coupons and refunds find it.
checks:
  - not_null: [order_id, is_repeated]
  - unique: [order_id]
---*/
with

told as (
    select
        order_id,
        1 as is_repeated,
        null as refunded_amount,
        null as purchase_key,
        null as parcel_key,
        null as month_shift,
        null as order_key
    from staging.repeated_orders
    where version = 1
    union all
    select
        order_id,
        0 as is_repeated,
        refunded_amount,
        null as purchase_key,
        null as parcel_key,
        null as month_shift,
        null as order_key
    from staging.refunds_by_order
    union all
    select
        order_id,
        0 as is_repeated,
        null as refunded_amount,
        purchase_key,
        parcel_key,
        null as month_shift,
        null as order_key
    from staging.parcels
    union all
    select
        order_id,
        0 as is_repeated,
        null as refunded_amount,
        null as purchase_key,
        null as parcel_key,
        month_shift,
        null as order_key
    from staging.utc_shifts
    union all
    select
        order_id,
        0 as is_repeated,
        null as refunded_amount,
        null as purchase_key,
        null as parcel_key,
        null as month_shift,
        order_key
    from staging.order_keys
)

select
    order_id,
    max(is_repeated) = 1 as is_repeated,
    max(refunded_amount) as refunded_amount,
    max(purchase_key) as purchase_key,
    max(parcel_key) as parcel_key,
    max(month_shift) as month_shift,
    max(order_key) as order_key
from told
group by order_id
