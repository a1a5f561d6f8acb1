/*---
description: >
  Refunds of each order that had happened by the knowledge date; 0 where all of them came later, so
  that an undated total of the order cannot stand in for what was not known yet.
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
    sum(
        case when refunds.refunded_on <= parameters.knowledge_date then refunds.amount else 0 end
    ) as refunded_amount
from refunds
cross join parameters
group by refunds.order_id
