/*---
description: >
  Occasions by the cell of dates they lie in and by the days until the member's next one, or until
  the as-of date where there is none yet. Kinds of many scopes are left out.
grain: [scope_key, cell_on, wait_days]
columns:
  scope_key: The scope.
  cell_on: First date of the cell of dates of the occasion.
  wait_days: Days until the next occasion, or watched without one.
  occasion_count: Occasions.
  followed_count: Of them, those followed by another.
checks:
  - not_null: [scope_key, cell_on, wait_days, occasion_count, followed_count]
  - holds: followed_count <= occasion_count and wait_days >= 0
---*/
with

parameters as (
    select * from raw.parameters
),

waits as (
    select
        occasions.scope_key,
        cells.cell_on,
        cast(
            date_diff(
                'day',
                occasions.business_date,
                coalesce(occasions.next_on, parameters.as_of_date)
            ) as integer
        ) as wait_days,
        case when occasions.next_on is not null then 1 else 0 end as is_followed
    from intermediate.occasions as occasions
    inner join intermediate.scope_reaches as scopes
        on occasions.scope_key = scopes.scope_key and scopes.reach <= 2
    inner join intermediate.interval_cells as cells
        on scopes.reach = cells.reach and occasions.business_date = cells.business_date
    cross join parameters
)

select
    scope_key,
    cell_on,
    wait_days,
    count(*) as occasion_count,
    cast(sum(is_followed) as bigint) as followed_count
from waits
group by scope_key, cell_on, wait_days
