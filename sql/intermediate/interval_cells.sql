/*---
description: >
  Dates that lie in the same windows, as cells: what happened in a cell is counted once and then
  belongs to each window as a whole.
grain: [reach, business_date]
columns:
  reach: 1 for the whole data set, 2 for kinds of few scopes, 3 for kinds of many.
  business_date: A date of the data.
  cell_on: First date of its cell; may lie before the data.
checks:
  - not_null: [reach, business_date, cell_on]
---*/
with

edges as (
    select
        reach,
        window_start as edge_on
    from intermediate.reach_windows
    union
    select
        reach,
        window_end + 1 as edge_on
    from intermediate.reach_windows
)

select
    edges.reach,
    calendar.date as business_date,
    max(edges.edge_on) as cell_on
from raw.calendar as calendar
inner join edges on calendar.date >= edges.edge_on
group by edges.reach, calendar.date
