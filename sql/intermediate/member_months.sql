/*---
description: >
  What each member bought in each month, returns taken off; the months from which longer windows are
  added up.
grain: [member_key, month_start]
columns:
  member_key: Canonical member.
  month_start: First date of the month.
  order_count: Valid orders; 0 where the member only returned.
  net_amount: Their net amount less returns, in the data set's currency.
checks:
  - not_null: [member_key, month_start, order_count, net_amount]
---*/
with

days as (
    select
        member_key,
        business_date,
        order_count,
        net_amount
    from intermediate.member_days
    union all
    select
        member_key,
        business_date,
        0 as order_count,
        net_amount
    from intermediate.returns
    where member_key is not null
)

select
    member_key,
    cast(date_trunc('month', business_date) as date) as month_start,
    cast(sum(order_count) as integer) as order_count,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount
from days
group by member_key, date_trunc('month', business_date)
