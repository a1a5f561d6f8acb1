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
)

select
    refunds.order_id,
    cast(sum(
        case when refunds.refunded_on <= parameters.knowledge_date then refunds.amount else 0 end
    ) as decimal(18, 2)) as refunded_amount
from staging.refunds as refunds
cross join parameters
where not refunds.is_conflicting
group by refunds.order_id
