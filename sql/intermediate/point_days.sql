/*---
description: >
  Points of each date by what moved them. Movements of a kind that nobody explains are left out.
grain: [moved_on]
columns:
  moved_on: Local date of the movements.
  issued_points: Points earned, less reversals.
  redeemed_points: Points redeemed, above zero where points were spent.
  expired_points: Points expired, above zero where points were lost.
  balance_points: What all movements of the date, adjustments included, add to the balance.
checks:
  - not_null: [moved_on, issued_points, redeemed_points, expired_points, balance_points]
---*/
select
    moved_on,
    cast(sum(case when point_kind = 'earn' then points else 0 end) as bigint) as issued_points,
    cast(sum(case when point_kind = 'redeem' then -points else 0 end) as bigint) as redeemed_points,
    cast(sum(case when point_kind = 'expire' then -points else 0 end) as bigint) as expired_points,
    cast(sum(points) as bigint) as balance_points
from staging.points
where point_kind is not null
group by moved_on
