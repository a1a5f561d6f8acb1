/*---
description: >
  The refunds, identical rows made one. Where rows of one refund number differ, nothing tells which
  is right and none of them counts.
grain: [order_id, refund_id, refunded_at, amount]
columns:
  order_id: Order that was refunded.
  refund_id: The shop's number of the refund, where it has one.
  refunded_on: Business date of the refund.
  amount: Refunded, in the data set's currency.
  is_conflicting: Another row has the same number and says something else.
  file_number: First file that holds the refund.
checks:
  - not_null: [order_id, refunded_on, amount, is_conflicting, file_number]
---*/
with

refunds as (
    select
        order_id,
        refund_id,
        refunded_at,
        refunded_on,
        amount,
        min(file_number) as file_number
    from raw.refunds
    group by order_id, refund_id, refunded_at, refunded_on, amount
),

conflicting as (
    select refund_id
    from refunds
    where refund_id is not null
    group by refund_id
    having count(*) > 1
)

select
    refunds.order_id,
    refunds.refund_id,
    refunds.refunded_on,
    refunds.amount,
    conflicting.refund_id is not null as is_conflicting,
    refunds.file_number
from refunds
left join conflicting on refunds.refund_id = conflicting.refund_id
