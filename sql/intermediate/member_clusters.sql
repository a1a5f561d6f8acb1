/*---
description: The nearest cluster centre of each member who ever bought, in the scaled space.
grain: [member_key]
columns:
  member_key: Canonical member.
  cluster: Number of the cluster; 1 spends most.
  distance: Distance to the cluster's centre, in standard deviations of the sample.
checks:
  - not_null: [member_key, cluster, distance]
  - between: {cluster: [1, 8]}
---*/
with

centres as (
    select
        max(recency_mean) as recency_mean,
        max(recency_scale) as recency_scale,
        max(occasions_mean) as occasions_mean,
        max(occasions_scale) as occasions_scale,
        max(amount_mean) as amount_mean,
        max(amount_scale) as amount_scale,
        max(case when cluster = 1 then recency end) as r1,
        max(case when cluster = 1 then occasions end) as f1,
        max(case when cluster = 1 then amount end) as m1,
        max(case when cluster = 2 then recency end) as r2,
        max(case when cluster = 2 then occasions end) as f2,
        max(case when cluster = 2 then amount end) as m2,
        max(case when cluster = 3 then recency end) as r3,
        max(case when cluster = 3 then occasions end) as f3,
        max(case when cluster = 3 then amount end) as m3,
        max(case when cluster = 4 then recency end) as r4,
        max(case when cluster = 4 then occasions end) as f4,
        max(case when cluster = 4 then amount end) as m4,
        max(case when cluster = 5 then recency end) as r5,
        max(case when cluster = 5 then occasions end) as f5,
        max(case when cluster = 5 then amount end) as m5,
        max(case when cluster = 6 then recency end) as r6,
        max(case when cluster = 6 then occasions end) as f6,
        max(case when cluster = 6 then amount end) as m6,
        max(case when cluster = 7 then recency end) as r7,
        max(case when cluster = 7 then occasions end) as f7,
        max(case when cluster = 7 then amount end) as m7,
        max(case when cluster = 8 then recency end) as r8,
        max(case when cluster = 8 then occasions end) as f8,
        max(case when cluster = 8 then amount end) as m8
    from raw.cluster_centres
),

scaled as (
    select
        features.member_key,
        (features.log_recency - centres.recency_mean) / centres.recency_scale as r,
        (features.log_occasions - centres.occasions_mean) / centres.occasions_scale as f,
        (features.log_spend - centres.amount_mean) / centres.amount_scale as m
    from intermediate.cluster_features as features
    cross join centres
),

squares as (
    select
        scaled.member_key,
        (scaled.r - c.r1) * (scaled.r - c.r1)
        + (scaled.f - c.f1) * (scaled.f - c.f1)
        + (scaled.m - c.m1) * (scaled.m - c.m1) as d1,
        (scaled.r - c.r2) * (scaled.r - c.r2)
        + (scaled.f - c.f2) * (scaled.f - c.f2)
        + (scaled.m - c.m2) * (scaled.m - c.m2) as d2,
        (scaled.r - c.r3) * (scaled.r - c.r3)
        + (scaled.f - c.f3) * (scaled.f - c.f3)
        + (scaled.m - c.m3) * (scaled.m - c.m3) as d3,
        (scaled.r - c.r4) * (scaled.r - c.r4)
        + (scaled.f - c.f4) * (scaled.f - c.f4)
        + (scaled.m - c.m4) * (scaled.m - c.m4) as d4,
        (scaled.r - c.r5) * (scaled.r - c.r5)
        + (scaled.f - c.f5) * (scaled.f - c.f5)
        + (scaled.m - c.m5) * (scaled.m - c.m5) as d5,
        (scaled.r - c.r6) * (scaled.r - c.r6)
        + (scaled.f - c.f6) * (scaled.f - c.f6)
        + (scaled.m - c.m6) * (scaled.m - c.m6) as d6,
        (scaled.r - c.r7) * (scaled.r - c.r7)
        + (scaled.f - c.f7) * (scaled.f - c.f7)
        + (scaled.m - c.m7) * (scaled.m - c.m7) as d7,
        (scaled.r - c.r8) * (scaled.r - c.r8)
        + (scaled.f - c.f8) * (scaled.f - c.f8)
        + (scaled.m - c.m8) * (scaled.m - c.m8) as d8
    from scaled
    cross join centres as c
),

nearest as (
    select
        squares.member_key,
        squares.d1,
        squares.d2,
        squares.d3,
        squares.d4,
        squares.d5,
        squares.d6,
        squares.d7,
        squares.d8,
        least(
            squares.d1,
            coalesce(squares.d2, squares.d1),
            coalesce(squares.d3, squares.d1),
            coalesce(squares.d4, squares.d1),
            coalesce(squares.d5, squares.d1),
            coalesce(squares.d6, squares.d1),
            coalesce(squares.d7, squares.d1),
            coalesce(squares.d8, squares.d1)
        ) as square
    from squares
)

select
    member_key,
    cast(case square
        when d1 then 1
        when d2 then 2
        when d3 then 3
        when d4 then 4
        when d5 then 5
        when d6 then 6
        when d7 then 7
        else 8
    end as integer) as cluster,
    sqrt(square) as distance
from nearest
