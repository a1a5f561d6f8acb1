/*---
description: >
  One row per canonical member: registered (in the member file) or only identified by an order.
  Registration is the earliest of the merged numbers, and any of them may have the online identity;
  leaving and attributes are those of the number that lives on. A member who registers after the
  as-of date is not registered yet, and has no row where unregistered numbers are guests; one who
  leaves after it has not left. Keys follow the order of the ids, so that what is sorted by key is
  sorted by id.
grain: [member_key]
columns:
  member_key: Canonical member, an integer that lives only inside one run.
  member_id: The shop's number of the canonical member.
  is_in_member_file: Stands in the member file, with no registration after the as-of date.
  is_registered: Counts as registered until leaving; also without the file, where that is set so.
  registered_on: Business date of the earliest registration, where known by the as-of date.
  deregistered_on: Date of leaving; from then on the member is not registered.
  home_store_id: Store that owns the member.
  channel: Channel of registration.
  city: City of the member.
  tier: Tier as the shop states it.
  has_online_identity: One of the merged numbers has an identity in the online shop.
  has_referrer: Another member brought one of the merged numbers.
  is_excluded: Stands on the exclusion list and is kept out of all figures.
checks:
  - not_null: [member_key, member_id, is_in_member_file, is_registered, is_excluded]
  - holds: deregistered_on >= registered_on
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
        min(file_members.registered_on) as registered_on,
        case
            when count(*) = count(file_members.deregistered_at)
                then cast(max(file_members.deregistered_at) as date)
        end as deregistered_on,
        count(file_members.online_id) > 0 as has_online_identity,
        count(file_members.referrer_id) > 0 as has_referrer
    from raw.members as file_members
    inner join merged on file_members.member_id = merged.member_id
    group by merged.canonical_id
),

file_members as (
    select
        file_members.member_id,
        file_members.registered_on,
        cast(file_members.deregistered_at as date) as deregistered_on,
        file_members.home_store_id,
        file_members.channel,
        file_members.city,
        file_members.tier,
        file_members.online_id is not null as has_online_identity,
        file_members.referrer_id is not null as has_referrer
    from raw.members as file_members
    left join staging.repeated_members as repeated on file_members.member_id = repeated.member_id
    where repeated.member_id is null
    union all
    select
        member_id,
        registered_on,
        deregistered_on,
        home_store_id,
        channel,
        city,
        tier,
        has_online_identity,
        has_referrer
    from staging.repeated_members
),

canonical as (
    select
        file_members.member_id,
        true as is_in_file,
        file_members.registered_on,
        file_members.deregistered_on,
        file_members.home_store_id,
        file_members.channel,
        file_members.city,
        file_members.tier,
        file_members.has_online_identity,
        file_members.has_referrer
    from file_members
    left join merged on file_members.member_id = merged.member_id
    where merged.member_id is null
    union all
    select
        member_id,
        false as is_in_file,
        null as registered_on,
        null as deregistered_on,
        null as home_store_id,
        null as channel,
        null as city,
        null as tier,
        false as has_online_identity,
        false as has_referrer
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
        case
            when canonical.is_in_file then canonical.deregistered_on
            else merged_away.deregistered_on
        end as deregistered_on,
        canonical.home_store_id,
        canonical.channel,
        canonical.city,
        canonical.tier,
        canonical.has_online_identity
        or coalesce(merged_away.has_online_identity, false) as has_online_identity,
        canonical.has_referrer or coalesce(merged_away.has_referrer, false) as has_referrer,
        excluded.member_id is not null as is_excluded
    from canonical
    left join merged_away on canonical.member_id = merged_away.canonical_id
    left join staging.excluded_members as excluded on canonical.member_id = excluded.member_id
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
    case
        when
            united.deregistered_on <= parameters.as_of_date
            and coalesce(united.deregistered_on >= united.registered_on, true)
            then united.deregistered_on
    end as deregistered_on,
    united.home_store_id,
    united.channel,
    united.city,
    united.tier,
    united.has_online_identity,
    united.has_referrer,
    united.is_excluded
from united
cross join parameters
where
    parameters.unregistered_ids <> 'guest'
    or not parameters.has_member_file
    or united.is_excluded
    or (united.is_in_file and coalesce(united.registered_on <= parameters.as_of_date, true))
