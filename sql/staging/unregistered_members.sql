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
    select member_id from staging.file_members
),

buyers as (
    select coalesce(merged.canonical_id, orders.member_id) as member_id
    from raw.orders as orders
    left join raw.canonical_ids as merged on orders.member_id = merged.member_id
    where orders.member_id is not null
),

unknown_buyers as (
    select buyers.member_id
    from buyers
    left join file_members on buyers.member_id = file_members.member_id
    cross join parameters
    where file_members.member_id is null and parameters.unregistered_ids <> 'guest'
),

unknown_targets as (
    select merged.canonical_id as member_id
    from raw.canonical_ids as merged
    left join file_members on merged.canonical_id = file_members.member_id
    where file_members.member_id is null
)

select member_id from unknown_buyers
union
select member_id from unknown_targets
