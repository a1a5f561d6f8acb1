/*---
description: >
  One row per canonical member: registered (in the member file) or only identified by an order.
  Registration is the earliest of the merged numbers; attributes are those of the number that
  lives on. A member who registers after the as-of date is not registered yet. Keys follow the
  order of the ids, so that what is sorted by key is sorted by id.
grain: [member_key]
columns:
  member_key: Canonical member, an integer that lives only inside one run.
  member_id: The shop's number of the canonical member.
  is_in_member_file: Stands in the member file, with no registration after the as-of date.
  is_registered: Counts as registered; also without the file, where the data set says so.
  registered_on: Business date of the earliest registration, where known by the as-of date.
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

merged as (
    select * from raw.canonical_ids
),

merged_away as (
    select
        merged.canonical_id,
        min(file_members.registered_on) as registered_on
    from raw.members as file_members
    inner join merged on file_members.member_id = merged.member_id
    group by merged.canonical_id
),

file_members as (
    select
        file_members.member_id,
        file_members.registered_on,
        file_members.home_store_id,
        file_members.channel,
        file_members.city,
        file_members.tier
    from raw.members as file_members
    left join staging.repeated_members as repeated on file_members.member_id = repeated.member_id
    where repeated.member_id is null
    union all
    select
        member_id,
        registered_on,
        home_store_id,
        channel,
        city,
        tier
    from staging.repeated_members
),

excluded as (
    select distinct coalesce(merged.canonical_id, exclusions.member_id) as member_id
    from raw.exclusions as exclusions
    left join merged on exclusions.member_id = merged.member_id
),

canonical as (
    select
        file_members.member_id,
        true as is_in_file,
        file_members.registered_on,
        file_members.home_store_id,
        file_members.channel,
        file_members.city,
        file_members.tier
    from file_members
    left join merged on file_members.member_id = merged.member_id
    where merged.member_id is null
    union all
    select
        member_id,
        false as is_in_file,
        null as registered_on,
        null as home_store_id,
        null as channel,
        null as city,
        null as tier
    from staging.unregistered_members
),

united as (
    select
        canonical.member_id,
        canonical.is_in_file or merged_away.canonical_id is not null as is_in_file,
        least(
            coalesce(canonical.registered_on, merged_away.registered_on),
            coalesce(merged_away.registered_on, canonical.registered_on)
        ) as registered_on,
        canonical.home_store_id,
        canonical.channel,
        canonical.city,
        canonical.tier,
        excluded.member_id is not null as is_excluded
    from canonical
    left join merged_away on canonical.member_id = merged_away.canonical_id
    left join excluded on canonical.member_id = excluded.member_id
)

select
    cast(row_number() over (order by united.member_id) as integer) as member_key,
    united.member_id,
    united.is_in_file
    and coalesce(united.registered_on <= parameters.as_of_date, true) as is_in_member_file,
    (united.is_in_file and coalesce(united.registered_on <= parameters.as_of_date, true))
    or parameters.unregistered_ids = 'member'
    or not parameters.has_member_file as is_registered,
    case
        when united.registered_on <= parameters.as_of_date then united.registered_on
    end as registered_on,
    united.home_store_id,
    united.channel,
    united.city,
    united.tier,
    united.is_excluded
from united
cross join parameters
