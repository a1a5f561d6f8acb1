/*---
description:
  en: Where the rows of each file went; accepted, quarantined, duplicate and continuing rows add up
    to those of the file.
  zh: 每个文件的各行去了哪里；采用、隔离、重复与续行之和等于文件行数。
grain: [source_table, file_name]
columns:
  source_table: Table that the file fills.
  file_name: Name of the file.
  row_count: Rows of the file.
  accepted_count: Rows that the figures rest on.
  quarantined_count: Rows that could not be read or contradict each other.
  duplicate_count: Rows that another row counts already, or that a later version supersedes.
  continuation_count: Rows that repeat or continue the order of another row.
  gross_amount: Amount of all rows where the table has amounts, in the data set's currency.
  accepted_amount: Amount of the accepted rows.
  quarantined_amount: Amount of the quarantined rows, where it could be read.
  duplicate_amount: Amount of the duplicate rows.
  first_on: Earliest business date.
  last_on: Latest business date.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [source_table, file_name, row_count, accepted_count]
  - unique: [source_table, file_name]
  - holds: row_count = accepted_count + quarantined_count + duplicate_count + continuation_count
  - holds: gross_amount = accepted_amount + quarantined_amount + duplicate_amount
  - holds: accepted_count >= 0 and duplicate_count >= 0
---*/
with

order_rows as (
    select
        file_number,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(gross_amount) as decimal(18, 2)) as gross_amount
    from staging.order_words
    group by file_number
),

found as (
    select
        'orders' as source_table,
        order_rows.file_number,
        order_rows.row_count,
        order_rows.gross_amount,
        duplicates.duplicate_count,
        duplicates.duplicate_amount,
        duplicates.conflicting_count,
        duplicates.conflicting_amount
    from order_rows
    left join staging.order_duplicates as duplicates
        on order_rows.file_number = duplicates.file_number
    union all
    select
        'refunds' as source_table,
        file_number,
        row_count,
        gross_amount,
        duplicate_count,
        duplicate_amount,
        conflicting_count,
        conflicting_amount
    from staging.refund_duplicates
    union all
    select
        'members' as source_table,
        file_number,
        row_count,
        null as gross_amount,
        duplicate_count,
        null as duplicate_amount,
        0 as conflicting_count,
        null as conflicting_amount
    from staging.member_duplicates
),

judged as (
    select
        files.*,
        coalesce(found.row_count, files.accepted_count) as found_count,
        coalesce(found.gross_amount, files.accepted_amount) as found_amount,
        coalesce(found.duplicate_count, 0) as duplicate_count,
        coalesce(found.duplicate_amount, 0) as duplicate_amount,
        coalesce(found.conflicting_count, 0) as conflicting_count,
        coalesce(found.conflicting_amount, 0) as conflicting_amount
    from raw.files as files
    left join found
        on
            files.source_table = found.source_table
            and files.file_number = found.file_number
)

select
    judged.source_table,
    judged.file_name,
    judged.row_count,
    judged.found_count - judged.duplicate_count - judged.conflicting_count as accepted_count,
    judged.quarantined_count + judged.conflicting_count as quarantined_count,
    judged.duplicate_count,
    judged.continuation_count,
    cast(
        coalesce(judged.accepted_amount, judged.found_amount)
        + coalesce(judged.quarantined_amount, 0) as decimal(18, 2)
    ) as gross_amount,
    cast(
        judged.found_amount - judged.duplicate_amount - judged.conflicting_amount as decimal(18, 2)
    ) as accepted_amount,
    case
        when judged.found_amount is not null
            then
                cast(
                    coalesce(judged.quarantined_amount, 0)
                    + judged.conflicting_amount as decimal(18, 2)
                )
    end as quarantined_amount,
    case
        when judged.found_amount is not null
            then cast(judged.duplicate_amount as decimal(18, 2))
    end as duplicate_amount,
    judged.first_on,
    judged.last_on,
    parameters.as_of_date
from judged
cross join raw.parameters as parameters
