/*---
description:
  en: Each cluster's members, what they are worth and how they behave.
  zh: 各聚类的人数、价值与行为。
grain: [cluster]
columns:
  cluster: Number of the cluster; 1 spends most.
  cluster_zh: Its Chinese name, from its profile.
  cluster_en: Its English name, from its profile.
  member_count: Members in the cluster.
  member_share: Members over all clustered members.
  mean_recency_days: Mean days since the latest occasion.
  mean_occasion_count: Occasions in the RFM window per member.
  mean_net_amount: Net amount in the RFM window per member, in the data set's currency.
  net_amount: Net amount in the RFM window, in the data set's currency.
  sales_share: Net amount over that of all clusters; below 0 where returns exceed purchases.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [cluster, cluster_zh, cluster_en, member_count]
  - unique: [cluster]
  - between: {member_share: [0, 1]}
---*/
with

counted as (
    select
        clusters.cluster,
        count(*) as member_count,
        sum(scores.recency_days) as recency_days,
        sum(scores.occasion_count) as occasion_count,
        sum(scores.net_amount) as net_amount
    from intermediate.member_clusters as clusters
    inner join intermediate.member_scores as scores on clusters.member_key = scores.member_key
    group by clusters.cluster
),

totals as (
    select
        sum(member_count) as member_count,
        sum(net_amount) as net_amount
    from counted
)

select
    centres.cluster,
    centres.cluster_zh,
    centres.cluster_en,
    counted.member_count,
    cast(counted.member_count as double) / totals.member_count as member_share,
    cast(counted.recency_days as double) / counted.member_count as mean_recency_days,
    cast(counted.occasion_count as double) / counted.member_count as mean_occasion_count,
    cast(counted.net_amount as double) / counted.member_count as mean_net_amount,
    cast(counted.net_amount as decimal(18, 2)) as net_amount,
    case
        when totals.net_amount > 0
            then cast(counted.net_amount as double) / cast(totals.net_amount as double)
    end as sales_share,
    parameters.as_of_date
from raw.cluster_centres as centres
inner join counted on centres.cluster = counted.cluster
cross join totals
cross join raw.parameters as parameters
