/*---
description:
  en: >
    The tier of each member with points: points earned less reversals in six months, not the
    balance. A tier goes up at once and down when the cycle ends; a rolling cycle ends with the
    as-of date, a fixed one with the half-year.
  zh: 每位有积分的会员的等级：按六个月内获得的积分（扣除冲正，不是余额）评定；达到门槛立即升级，周期结束时才降级。滚动周期止于统计日，固定周期为自然半年。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  earned_points: Points earned in the cycle up to the as-of date, less reversals.
  former_earned_points: The same of the cycle before.
  tier: Number of the tier at the as-of date; 1 is the lowest.
  tier_zh: Its Chinese name.
  tier_en: Its English name.
  tier_before: Number of the tier at the start of the cycle, from the points of the cycle before.
  earned_tier: Number of the tier that the points so far are worth; below tier, the member will be
    downgraded when the cycle ends.
  change: upgrade, keep or downgrade, from tier_before to tier.
  declared_tier: Tier as the member file states it.
  is_differing: The member file states another tier; empty where it states none, or no known one.
  cycle_start: First date of the cycle.
  cycle_end: Last date of the cycle.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [member_id, tier, tier_zh, tier_en, tier_before, earned_tier, change]
  - unique: [member_id]
  - accepted: {change: [upgrade, keep, downgrade]}
  - holds: tier >= earned_tier and (tier >= tier_before or cycle_end <= as_of_date)
---*/
with

cycles as (
    select
        max(case when cycle = 'current' then cycle_start end) as cycle_start,
        max(case when cycle = 'current' then cycle_end end) as cycle_end,
        max(case when cycle = 'previous' then cycle_start end) as former_start,
        max(case when cycle = 'previous' then cycle_end end) as former_end,
        coalesce(max(case when cycle = 'current' and is_ended then 1 end), 0) = 1 as is_ended
    from raw.tier_cycles
),

levels as (
    select
        tier,
        tier_zh,
        tier_en,
        case when tier > 1 then from_points end as from_points,
        lead(from_points) over (order by tier) as below_points
    from raw.tiers
),

earned as (
    select
        points.member_id,
        cast(sum(
            case
                when
                    points.point_kind = 'earn'
                    and points.moved_on between cycles.cycle_start and cycles.cycle_end
                    then points.points
                else 0
            end
        ) as bigint) as earned_points,
        cast(sum(
            case
                when
                    points.point_kind = 'earn'
                    and points.moved_on between cycles.former_start and cycles.former_end
                    then points.points
                else 0
            end
        ) as bigint) as former_earned_points
    from staging.points as points
    cross join cycles
    where points.point_kind is not null
    group by points.member_id
),

rated as (
    select
        earned.member_id,
        earned.earned_points,
        earned.former_earned_points,
        present.tier as earned_tier,
        former.tier as tier_before,
        case
            when cycles.is_ended then present.tier
            else greatest(present.tier, former.tier)
        end as tier,
        cycles.cycle_start,
        cycles.cycle_end
    from earned
    cross join cycles
    inner join levels as present
        on
            earned.earned_points >= coalesce(present.from_points, earned.earned_points)
            and (present.below_points is null or earned.earned_points < present.below_points)
    inner join levels as former
        on
            earned.former_earned_points >= coalesce(former.from_points, earned.former_earned_points)
            and (former.below_points is null or earned.former_earned_points < former.below_points)
)

select
    rated.member_id,
    rated.earned_points,
    rated.former_earned_points,
    rated.tier,
    levels.tier_zh,
    levels.tier_en,
    rated.tier_before,
    rated.earned_tier,
    case
        when rated.tier > rated.tier_before then 'upgrade'
        when rated.tier < rated.tier_before then 'downgrade'
        else 'keep'
    end as change,
    members.tier as declared_tier,
    words.tier <> rated.tier as is_differing,
    rated.cycle_start,
    rated.cycle_end,
    parameters.as_of_date
from rated
inner join levels on rated.tier = levels.tier
left join staging.members as members on rated.member_id = members.member_id
left join raw.tier_words as words on lower(trim(members.tier)) = words.word
cross join raw.parameters as parameters
