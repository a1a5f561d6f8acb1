/*---
description: >
  The occasions: one row per member and business date with at least one valid order. Frequency,
  repurchase, intervals, cohorts and lifecycle all derive from it. Guests have no row here.
grain: [member_key, business_date]
columns:
  member_key: Canonical member, an integer that lives only inside one run.
  business_date: Local date of payment, with the shop's own start of day.
  order_count: Valid orders of that date.
  net_amount: Their net amount, in the data set's currency.
  place_key: The place that sold all of them; empty where there were several.
checks:
  - not_null: [member_key, business_date, net_amount]
  - holds: order_count >= 1 and net_amount >= 0
---*/
with

orders as (
    select * from staging.orders
)

select
    member_key,
    business_date,
    cast(count(*) as integer) as order_count,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount,
    case when min(place_key) = max(place_key) then min(place_key) end as place_key
from orders
where is_valid and member_key is not null
group by member_key, business_date
