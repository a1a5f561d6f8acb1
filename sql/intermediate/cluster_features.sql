/*---
description: >
  What members are clustered by: recency, occasions and spend on log scales, so that a few very
  heavy buyers do not stretch the space.
grain: [member_key]
columns:
  member_key: Canonical member.
  log_recency: Natural logarithm of 1 + recency in days.
  log_occasions: Natural logarithm of 1 + occasions in the RFM window.
  log_spend: Natural logarithm of 1 + net amount in the RFM window; 0 where returns exceed it.
checks:
  - not_null: [member_key, log_recency, log_occasions, log_spend]
---*/
select
    member_key,
    ln(1 + recency_days) as log_recency,
    ln(1 + occasion_count) as log_occasions,
    ln(1 + greatest(cast(net_amount as double), 0)) as log_spend
from intermediate.member_scores
