/*---
description: >
  One row per canonical member: registered (in the member file) or only identified by an order.
  Registration is the earliest of the merged numbers; attributes are those of the number that
  lives on. A member who registers after the as-of date is not registered yet.
grain: [member_key]
columns:
  member_key: Canonical member, an integer that lives only inside one run.
  member_id: The shop's number of the canonical member.
  is_in_member_file: Stands in the member file, with no registration after the as-of date.
  is_registered: Counts as registered; also without the file, where the data set says so.
  registered_on: Business date of the earliest registration, where known.
  home_store_id: Store that owns the member.
  channel: Channel of registration.
  city: City of the member.
  tier: Tier as the shop states it.
  is_excluded: Stands on the exclusion list and is kept out of all figures.
checks:
  - not_null: [member_key, member_id, is_in_member_file, is_registered, is_excluded]
---*/
with

parameters as (
    select * from raw.parameters
),

numbers as (
    select * from staging.member_numbers
),

excluded as (
    select distinct numbers.member_key
    from raw.exclusions as exclusions
    inner join numbers on exclusions.member_id = numbers.member_id
),

canonical as (
    select
        numbers.member_key,
        numbers.canonical_id as member_id,
        max(case when members.member_id is not null then 1 else 0 end) as file_row_count,
        min(members.registered_on) as registered_on,
        max(
            case when numbers.member_id = numbers.canonical_id then members.home_store_id end
        ) as home_store_id,
        max(case when numbers.member_id = numbers.canonical_id then members.channel end) as channel,
        max(case when numbers.member_id = numbers.canonical_id then members.city end) as city,
        max(case when numbers.member_id = numbers.canonical_id then members.tier end) as tier
    from numbers
    left join raw.members as members on numbers.member_id = members.member_id
    group by numbers.member_key, numbers.canonical_id
)

select
    canonical.member_key,
    canonical.member_id,
    canonical.file_row_count > 0
    and coalesce(canonical.registered_on <= parameters.as_of_date, true) as is_in_member_file,
    (
        canonical.file_row_count > 0
        and coalesce(canonical.registered_on <= parameters.as_of_date, true)
    )
    or parameters.unregistered_ids = 'member'
    or not parameters.has_member_file as is_registered,
    canonical.registered_on,
    canonical.home_store_id,
    canonical.channel,
    canonical.city,
    canonical.tier,
    excluded.member_key is not null as is_excluded
from canonical
left join excluded on canonical.member_key = excluded.member_key
cross join parameters
