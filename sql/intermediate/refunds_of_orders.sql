/*---
description: >
  The dated refunds of paid orders that are known at the knowledge date, those of one order and date
  in one row. Refunds that the orders file tells without a date are not here.
grain: [sale_key, refunded_on]
columns:
  sale_key: The order that was refunded, of a part the one that stands for the purchase.
  place_key: Where it was sold.
  business_date: Local date of payment.
  refunded_on: Business date of the refund.
  previous_on: Date of the order's refund before; empty for the first.
  amount: Refunded, in the data set's currency.
  refund_count: Refunds of that date.
checks:
  - not_null: [sale_key, place_key, business_date, refunded_on, amount]
  - unique: [sale_key, refunded_on]
---*/
with

parameters as (
    select * from raw.parameters
),

known as (
    select
        told.sale_key,
        told.place_key,
        told.business_date,
        refunds.refunded_on,
        cast(sum(refunds.amount) as decimal(18, 2)) as amount,
        count(*) as refund_count
    from staging.refunds as refunds
    inner join staging.special_orders as special on refunds.order_id = special.order_id
    inner join intermediate.told_orders as told on special.order_key = told.order_key
    cross join parameters
    where not refunds.is_conflicting and refunds.refunded_on <= parameters.knowledge_date
    group by told.sale_key, told.place_key, told.business_date, refunds.refunded_on
)

select
    sale_key,
    place_key,
    business_date,
    refunded_on,
    lag(refunded_on) over (partition by sale_key order by refunded_on) as previous_on,
    amount,
    refund_count
from known
