/*---
description: Refunds of each order that had happened by the knowledge date.
grain: [order_id]
columns:
  order_id: Order that was refunded.
  refunded_amount: Sum of its refunds, in the data set's currency.
checks:
  - not_null: [order_id, refunded_amount]
---*/
with

parameters as (
    select * from raw.parameters
),

refunds as (
    select distinct
        order_id,
        refund_id,
        refunded_at,
        refunded_on,
        amount
    from raw.refunds
)

select
    refunds.order_id,
    sum(refunds.amount) as refunded_amount
from refunds
cross join parameters
where refunds.refunded_on <= parameters.knowledge_date
group by refunds.order_id
