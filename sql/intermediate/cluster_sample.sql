/*---
description: >
  The members that the clusters are fitted on: the first fifty thousand by the hash of the member
  id, the same whatever the order of the rows and whoever else is in the data.
grain: [member_key]
columns:
  member_hash: Hash of the member id, which also gives the sample its order.
  member_key: Canonical member.
  log_recency: Natural logarithm of 1 + recency in days.
  log_occasions: Natural logarithm of 1 + occasions in the RFM window.
  log_spend: Natural logarithm of 1 + net amount in the RFM window.
checks:
  - not_null: [member_hash, member_key]
---*/
select
    md5(members.member_id) as member_hash,
    features.member_key,
    features.log_recency,
    features.log_occasions,
    features.log_spend
from intermediate.cluster_features as features
inner join staging.members as members on features.member_key = members.member_key
order by member_hash
limit 50000
