/*---
description: >
  Every merge of two member numbers that the files tell of, from the merge file and from the
  member file. Empty where the data set ignores merges.
grain: [member_id, merged_into, merged_on]
columns:
  member_id: Number that was given up.
  merged_into: Number that lives on.
  merged_on: Business date of the merge, where known.
checks:
  - not_null: [member_id, merged_into]
---*/
with

parameters as (
    select * from raw.parameters
),

told as (
    select
        member_id,
        merged_into,
        merged_on
    from raw.member_merges
    union
    select
        member_id,
        merged_into,
        cast(merged_at as date) as merged_on
    from raw.members
    where merged_into is not null
)

select
    told.member_id,
    told.merged_into,
    told.merged_on
from told
cross join parameters
where parameters.applies_merges
