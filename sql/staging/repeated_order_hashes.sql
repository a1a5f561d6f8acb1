/*---
description: >
  Hashes of the order numbers that may stand in the files more than once. Cheap to find; two
  different numbers may share one, so whoever uses it compares the numbers themselves.
grain: [order_hash]
columns:
  order_hash: Hash of an order number.
---*/
select hash(order_id) as order_hash
from raw.orders
group by hash(order_id)
having count(*) > 1
