/*---
description: >
  Every member number of the files with its canonical member's key: an integer, in the order of the
  canonical member ids, so that whatever is sorted by key is sorted by id. Guests have none.
grain: [member_id]
columns:
  member_id: Number as the files have it.
  canonical_id: Number that lives on after all merges.
  member_key: Canonical member, an integer that lives only inside one run.
checks:
  - not_null: [member_id, canonical_id, member_key]
---*/
with

parameters as (
    select * from raw.parameters
),

buyers as (
    select orders.member_id
    from raw.orders as orders
    cross join parameters
    where orders.member_id is not null and parameters.unregistered_ids <> 'guest'
),

merged as (
    select
        member_id,
        canonical_id
    from raw.canonical_ids
),

numbers as (
    select member_id from raw.members
    union
    select member_id from buyers
    union
    select member_id from merged
    union
    select canonical_id from merged
),

canonical as (
    select
        numbers.member_id,
        coalesce(merged.canonical_id, numbers.member_id) as canonical_id
    from numbers
    left join merged on numbers.member_id = merged.member_id
)

select
    member_id,
    canonical_id,
    cast(dense_rank() over (order by canonical_id) as integer) as member_key
from canonical
