/*---
description: >
  Coupons issued in each window, and those of them that were redeemed by the as-of date. Where the
  file does not say when a coupon was redeemed, the date of its order tells; an order that was not
  paid redeems nothing.
grain: [window_type, window_start]
columns:
  window_type: Kind of window.
  window_start: First business date of the window.
  issued_count: Coupons issued within the window.
  redeemed_count: Those of them that were redeemed by the as-of date.
checks:
  - not_null: [window_type, window_start, issued_count, redeemed_count]
  - unique: [window_type, window_start]
  - holds: redeemed_count <= issued_count
---*/
with

issued as (
    select
        coupons.coupon_id,
        coupons.issued_on,
        min(coalesce(coupons.redeemed_on, told.business_date)) as redeemed_on
    from staging.coupons as coupons
    left join intermediate.told_orders as told on coupons.order_key = told.order_key
    where coupons.issued_on is not null
    group by coupons.coupon_id, coupons.issued_on
),

days as (
    select
        issued.issued_on,
        count(*) as issued_count,
        count(case when issued.redeemed_on <= parameters.as_of_date then 1 end) as redeemed_count
    from issued
    cross join raw.parameters as parameters
    where issued.issued_on <= parameters.as_of_date
    group by issued.issued_on
)

select
    windows.window_type,
    windows.window_start,
    cast(coalesce(sum(days.issued_count), 0) as bigint) as issued_count,
    cast(coalesce(sum(days.redeemed_count), 0) as bigint) as redeemed_count
from raw.windows as windows
left join days on days.issued_on between windows.window_start and windows.window_end
group by windows.window_type, windows.window_start
