/*---
description: >
  Points of every window, from the window of the ledger's first movement on; what was before nobody
  knows.
grain: [window_type, window_start]
columns:
  window_type: Kind of window.
  window_start: First business date of the window.
  issued_points: Points earned in the window, less reversals.
  redeemed_points: Points redeemed in the window.
  expired_points: Points that expired in the window.
  balance_points: Points left at the end of the window, or at the as-of date, of all movements.
checks:
  - not_null: [window_type, window_start, issued_points, balance_points]
---*/
select
    windows.window_type,
    windows.window_start,
    cast(sum(
        case when days.moved_on >= windows.window_start then days.issued_points else 0 end
    ) as bigint) as issued_points,
    cast(sum(
        case when days.moved_on >= windows.window_start then days.redeemed_points else 0 end
    ) as bigint) as redeemed_points,
    cast(sum(
        case when days.moved_on >= windows.window_start then days.expired_points else 0 end
    ) as bigint) as expired_points,
    cast(sum(days.balance_points) as bigint) as balance_points
from raw.windows as windows
inner join intermediate.point_days as days on windows.window_end >= days.moved_on
group by windows.window_type, windows.window_start
