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
with

days as (
    select
        business_date,
        place_key,
        count(*) as order_count,
        sum(paid_amount) as paid_amount,
        count(case when invalid_reason = 'refunded' then 1 end) as refunded_order_count,
        sum(
            case
                when invalid_reason is null or invalid_reason = 'refunded'
                    then paid_amount - net_amount
                else 0
            end
        ) as refunded_amount,
        count(case when invalid_reason = 'excluded' then 1 end) as excluded_order_count,
        count(
            case when invalid_reason <> 'refunded' and invalid_reason <> 'excluded' then 1 end
        ) as uncounted_order_count,
        count(*) - count(member_key) as guest_order_count
    from staging.orders
    where coalesce(invalid_reason <> 'after_as_of', true)
    group by business_date, place_key
)

select
    place_scopes.scope_key,
    days.business_date,
    cast(sum(days.order_count) as bigint) as order_count,
    cast(sum(days.paid_amount) as decimal(18, 2)) as paid_amount,
    cast(sum(days.refunded_order_count) as bigint) as refunded_order_count,
    cast(sum(days.refunded_amount) as decimal(18, 2)) as refunded_amount,
    cast(sum(days.excluded_order_count) as bigint) as excluded_order_count,
    cast(sum(days.uncounted_order_count) as bigint) as uncounted_order_count,
    cast(sum(days.guest_order_count) as bigint) as guest_order_count
from days
inner join intermediate.place_scopes as place_scopes on days.place_key = place_scopes.place_key
group by place_scopes.scope_key, days.business_date
