/*---
description:
  en: Rows that were kept out because they could not be read or contradict each other, by file and
    reason, with their amounts. The rows themselves stay in the restricted quarantine.
  zh: 因无法读取或相互矛盾而未采用的行数与金额，按文件和原因汇总；原始行只保存在受限的隔离区。
grain: [source_table, file_name, reason]
columns:
  source_table: Table that the file fills.
  file_name: Name of the file; empty text for merges, which files tell together.
  reason: Code of the reason.
  reason_zh: The reason, in Chinese.
  reason_en: The reason, in English.
  row_count: Rows kept out.
  gross_amount: Their amount where it could be read, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [source_table, file_name, reason, row_count]
  - unique: [source_table, file_name, reason]
---*/
with

contradictions as (
    select
        'orders' as source_table,
        file_number,
        'conflicting_versions' as reason,
        conflicting_count as row_count,
        conflicting_amount as gross_amount
    from staging.order_duplicates
    union all
    select
        'refunds' as source_table,
        file_number,
        'conflicting_refunds' as reason,
        conflicting_count as row_count,
        conflicting_amount as gross_amount
    from staging.refund_duplicates
),

counted as (
    select
        source_table,
        file_name,
        reason,
        count(*) as row_count,
        sum(amount) as gross_amount
    from raw.rejects
    group by source_table, file_name, reason
    union all
    select
        contradictions.source_table,
        coalesce(files.file_name, '') as file_name,
        contradictions.reason,
        sum(contradictions.row_count) as row_count,
        sum(contradictions.gross_amount) as gross_amount
    from contradictions
    left join raw.files as files
        on
            contradictions.source_table = files.source_table
            and contradictions.file_number = files.file_number
    where contradictions.row_count > 0
    group by contradictions.source_table, coalesce(files.file_name, ''), contradictions.reason
    union all
    select
        'member_merges' as source_table,
        '' as file_name,
        'circular_merge' as reason,
        count(*) as row_count,
        null as gross_amount
    from raw.circular_ids
    having count(*) > 0
)

select
    counted.source_table,
    counted.file_name,
    counted.reason,
    reasons.reason_zh,
    reasons.reason_en,
    cast(counted.row_count as bigint) as row_count,
    cast(counted.gross_amount as decimal(18, 2)) as gross_amount,
    parameters.as_of_date
from counted
left join raw.reasons as reasons on counted.reason = reasons.reason
cross join raw.parameters as parameters
