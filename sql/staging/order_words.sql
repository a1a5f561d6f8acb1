/*---
description: >
  Order rows by file, status and kind, as exported: the one pass over all rows that counts what was
  read, before anything is judged.
grain: [file_number, status, order_kind]
columns:
  file_number: File that holds the rows.
  status: Status as exported.
  order_kind: Kind as exported.
  row_count: Order rows.
  gross_amount: Amount paid on them, in the data set's currency.
checks:
  - not_null: [file_number, gross_amount]
  - holds: row_count >= 1
---*/
select
    file_number,
    status,
    order_kind,
    count(*) as row_count,
    cast(sum(paid_amount) as decimal(18, 2)) as gross_amount
from raw.orders
group by file_number, status, order_kind
