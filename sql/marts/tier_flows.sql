/*---
description:
  en: How many members each tier has, how many came up into it, stayed or came down into it since
    the cycle began, and where its former members went. Tier 0 stands for all tiers.
  zh: 各等级的会员数，以及本周期内升入、保级、降入的人数和原有会员的去向；等级 0 为全部合计。
grain: [tier]
columns:
  tier: Number of the tier; 1 is the lowest, 0 stands for all.
  tier_zh: Its Chinese name.
  tier_en: Its English name.
  member_count: Members in the tier at the as-of date.
  upgraded_count: Those of them who came up from a lower tier.
  kept_count: Those of them who were in the tier when the cycle began.
  downgraded_count: Those of them who came down from a higher tier.
  former_member_count: Members in the tier when the cycle began.
  left_upward_count: Those of them who are in a higher tier now.
  left_downward_count: Those of them who are in a lower tier now.
  at_risk_count: Members whose points so far are worth a lower tier, lost when the cycle ends.
  declared_count: Members whose tier the member file states, in words that are known.
  differing_count: Those of them for whom it states another tier.
  cycle_start: First date of the cycle.
  cycle_end: Last date of the cycle.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [tier, tier_zh, tier_en, member_count, former_member_count]
  - unique: [tier]
  - holds: member_count = upgraded_count + kept_count + downgraded_count
  - holds: former_member_count = kept_count + left_upward_count + left_downward_count
---*/
with

members as (
    select * from marts.member_tiers
),

names as (
    select
        tier,
        tier_zh,
        tier_en
    from raw.tiers
    union all
    select
        0 as tier,
        '全部' as tier_zh,
        'All' as tier_en
),

present as (
    select
        tier,
        count(*) as member_count,
        count(case when change = 'upgrade' then 1 end) as upgraded_count,
        count(case when change = 'keep' then 1 end) as kept_count,
        count(case when change = 'downgrade' then 1 end) as downgraded_count,
        count(case when earned_tier < tier then 1 end) as at_risk_count,
        count(is_differing) as declared_count,
        count(case when is_differing then 1 end) as differing_count
    from members
    group by tier
    union all
    select
        0 as tier,
        count(*) as member_count,
        count(case when tier > tier_before then 1 end) as upgraded_count,
        count(case when tier = tier_before then 1 end) as kept_count,
        count(case when tier < tier_before then 1 end) as downgraded_count,
        count(case when earned_tier < tier then 1 end) as at_risk_count,
        count(is_differing) as declared_count,
        count(case when is_differing then 1 end) as differing_count
    from members
),

former as (
    select
        tier_before as tier,
        count(*) as former_member_count,
        count(case when change = 'upgrade' then 1 end) as left_upward_count,
        count(case when change = 'downgrade' then 1 end) as left_downward_count
    from members
    group by tier_before
    union all
    select
        0 as tier,
        count(*) as former_member_count,
        count(case when change = 'upgrade' then 1 end) as left_upward_count,
        count(case when change = 'downgrade' then 1 end) as left_downward_count
    from members
),

cycle as (
    select
        cycle_start,
        cycle_end,
        as_of_date
    from members
    group by cycle_start, cycle_end, as_of_date
)

select
    names.tier,
    names.tier_zh,
    names.tier_en,
    coalesce(present.member_count, 0) as member_count,
    coalesce(present.upgraded_count, 0) as upgraded_count,
    coalesce(present.kept_count, 0) as kept_count,
    coalesce(present.downgraded_count, 0) as downgraded_count,
    coalesce(former.former_member_count, 0) as former_member_count,
    coalesce(former.left_upward_count, 0) as left_upward_count,
    coalesce(former.left_downward_count, 0) as left_downward_count,
    coalesce(present.at_risk_count, 0) as at_risk_count,
    coalesce(present.declared_count, 0) as declared_count,
    coalesce(present.differing_count, 0) as differing_count,
    cycle.cycle_start,
    cycle.cycle_end,
    cycle.as_of_date
from names
cross join cycle
left join present on names.tier = present.tier
left join former on names.tier = former.tier
