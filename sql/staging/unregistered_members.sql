/*---
description: >
  Canonical member numbers that only orders or merges tell of: member files lag, and some shops
  have none. Empty where the data set counts such numbers as guests.
grain: [member_id]
columns:
  member_id: The canonical number.
checks:
  - not_null: [member_id]
---*/
with

parameters as (
    select * from raw.parameters
),

file_members as (
    select member_id from raw.members
),

unknown_numbers as (
    select distinct orders.member_id
    from raw.orders as orders
    left join file_members on orders.member_id = file_members.member_id
    cross join parameters
    where
        orders.member_id is not null
        and file_members.member_id is null
        and parameters.unregistered_ids <> 'guest'
),

unknown_buyers as (
    select coalesce(merged.canonical_id, unknown_numbers.member_id) as member_id
    from unknown_numbers
    left join raw.canonical_ids as merged on unknown_numbers.member_id = merged.member_id
),

targets as (
    select merged.canonical_id as member_id
    from raw.canonical_ids as merged
    left join file_members on merged.member_id = file_members.member_id
    cross join parameters
    where file_members.member_id is not null or parameters.unregistered_ids <> 'guest'
),

canonical as (
    select member_id from unknown_buyers
    union
    select member_id from targets
)

select canonical.member_id
from canonical
left join file_members on canonical.member_id = file_members.member_id
where file_members.member_id is null
