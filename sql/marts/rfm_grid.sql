/*---
description:
  en: Members and spend in each cell of recency by frequency-and-spend.
  zh: 最近消费 × 频次与金额 各单元的会员数与消费额。
grain: [r_score, fm_score, segment]
columns:
  r_score: Recency score.
  fm_score: Half the sum of frequency and spend score plus one, rounded down.
  segment: Code of the segment that the cell's members are in.
  segment_zh: Its Chinese name.
  segment_en: Its English name.
  member_count: Members in the cell.
  net_amount: Their net amount in the RFM window, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [r_score, fm_score, segment, member_count]
  - unique: [r_score, fm_score, segment]
---*/
with

counted as (
    select
        r_score,
        f_score,
        m_score,
        count(*) as member_count,
        sum(net_amount) as net_amount
    from intermediate.member_scores
    group by r_score, f_score, m_score
)

select
    cells.r_score,
    cells.fm_score,
    segments.segment,
    segments.segment_zh,
    segments.segment_en,
    cast(sum(coalesce(counted.member_count, 0)) as bigint) as member_count,
    cast(sum(coalesce(counted.net_amount, 0)) as decimal(18, 2)) as net_amount,
    parameters.as_of_date
from raw.segment_cells as cells
inner join raw.segments as segments on cells.segment = segments.segment
left join counted
    on
        cells.r_score = counted.r_score
        and cells.f_score = counted.f_score
        and cells.m_score = counted.m_score
cross join raw.parameters as parameters
group by
    cells.r_score,
    cells.fm_score,
    segments.segment,
    segments.segment_zh,
    segments.segment_en,
    parameters.as_of_date
