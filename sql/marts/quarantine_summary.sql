/*---
description:
  en: Rows that were kept out because they could not be read or contradict each other, by file and
    reason. The rows themselves stay in the restricted quarantine.
  zh: 因无法读取或相互矛盾而未采用的行数，按文件和原因汇总；原始行只保存在受限的隔离区。
grain: [source_table, file_name, reason]
columns:
  source_table: Table that the file fills.
  file_name: Name of the file; empty where several files contradict each other.
  reason: Code of the reason.
  reason_zh: The reason, in Chinese.
  reason_en: The reason, in English.
  row_count: Rows kept out.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [source_table, file_name, reason, row_count]
  - unique: [source_table, file_name, reason]
---*/
with

tied as (
    select count(*) as row_count
    from staging.repeated_orders as versions
    inner join staging.repeated_orders as winners
        on versions.order_id = winners.order_id and winners.version = 1
    where winners.is_tied
),

counted as (
    select
        source_table,
        file_name,
        reason,
        count(*) as row_count
    from raw.rejects
    group by source_table, file_name, reason
    union all
    select
        'orders' as source_table,
        '' as file_name,
        'conflicting_versions' as reason,
        row_count
    from tied
    where row_count > 0
    union all
    select
        'member_merges' as source_table,
        '' as file_name,
        'circular_merge' as reason,
        count(*) as row_count
    from raw.circular_ids
    having count(*) > 0
)

select
    counted.source_table,
    counted.file_name,
    counted.reason,
    reasons.reason_zh,
    reasons.reason_en,
    counted.row_count,
    parameters.as_of_date
from counted
inner join raw.reasons as reasons on counted.reason = reasons.reason
cross join raw.parameters as parameters
