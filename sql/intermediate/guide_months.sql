/*---
description: >
  What each guide sold in each store and month: valid orders and net sales less returns. Orders
  without a guide are left out.
grain: [guide_id, store_id, month]
columns:
  guide_id: The shop's number of the guide.
  store_id: Store in which it was sold, where known.
  month: First date of the month.
  order_count: Valid orders with the guide.
  net_amount: Their net amount less returns of the month, in the data set's currency.
checks:
  - not_null: [guide_id, month, order_count, net_amount]
  - unique: [guide_id, store_id, month]
---*/
with

guided as (
    select
        place_key,
        guide_id,
        store_id
    from staging.places
    where guide_id is not null
),

place_days as (
    select
        orders.place_key,
        orders.business_date,
        count(*) as order_count,
        sum(orders.net_amount) as net_amount
    from staging.orders as orders
    inner join guided on orders.place_key = guided.place_key
    where orders.is_valid
    group by orders.place_key, orders.business_date
    union all
    select
        returns.place_key,
        returns.business_date,
        0 as order_count,
        returns.net_amount
    from intermediate.returns as returns
    inner join guided on returns.place_key = guided.place_key
)

select
    guided.guide_id,
    guided.store_id,
    cast(date_trunc('month', place_days.business_date) as date) as month,
    cast(sum(place_days.order_count) as bigint) as order_count,
    cast(sum(place_days.net_amount) as decimal(18, 2)) as net_amount
from place_days
inner join guided on place_days.place_key = guided.place_key
group by
    guided.guide_id,
    guided.store_id,
    cast(date_trunc('month', place_days.business_date) as date)
