/*---
description: >
  The paid orders of which lines, coupons or refunds tell, with what these must know of them. What
  is told of a part of a purchase is told of the order that stands for all of it.
grain: [order_key]
columns:
  order_key: The order of which something is told.
  sale_key: The order that counts; of a part, the one that stands for the purchase.
  member_key: Canonical member; empty for a guest.
  place_key: Where it was sold.
  business_date: Local date of payment.
  is_valid: Counts as a purchase; else it was refunded in full.
checks:
  - not_null: [order_key, sale_key, place_key, business_date, is_valid]
  - unique: [order_key]
---*/
with

told as (
    select
        order_key,
        member_key,
        place_key,
        business_date,
        is_valid,
        coalesce(invalid_reason = 'parcel', false) as is_part
    from staging.orders
    where
        order_key is not null
        and (is_valid or invalid_reason = 'refunded' or invalid_reason = 'parcel')
),

purchases as (
    select
        order_key,
        purchase_key
    from staging.special_orders
    where purchase_key is not null and order_key is not null
),

wholes as (
    select
        purchases.purchase_key,
        told.order_key,
        told.member_key,
        told.place_key,
        told.business_date
    from told
    inner join purchases on told.order_key = purchases.order_key
    where told.is_valid
),

parts as (
    select
        purchases.order_key,
        wholes.order_key as sale_key,
        wholes.member_key,
        wholes.place_key,
        wholes.business_date
    from purchases
    inner join wholes on purchases.purchase_key = wholes.purchase_key
)

select
    told.order_key,
    coalesce(parts.sale_key, told.order_key) as sale_key,
    case when parts.sale_key is null then told.member_key else parts.member_key end as member_key,
    coalesce(parts.place_key, told.place_key) as place_key,
    coalesce(parts.business_date, told.business_date) as business_date,
    told.is_valid or told.is_part as is_valid
from told
left join parts on told.order_key = parts.order_key and told.is_part
