/*---
description: >
  Rows of each member file that repeat another row in everything that is read of them. Rows of one
  number that differ are made one member, and none of them is a duplicate.
grain: [file_number]
columns:
  file_number: File that holds the rows.
  row_count: Rows of the file.
  duplicate_count: Rows that repeat another one.
checks:
  - not_null: [file_number]
  - unique: [file_number]
  - holds: duplicate_count >= 0 and duplicate_count <= row_count
---*/
with

repeated as (
    select file_members.*
    from raw.members as file_members
    inner join staging.repeated_member_hashes as twins
        on hash(file_members.member_id) = twins.member_hash
),

contents as (
    select min(file_number) as file_number
    from repeated
    group by
        member_id,
        registered_at,
        deregistered_at,
        home_store_id,
        guide_id,
        tier,
        channel,
        city,
        referrer_id,
        online_id,
        merged_into,
        merged_at,
        consent
),

rows_by_use as (
    select
        file_number,
        count(*) as row_count,
        0 as duplicate_count
    from raw.members
    group by file_number
    union all
    select
        file_number,
        0 as row_count,
        count(*) as duplicate_count
    from repeated
    group by file_number
    union all
    select
        file_number,
        0 as row_count,
        -count(*) as duplicate_count
    from contents
    group by file_number
)

select
    file_number,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(duplicate_count) as bigint) as duplicate_count
from rows_by_use
group by file_number
