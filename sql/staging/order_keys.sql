/*---
description: >
  A key for each order that a table of its own tells of: lines, coupons or refunds. Those tables
  find their orders by it, so that orders need no text. Empty where there are no such files.
grain: [order_id]
columns:
  order_id: The shop's order number.
  order_key: The order, an integer that lives only inside one run.
checks:
  - not_null: [order_id, order_key]
  - unique: [order_id]
---*/
with

told as (
    select order_id from raw.order_lines
    union
    select order_id from raw.coupons
    where order_id is not null
    union
    select order_id from staging.refunds
)

select
    order_id,
    cast(row_number() over (order by order_id) as integer) as order_key
from told
