/*---
description: >
  What other rows tell of an order: that it stands in the files more than once, its refunds, the
  purchase that it is a part of, and the month it falls into by UTC. Orders of which nothing is
  told have no row.
grain: [order_id]
columns:
  order_id: The shop's order number.
  is_repeated: Stands in the files more than once.
  refunded_amount: Sum of its dated refunds, where there are any.
  purchase_key: Purchase that it is a part of.
  parcel_key: Its place among the parts, for ties of date.
  month_shift: Months by which UTC's month differs from the business month.
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
        null as month_shift
    from staging.repeated_orders
    where version = 1
    union all
    select
        order_id,
        0 as is_repeated,
        refunded_amount,
        null as purchase_key,
        null as parcel_key,
        null as month_shift
    from staging.refunds_by_order
    union all
    select
        order_id,
        0 as is_repeated,
        null as refunded_amount,
        purchase_key,
        parcel_key,
        null as month_shift
    from staging.parcels
    union all
    select
        order_id,
        0 as is_repeated,
        null as refunded_amount,
        null as purchase_key,
        null as parcel_key,
        month_shift
    from staging.utc_shifts
)

select
    order_id,
    max(is_repeated) = 1 as is_repeated,
    max(refunded_amount) as refunded_amount,
    max(purchase_key) as purchase_key,
    max(parcel_key) as parcel_key,
    max(month_shift) as month_shift
from told
group by order_id
