/*---
description: Gaps between consecutive occasions of a member, by the cell of dates they end in.
grain: [scope_key, cell_on, gap_days]
columns:
  scope_key: The scope.
  cell_on: First date of the cell of dates in which the gap ends.
  gap_days: Days from an occasion to the member's next one.
  gap_count: Gaps of so many days.
checks:
  - not_null: [scope_key, cell_on, gap_days, gap_count]
  - holds: gap_days >= 1
---*/
select
    occasions.scope_key,
    cells.cell_on,
    cast(date_diff('day', occasions.previous_on, occasions.business_date) as integer) as gap_days,
    count(*) as gap_count
from intermediate.occasions as occasions
inner join intermediate.scope_reaches as scopes on occasions.scope_key = scopes.scope_key
inner join intermediate.interval_cells as cells
    on scopes.reach = cells.reach and occasions.business_date = cells.business_date
where occasions.previous_on is not null
group by
    occasions.scope_key,
    cells.cell_on,
    date_diff('day', occasions.previous_on, occasions.business_date)
