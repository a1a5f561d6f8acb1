/*---
description: >
  Order rows of each file that do not count: because an equal row stands before them or their
  version was superseded, or because nothing tells which of several versions is right. Of equal
  rows the one of the first file is the one that counts, which changes no number but these.
grain: [file_number]
columns:
  file_number: File that holds the rows.
  duplicate_count: Rows that are counted by another row.
  duplicate_amount: Amount paid on them, in the data set's currency.
  conflicting_count: Rows of orders whose versions contradict each other.
  conflicting_amount: Amount paid on them, in the data set's currency.
checks:
  - not_null: [file_number]
  - unique: [file_number]
  - holds: duplicate_count >= 0 and conflicting_count >= 0
---*/
with

versions as (
    select * from staging.repeated_orders
),

tied as (
    select order_id from versions
    where is_tied
),

rows_by_use as (
    select
        file_number,
        row_count as duplicate_count,
        row_count * paid_amount as duplicate_amount,
        0 as conflicting_count,
        0 as conflicting_amount
    from staging.repeated_order_rows
    union all
    select
        versions.file_number,
        -1 as duplicate_count,
        -versions.paid_amount as duplicate_amount,
        case when tied.order_id is null then 0 else 1 end as conflicting_count,
        case when tied.order_id is null then 0 else versions.paid_amount end as conflicting_amount
    from versions
    left join tied on versions.order_id = tied.order_id
    where versions.version = 1 or tied.order_id is not null
)

select
    file_number,
    cast(sum(duplicate_count) as bigint) as duplicate_count,
    cast(sum(duplicate_amount) as decimal(18, 2)) as duplicate_amount,
    cast(sum(conflicting_count) as bigint) as conflicting_count,
    cast(sum(conflicting_amount) as decimal(18, 2)) as conflicting_amount
from rows_by_use
group by file_number
