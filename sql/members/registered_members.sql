/*---
description:
  en: The members of the member file who belong to the scope, with what they bought anywhere.
  zh: 归属该口径的会员表中的会员，及其在任何门店的购买情况。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  registered_on: Date of the earliest registration, where known.
  deregistered_on: Date of leaving.
  is_registered_at_end: Registered by the end of the window and not left by then.
  is_new: Registered within the window.
  occasion_count: Occasions in the window, in any scope.
  is_offline: Registered in a channel of stores; where no channel is named as one, all are.
  has_online_identity: One of the merged numbers has an identity in the online shop.
  has_referrer: Another member brought this one.
---*/
with

named as (
    select count(case when is_offline then 1 end) > 0 as names_offline
    from raw.channels
),

dates as (
    select
        days.member_key,
        count(*) as occasion_count
    from intermediate.member_days as days
    inner join asked on days.business_date between asked.window_start and asked.window_end
    group by days.member_key
)

select
    members.member_id,
    members.registered_on,
    members.deregistered_on,
    coalesce(members.registered_on <= asked.window_end, true)
    and coalesce(members.deregistered_on > asked.window_end, true) as is_registered_at_end,
    coalesce(
        members.registered_on between asked.window_start and asked.window_end, false
    ) as is_new,
    coalesce(dates.occasion_count, 0) as occasion_count,
    coalesce(channels.is_offline, false) or not named.names_offline as is_offline,
    members.has_online_identity,
    members.has_referrer
from staging.members as members
left join staging.stores as stores on members.home_store_id = stores.store_id
inner join asked
    on
        case asked.scope_type
            when 'all' then 'all'
            when 'store' then members.home_store_id
            when 'channel' then members.channel
            when 'city' then members.city
            when 'region' then stores.region
            when 'store_type' then stores.store_type
        end = asked.scope
cross join named
left join dates on members.member_key = dates.member_key
left join raw.channels as channels on members.channel = channels.channel
where members.is_in_member_file and not members.is_excluded
