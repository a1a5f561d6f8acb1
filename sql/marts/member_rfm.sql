/*---
description:
  en: Recency, frequency and spend of each member who ever bought, with the scores by cut points.
  zh: 每位购买过的会员的最近消费、消费频次、消费金额，以及按切点得出的评分。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  first_order_on: First occasion in the loaded history.
  last_order_on: Latest occasion.
  recency_days: Days from the latest occasion to the as-of date.
  order_count: Valid orders in the RFM window.
  occasion_count: Occasions, dates with a valid order, in the RFM window.
  net_amount: Net amount in the RFM window, in the data set's currency.
  r_score: 5 for the most recent, 1 for the least.
  f_score: 5 for the most frequent, 1 for the least and for nothing in the window.
  m_score: 5 for the highest spend, 1 for the lowest and for nothing in the window.
  rfm: The three scores in one text, for example 545.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [member_id, last_order_on, recency_days, rfm, as_of_date]
  - unique: [member_id]
  - between: {r_score: [1, 5], f_score: [1, 5], m_score: [1, 5]}
---*/
select
    members.member_id,
    scores.first_order_on,
    scores.last_order_on,
    scores.recency_days,
    scores.order_count,
    scores.occasion_count,
    scores.net_amount,
    scores.r_score,
    scores.f_score,
    scores.m_score,
    concat(
        cast(scores.r_score as varchar),
        cast(scores.f_score as varchar),
        cast(scores.m_score as varchar)
    ) as rfm,
    parameters.as_of_date
from intermediate.member_scores as scores
inner join staging.members as members on scores.member_key = members.member_key
cross join raw.parameters as parameters
