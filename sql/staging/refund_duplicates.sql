/*---
description: >
  Refund rows of each file that do not count: because an equal row stands before them, or because
  rows of one refund number say different things.
grain: [file_number]
columns:
  file_number: File that holds the rows.
  row_count: Refund rows of the file.
  gross_amount: Their amount, in the data set's currency.
  duplicate_count: Rows that are counted by another row.
  duplicate_amount: Their amount, in the data set's currency.
  conflicting_count: Rows of refunds whose versions contradict each other.
  conflicting_amount: Their amount, in the data set's currency.
checks:
  - not_null: [file_number]
  - unique: [file_number]
  - holds: duplicate_count >= 0 and conflicting_count >= 0
---*/
with

read_rows as (
    select
        file_number,
        count(*) as row_count,
        sum(amount) as amount
    from raw.refunds
    group by file_number
),

rows_by_use as (
    select
        file_number,
        row_count,
        amount as gross_amount,
        row_count as duplicate_count,
        amount as duplicate_amount,
        0 as conflicting_count,
        0 as conflicting_amount
    from read_rows
    union all
    select
        file_number,
        0 as row_count,
        0 as gross_amount,
        -1 as duplicate_count,
        -amount as duplicate_amount,
        case when is_conflicting then 1 else 0 end as conflicting_count,
        case when is_conflicting then amount else 0 end as conflicting_amount
    from staging.refunds
)

select
    file_number,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(gross_amount) as decimal(18, 2)) as gross_amount,
    cast(sum(duplicate_count) as bigint) as duplicate_count,
    cast(sum(duplicate_amount) as decimal(18, 2)) as duplicate_amount,
    cast(sum(conflicting_count) as bigint) as conflicting_count,
    cast(sum(conflicting_amount) as decimal(18, 2)) as conflicting_amount
from rows_by_use
group by file_number
