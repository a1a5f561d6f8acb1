/*---
description: >
  Recency, frequency and spend of each member who ever bought, and their scores by the cut points.
  Recency reaches back over all history; frequency and spend over the RFM window. Equal members
  score equally: a score depends on the member's own figures and on the cuts, on nobody else.
grain: [member_key]
columns:
  member_key: Canonical member.
  first_order_on: First occasion in the loaded history.
  last_order_on: Latest occasion.
  recency_days: Days from the latest occasion to the as-of date.
  order_count: Valid orders in the RFM window.
  occasion_count: Occasions in the RFM window.
  net_amount: Net amount less returns in the RFM window, in the data set's currency.
  lifetime_order_count: Valid orders in the loaded history.
  lifetime_occasion_count: Occasions in the loaded history.
  lifetime_net_amount: Net amount less returns in the loaded history, in the data set's currency.
  r_score: 5 for the most recent, 1 for the least.
  f_score: 5 for the most frequent, 1 for the least and for nothing in the window.
  m_score: 5 for the highest spend, 1 for the lowest and for nothing in the window.
checks:
  - not_null: [member_key, first_order_on, last_order_on, recency_days]
  - between: {r_score: [1, 5], f_score: [1, 5], m_score: [1, 5]}
  - holds: recency_days >= 0 and occasion_count <= order_count
---*/
with

parameters as (
    select * from raw.parameters
),

cuts as (
    select
        max(case when measure = 'recency' and score = 5 then cut end) as r5,
        max(case when measure = 'recency' and score = 4 then cut end) as r4,
        max(case when measure = 'recency' and score = 3 then cut end) as r3,
        max(case when measure = 'recency' and score = 2 then cut end) as r2,
        max(case when measure = 'frequency' and score = 5 then cut end) as f5,
        max(case when measure = 'frequency' and score = 4 then cut end) as f4,
        max(case when measure = 'frequency' and score = 3 then cut end) as f3,
        max(case when measure = 'frequency' and score = 2 then cut end) as f2,
        max(case when measure = 'monetary' and score = 5 then cut end) as m5,
        max(case when measure = 'monetary' and score = 4 then cut end) as m4,
        max(case when measure = 'monetary' and score = 3 then cut end) as m3,
        max(case when measure = 'monetary' and score = 2 then cut end) as m2
    from raw.rfm_cuts
),

histories as (
    select
        days.member_key,
        min(days.business_date) as first_order_on,
        max(days.business_date) as last_order_on,
        sum(
            case
                when days.business_date >= parameters.rfm_window_start then days.order_count else 0
            end
        ) as order_count,
        count(
            case when days.business_date >= parameters.rfm_window_start then 1 end
        ) as occasion_count,
        sum(
            case
                when days.business_date >= parameters.rfm_window_start then days.net_amount else 0
            end
        ) as net_amount,
        sum(days.order_count) as lifetime_order_count,
        count(*) as lifetime_occasion_count,
        sum(days.net_amount) as lifetime_net_amount
    from intermediate.member_days as days
    cross join parameters
    group by days.member_key
),

returned as (
    select
        returns.member_key,
        sum(
            case
                when returns.business_date >= parameters.rfm_window_start then returns.net_amount
                else 0
            end
        ) as net_amount,
        sum(returns.net_amount) as lifetime_net_amount
    from intermediate.returns as returns
    cross join parameters
    where returns.member_key is not null
    group by returns.member_key
),

measures as (
    select
        histories.member_key,
        histories.first_order_on,
        histories.last_order_on,
        histories.order_count,
        histories.occasion_count,
        histories.net_amount + coalesce(returned.net_amount, 0) as net_amount,
        histories.lifetime_order_count,
        histories.lifetime_occasion_count,
        histories.lifetime_net_amount
        + coalesce(returned.lifetime_net_amount, 0) as lifetime_net_amount,
        cast(
            date_diff('day', histories.last_order_on, parameters.as_of_date) as integer
        ) as recency_days,
        case
            when parameters.rfm_frequency = 'orders' then histories.order_count
            else histories.occasion_count
        end as frequency,
        case
            when parameters.rfm_monetary = 'mean' then histories.occasion_count else 1
        end as spend_divisor
    from histories
    left join returned on histories.member_key = returned.member_key
    cross join parameters
)

select
    measures.member_key,
    measures.first_order_on,
    measures.last_order_on,
    measures.recency_days,
    cast(measures.order_count as integer) as order_count,
    cast(measures.occasion_count as integer) as occasion_count,
    cast(measures.net_amount as decimal(18, 2)) as net_amount,
    cast(measures.lifetime_order_count as integer) as lifetime_order_count,
    cast(measures.lifetime_occasion_count as integer) as lifetime_occasion_count,
    cast(measures.lifetime_net_amount as decimal(18, 2)) as lifetime_net_amount,
    cast(case
        when measures.recency_days <= cuts.r5 then 5
        when measures.recency_days <= cuts.r4 then 4
        when measures.recency_days <= cuts.r3 then 3
        when measures.recency_days <= cuts.r2 then 2
        else 1
    end as integer) as r_score,
    cast(case
        when measures.occasion_count = 0 then 1
        when measures.frequency >= cuts.f5 then 5
        when measures.frequency >= cuts.f4 then 4
        when measures.frequency >= cuts.f3 then 3
        when measures.frequency >= cuts.f2 then 2
        else 1
    end as integer) as f_score,
    cast(case
        when measures.occasion_count = 0 then 1
        when measures.net_amount >= cuts.m5 * measures.spend_divisor then 5
        when measures.net_amount >= cuts.m4 * measures.spend_divisor then 4
        when measures.net_amount >= cuts.m3 * measures.spend_divisor then 3
        when measures.net_amount >= cuts.m2 * measures.spend_divisor then 2
        else 1
    end as integer) as m_score
from measures
cross join cuts
