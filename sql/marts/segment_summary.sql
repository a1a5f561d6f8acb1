/*---
description:
  en: Each segment's members, what they are worth and how they behave; the shares add up to 1.
  zh: 各分群的人数、价值与行为；占比合计为 1。
grain: [position]
columns:
  position: Place in lists, best first.
  segment: Code of the segment.
  segment_zh: Its Chinese name.
  segment_en: Its English name.
  member_count: Members in the segment.
  member_share: Members over all members, those who never bought included.
  net_amount: Net amount in the RFM window, in the data set's currency.
  sales_share: Net amount over that of all members; below 0 where returns exceed purchases.
  mean_net_amount: Net amount in the RFM window per member; empty for those who never bought.
  mean_occasion_count: Occasions in the RFM window per member; empty for those who never bought.
  mean_recency_days: Mean days since the latest occasion; empty for those who never bought.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [position, segment, segment_zh, segment_en, member_count]
  - unique: [position]
  - unique: [segment]
  - between: {member_share: [0, 1]}
---*/
with

counted as (
    select
        coalesce(cells.segment, 'never_bought') as segment,
        count(*) as member_count,
        count(scores.member_key) as buyer_count,
        sum(scores.net_amount) as net_amount,
        sum(scores.occasion_count) as occasion_count,
        sum(scores.recency_days) as recency_days
    from staging.members as members
    left join intermediate.member_scores as scores on members.member_key = scores.member_key
    left join raw.segment_cells as cells
        on
            scores.r_score = cells.r_score
            and scores.f_score = cells.f_score
            and scores.m_score = cells.m_score
    where
        not members.is_excluded
        and (
            (members.is_in_member_file and members.deregistered_on is null)
            or scores.member_key is not null
        )
    group by coalesce(cells.segment, 'never_bought')
),

totals as (
    select
        sum(member_count) as member_count,
        sum(net_amount) as net_amount
    from counted
)

select
    segments.position,
    segments.segment,
    segments.segment_zh,
    segments.segment_en,
    coalesce(counted.member_count, 0) as member_count,
    case
        when totals.member_count > 0
            then cast(coalesce(counted.member_count, 0) as double) / totals.member_count
    end as member_share,
    cast(coalesce(counted.net_amount, 0) as decimal(18, 2)) as net_amount,
    case
        when totals.net_amount > 0
            then
                cast(coalesce(counted.net_amount, 0) as double)
                / cast(totals.net_amount as double)
    end as sales_share,
    case
        when counted.buyer_count > 0
            then cast(counted.net_amount as double) / counted.buyer_count
    end as mean_net_amount,
    case
        when counted.buyer_count > 0
            then cast(counted.occasion_count as double) / counted.buyer_count
    end as mean_occasion_count,
    case
        when counted.buyer_count > 0
            then cast(counted.recency_days as double) / counted.buyer_count
    end as mean_recency_days,
    parameters.as_of_date
from raw.segments as segments
left join counted on segments.segment = counted.segment
cross join totals
cross join raw.parameters as parameters
