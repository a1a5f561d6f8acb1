/*---
description: >
  Valid orders and net sales of each date, by scope, members and guests apart. Returns lower the net
  sales of their own date, which may be below zero.
grain: [scope_key, business_date]
columns:
  scope_key: The scope.
  business_date: Local date of payment.
  order_count: Valid orders, guests included.
  net_amount: Their net amount less returns, in the data set's currency.
  member_order_count: Valid orders with a member, registered or identified.
  member_net_amount: Their net amount less returns, in the data set's currency.
  registered_order_count: Valid orders of registered members.
  registered_net_amount: Their net amount less returns, in the data set's currency.
checks:
  - not_null: [scope_key, business_date]
  - holds: registered_order_count <= member_order_count and member_order_count <= order_count
---*/
with

days as (
    select
        business_date,
        place_key,
        count(*) as order_count,
        sum(net_amount) as net_amount,
        count(member_key) as member_order_count,
        sum(case when member_key is not null then net_amount else 0 end) as member_net_amount,
        sum(case when is_registered then 1 else 0 end) as registered_order_count,
        sum(case when is_registered then net_amount else 0 end) as registered_net_amount
    from staging.orders
    where is_valid
    group by business_date, place_key
    union all
    select
        business_date,
        place_key,
        0 as order_count,
        net_amount,
        0 as member_order_count,
        case when member_key is not null then net_amount else 0 end as member_net_amount,
        0 as registered_order_count,
        case when is_registered then net_amount else 0 end as registered_net_amount
    from intermediate.returns
)

select
    place_scopes.scope_key,
    days.business_date,
    cast(sum(days.order_count) as bigint) as order_count,
    sum(days.net_amount) as net_amount,
    cast(sum(days.member_order_count) as bigint) as member_order_count,
    sum(days.member_net_amount) as member_net_amount,
    cast(sum(days.registered_order_count) as bigint) as registered_order_count,
    sum(days.registered_net_amount) as registered_net_amount
from days
inner join intermediate.place_scopes as place_scopes on days.place_key = place_scopes.place_key
group by place_scopes.scope_key, days.business_date
