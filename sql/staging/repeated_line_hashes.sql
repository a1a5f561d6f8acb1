/*---
description: >
  Hashes of the order numbers whose lines may stand in the files more than once: in several files,
  or under one line number. Cheap to find; two different numbers may share one, so whoever uses it
  compares the numbers themselves.
grain: [order_hash]
columns:
  order_hash: Hash of an order number.
---*/
with

in_several_files as (
    select hash(order_id) as order_hash
    from raw.order_lines
    group by hash(order_id)
    having min(file_number) <> max(file_number)
),

under_one_number as (
    select hash(order_id) as order_hash
    from raw.order_lines
    where line_id is not null
    group by hash(order_id), hash(line_id)
    having count(*) > 1
)

select order_hash from in_several_files
union
select order_hash from under_one_number
