/*---
description: >
  Valid orders and net sales of each store and date, whatever scopes the data set asks for. Orders
  without a store are those of one store without a number.
grain: [store_key, business_date]
columns:
  store_key: The store, an integer that lives only inside one run; 0 for orders without a store.
  business_date: Local date of payment, or of the return.
  order_count: Valid orders, guests included.
  net_amount: Their net amount less returns, in the data set's currency.
  member_order_count: Valid orders of members, registered or identified.
  member_net_amount: Their net amount less returns of members, in the data set's currency.
checks:
  - not_null: [store_key, business_date, order_count, net_amount]
  - unique: [store_key, business_date]
---*/
with

places as (
    select
        place_key,
        store_key
    from intermediate.store_places
),

days as (
    select
        places.store_key,
        orders.business_date,
        count(*) as order_count,
        sum(orders.net_amount) as net_amount,
        count(orders.member_key) as member_order_count,
        sum(
            case when orders.member_key is not null then orders.net_amount else 0 end
        ) as member_net_amount
    from staging.orders as orders
    inner join places on orders.place_key = places.place_key
    where orders.is_valid
    group by places.store_key, orders.business_date
    union all
    select
        places.store_key,
        returns.business_date,
        0 as order_count,
        returns.net_amount,
        0 as member_order_count,
        case when returns.member_key is not null then returns.net_amount else 0 end
            as member_net_amount
    from intermediate.returns as returns
    inner join places on returns.place_key = places.place_key
)

select
    store_key,
    business_date,
    cast(sum(order_count) as bigint) as order_count,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount,
    cast(sum(member_order_count) as bigint) as member_order_count,
    cast(sum(member_net_amount) as decimal(18, 2)) as member_net_amount
from days
group by store_key, business_date
