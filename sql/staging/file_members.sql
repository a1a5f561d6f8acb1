/*---
description: >
  The member file, one row per number: identical rows once, and of rows that differ the earliest
  registration and the greatest of each attribute, so that the order of rows does not matter.
grain: [member_id]
columns:
  member_id: Number as the file has it.
  canonical_id: Number that lives on after all merges.
  registered_on: Business date of registration, where known.
  home_store_id: Store that owns the member.
  channel: Channel of registration.
  city: City of the member.
  tier: Tier as the shop states it.
checks:
  - not_null: [member_id, canonical_id]
---*/
with

file_rows as (
    select
        file_members.member_id,
        file_members.registered_on,
        file_members.home_store_id,
        file_members.channel,
        file_members.city,
        file_members.tier,
        repeated.member_hash is not null as is_repeated
    from raw.members as file_members
    left join staging.repeated_member_hashes as repeated
        on hash(file_members.member_id) = repeated.member_hash
),

once as (
    select
        member_id,
        registered_on,
        home_store_id,
        channel,
        city,
        tier
    from file_rows
    where not is_repeated
    union all
    select
        member_id,
        min(registered_on) as registered_on,
        max(home_store_id) as home_store_id,
        max(channel) as channel,
        max(city) as city,
        max(tier) as tier
    from file_rows
    where is_repeated
    group by member_id
)

select
    once.member_id,
    coalesce(merged.canonical_id, once.member_id) as canonical_id,
    once.registered_on,
    once.home_store_id,
    once.channel,
    once.city,
    once.tier
from once
left join raw.canonical_ids as merged on once.member_id = merged.member_id
