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
        spots.spot_key,
        orders.business_date,
        count(*) as order_count,
        sum(orders.net_amount) as net_amount,
        count(orders.member_key) as member_order_count,
        sum(
            case when orders.member_key is not null then orders.net_amount else 0 end
        ) as member_net_amount,
        sum(cast(orders.is_registered as integer)) as registered_order_count,
        sum(case when orders.is_registered then orders.net_amount else 0 end)
            as registered_net_amount
    from staging.orders as orders
    inner join intermediate.spots as spots on orders.place_key = spots.place_key
    where orders.is_valid
    group by spots.spot_key, orders.business_date
    union all
    select
        spots.spot_key,
        returns.business_date,
        0 as order_count,
        returns.net_amount,
        0 as member_order_count,
        case when returns.member_key is not null then returns.net_amount else 0 end
            as member_net_amount,
        0 as registered_order_count,
        case when returns.is_registered then returns.net_amount else 0 end as registered_net_amount
    from intermediate.returns as returns
    inner join intermediate.spots as spots on returns.place_key = spots.place_key
)

select
    spot_scopes.scope_key,
    days.business_date,
    cast(sum(days.order_count) as bigint) as order_count,
    sum(days.net_amount) as net_amount,
    cast(sum(days.member_order_count) as bigint) as member_order_count,
    sum(days.member_net_amount) as member_net_amount,
    cast(sum(days.registered_order_count) as bigint) as registered_order_count,
    sum(days.registered_net_amount) as registered_net_amount
from days
inner join intermediate.spot_scopes as spot_scopes on days.spot_key = spot_scopes.spot_key
group by spot_scopes.scope_key, days.business_date
