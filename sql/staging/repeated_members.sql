/*---
description: >
  The rows of the member file whose number stands in it more than once, made one: the earliest
  registration and the greatest of each attribute, so that the order of rows does not matter.
grain: [member_id]
columns:
  member_id: Number as the file has it.
  registered_on: Business date of registration, where known.
  deregistered_on: Date of leaving, where there is one.
  home_store_id: Store that owns the member.
  channel: Channel of registration.
  city: City of the member.
  tier: Tier as the shop states it.
  has_online_identity: An identity in the online shop is known.
  has_referrer: Another member brought this one.
checks:
  - not_null: [member_id]
  - unique: [member_id]
---*/
select
    file_members.member_id,
    min(file_members.registered_on) as registered_on,
    cast(max(file_members.deregistered_at) as date) as deregistered_on,
    max(file_members.home_store_id) as home_store_id,
    max(file_members.channel) as channel,
    max(file_members.city) as city,
    max(file_members.tier) as tier,
    count(file_members.online_id) > 0 as has_online_identity,
    count(file_members.referrer_id) > 0 as has_referrer
from raw.members as file_members
inner join staging.repeated_member_hashes as repeated
    on hash(file_members.member_id) = repeated.member_hash
group by file_members.member_id
