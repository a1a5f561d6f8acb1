/*---
description: >
  The coupons, one row for each coupon and each order that it was redeemed in. Rows of one coupon
  tell of it together: its first date of issue, and of each order the first redemption.
grain: [coupon_id, order_id]
columns:
  coupon_id: The shop's coupon number.
  order_id: Order it was redeemed in, where known.
  order_key: That order, an integer that lives only inside one run.
  issued_on: Date of issue.
  redeemed_on: Date of redemption, where the file tells it.
checks:
  - not_null: [coupon_id]
  - unique: [coupon_id, order_id]
---*/
with

issues as (
    select
        coupon_id,
        cast(min(issued_at) as date) as issued_on
    from raw.coupons
    group by coupon_id
),

redemptions as (
    select
        coupon_id,
        order_id,
        cast(min(redeemed_at) as date) as redeemed_on
    from raw.coupons
    group by coupon_id, order_id
)

select
    redemptions.coupon_id,
    redemptions.order_id,
    special.order_key,
    issues.issued_on,
    redemptions.redeemed_on
from redemptions
inner join issues on redemptions.coupon_id = issues.coupon_id
left join staging.special_orders as special on redemptions.order_id = special.order_id
