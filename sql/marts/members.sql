/*---
description:
  en: >
    Everybody the data knows as a member, registered or identified by an order, merged numbers
    once.
  zh: 数据中出现的全部会员：会员表中注册的，以及仅由订单识别的；合并的会员只计一行。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  is_registered: Stands in the member file and has not left, or counts so by the data set's setting.
  is_excluded: Stands on the exclusion list and is kept out of all figures.
  registered_on: Business date of the earliest registration, where known.
  deregistered_on: Date of leaving, by the as-of date.
  home_store_id: Store that owns the member.
  channel: Channel of registration.
  city: City of the member.
  tier: Tier as the shop states it.
  has_online_identity: One of the merged numbers has an identity in the online shop.
  first_order_on: First occasion in the loaded history; empty for those who never bought.
  last_order_on: Latest occasion; empty for those who never bought.
  lifetime_order_count: Valid orders in the loaded history.
  lifetime_occasion_count: Occasions, dates with a valid order, in the loaded history.
  lifetime_net_amount: Net amount less returns in the loaded history, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [member_id, is_registered, as_of_date]
  - unique: [member_id]
  - holds: deregistered_on >= registered_on
---*/
with

returned as (
    select
        member_key,
        sum(net_amount) as net_amount
    from intermediate.returns
    where member_key is not null
    group by member_key
)

select
    members.member_id,
    members.is_registered and members.deregistered_on is null as is_registered,
    members.is_excluded,
    members.registered_on,
    members.deregistered_on,
    members.home_store_id,
    members.channel,
    members.city,
    members.tier,
    members.has_online_identity,
    scores.first_order_on,
    scores.last_order_on,
    coalesce(scores.lifetime_order_count, 0) as lifetime_order_count,
    coalesce(scores.lifetime_occasion_count, 0) as lifetime_occasion_count,
    cast(
        coalesce(scores.lifetime_net_amount, returned.net_amount, 0) as decimal(18, 2)
    ) as lifetime_net_amount,
    parameters.as_of_date
from staging.members as members
left join intermediate.member_scores as scores on members.member_key = scores.member_key
left join returned on members.member_key = returned.member_key
cross join raw.parameters as parameters
where members.is_in_member_file or scores.member_key is not null
