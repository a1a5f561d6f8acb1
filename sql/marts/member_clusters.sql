/*---
description:
  en: The cluster of each member who ever bought; cluster 1 spends most.
  zh: 每位购买过的会员所属的聚类；聚类 1 的消费最高。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  cluster: Number of the cluster; 1 spends most.
  cluster_zh: Its Chinese name, from its profile.
  cluster_en: Its English name, from its profile.
  distance: Distance to the cluster's centre, in standard deviations of the fitted sample.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [member_id, cluster, cluster_zh, cluster_en, distance, as_of_date]
  - unique: [member_id]
---*/
select
    members.member_id,
    clusters.cluster,
    centres.cluster_zh,
    centres.cluster_en,
    clusters.distance,
    parameters.as_of_date
from intermediate.member_clusters as clusters
inner join staging.members as members on clusters.member_key = members.member_key
inner join raw.cluster_centres as centres on clusters.cluster = centres.cluster
cross join raw.parameters as parameters
