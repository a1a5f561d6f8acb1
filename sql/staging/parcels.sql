/*---
description: >
  The orders that are one purchase together: split parcels, partial deliveries, a deposit and its
  balance. Each names the order it is a part of; that order belongs to them where it is exported
  itself, and a part of a part belongs to the whole. Empty where no order names another.
grain: [order_id]
columns:
  order_id: An order that is a part of a purchase.
  purchase_key: The purchase, an integer that lives only inside one run.
  parcel_key: The order, an integer in the order of the numbers, for ties of date.
checks:
  - not_null: [order_id, purchase_key, parcel_key]
  - unique: [order_id]
---*/
with

winners as (
    select
        order_id,
        parent_order_id
    from staging.repeated_orders
    where version = 1
),

parts as (
    select distinct
        orders.order_id,
        orders.parent_order_id
    from raw.orders as orders
    left join winners on orders.order_id = winners.order_id
    where
        orders.parent_order_id is not null
        and orders.parent_order_id <> orders.order_id
        and (winners.order_id is null or winners.parent_order_id = orders.parent_order_id)
),

wholes as (
    select distinct parts.parent_order_id as order_id
    from parts
    left join parts as deeper on parts.parent_order_id = deeper.order_id
    where deeper.order_id is null
),

purchases as (
    select
        parts.order_id,
        coalesce(wider.parent_order_id, parts.parent_order_id) as purchase_id
    from parts
    left join parts as wider on parts.parent_order_id = wider.order_id
    union all
    select
        order_id,
        order_id as purchase_id
    from wholes
)

select
    order_id,
    cast(dense_rank() over (order by purchase_id) as integer) as purchase_key,
    cast(row_number() over (order by order_id) as integer) as parcel_key
from purchases
