/*---
description: >
  The canonical members on the exclusion list. One who stands there for several reasons is counted
  for the first of them by name.
grain: [member_id]
columns:
  member_id: The canonical number.
  reason: Why the member is kept out; empty text where the list does not say.
checks:
  - not_null: [member_id, reason]
  - unique: [member_id]
---*/
with

exclusions as (
    select
        member_id,
        coalesce(reason, '') as reason
    from raw.exclusions
),

canonical as (
    select
        coalesce(merged.canonical_id, exclusions.member_id) as member_id,
        exclusions.reason
    from exclusions
    left join raw.canonical_ids as merged on exclusions.member_id = merged.member_id
)

select
    member_id,
    min(reason) as reason
from canonical
group by member_id
