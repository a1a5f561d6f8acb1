/*---
description: >
  What the files say of the orders of each date, by scope, whether they count or not: the evidence
  by which the next run tells why a number that was published is another now.
grain: [scope_key, business_date]
columns:
  scope_key: The scope.
  business_date: Local date of payment.
  order_count: Orders, duplicates removed.
  paid_amount: Paid for them, in the data set's currency.
  refunded_order_count: Orders that do not count because all of them was refunded.
  refunded_amount: Refunds taken off the orders, in the data set's currency.
  excluded_order_count: Orders of members on the exclusion list.
  uncounted_order_count: Orders that do not count for any other reason.
  guest_order_count: Orders without a member.
checks:
  - not_null: [scope_key, business_date, order_count, paid_amount, refunded_amount]
  - unique: [scope_key, business_date]
  - holds: refunded_order_count + excluded_order_count + uncounted_order_count <= order_count
---*/
select
    spot_scopes.scope_key,
    days.business_date,
    cast(sum(days.seen_count) as bigint) as order_count,
    cast(sum(days.seen_amount) as decimal(18, 2)) as paid_amount,
    cast(
        sum(case when days.kind = 'refunded' then days.seen_count else 0 end) as bigint
    ) as refunded_order_count,
    cast(sum(days.taken_amount) as decimal(18, 2)) as refunded_amount,
    cast(
        sum(case when days.kind = 'excluded' then days.seen_count else 0 end) as bigint
    ) as excluded_order_count,
    cast(
        sum(case when days.kind = 'uncounted' then days.seen_count else 0 end) as bigint
    ) as uncounted_order_count,
    cast(sum(days.guest_count) as bigint) as guest_order_count
from intermediate.order_days as days
inner join intermediate.spot_scopes as spot_scopes on days.spot_key = spot_scopes.spot_key
where days.kind <> 'return' and days.kind <> 'refund'
group by spot_scopes.scope_key, days.business_date
