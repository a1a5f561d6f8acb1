/*---
description: >
  What the paid orders of each spot and date come to: the one pass over the orders from which
  refunds, pieces, coupons, cities, guides and enrolment are counted. Refunds and returns stand at
  their own date too.
grain: [kind, spot_key, business_date]
columns:
  kind: What the row is about; sale, return or refund, of which all else is 0.
  spot_key: Where it was sold.
  business_date: Local date of payment, of a refund, or of a return.
  paid_count: Paid orders, those refunded in full included.
  paid_amount: Paid for them, in the data set's currency.
  refunded_count: Those of them of which some or all was refunded by the knowledge date.
  refunded_amount: Refunded of them by the knowledge date.
  dated_count: Orders that were refunded on this date.
  dated_amount: Refunded on this date.
  order_count: Valid orders.
  net_amount: Their net amount less returns of this date.
  anonymous_count: Valid orders without a member number.
  coupon_count: Valid orders with a coupon.
  same_city_count: Valid orders delivered in the city of their store.
  known_city_count: Valid orders of which both cities are known.
  unit_order_count: Valid orders of which the pieces are known.
  units: Pieces of these orders.
  unit_net_amount: Net amount of these orders.
checks:
  - not_null: [kind, spot_key, business_date]
  - unique: [kind, spot_key, business_date]
  - holds: order_count <= paid_count
---*/
with

coupon_orders as (
    select distinct told.sale_key
    from staging.coupons as coupons
    inner join intermediate.told_orders as told on coupons.order_key = told.order_key
    where told.is_valid
),

line_units as (
    select
        sale_key,
        units
    from intermediate.line_sales
    where units is not null
),

sold as (
    select
        spots.spot_key,
        orders.business_date,
        orders.paid_amount,
        orders.refunded_amount,
        orders.is_valid,
        orders.net_amount,
        orders.is_anonymous,
        orders.has_coupon or coupon_orders.sale_key is not null as has_coupon,
        orders.is_same_city,
        coalesce(line_units.units, orders.units) as units
    from staging.orders as orders
    inner join intermediate.spots as spots on orders.place_key = spots.place_key
    left join coupon_orders on orders.order_key = coupon_orders.sale_key
    left join line_units on orders.order_key = line_units.sale_key
    where orders.is_valid or orders.invalid_reason = 'refunded'
)

select
    'sale' as kind,
    spot_key,
    business_date,
    count(*) as paid_count,
    cast(sum(paid_amount) as decimal(18, 2)) as paid_amount,
    count(case when refunded_amount > 0 then 1 end) as refunded_count,
    cast(sum(refunded_amount) as decimal(18, 2)) as refunded_amount,
    0 as dated_count,
    0 as dated_amount,
    count(case when is_valid then 1 end) as order_count,
    cast(coalesce(sum(case when is_valid then net_amount end), 0) as decimal(18, 2)) as net_amount,
    count(case when is_valid and is_anonymous then 1 end) as anonymous_count,
    count(case when is_valid and has_coupon then 1 end) as coupon_count,
    count(case when is_valid and is_same_city then 1 end) as same_city_count,
    count(case when is_valid and is_same_city is not null then 1 end) as known_city_count,
    count(case when is_valid and units is not null then 1 end) as unit_order_count,
    cast(coalesce(sum(case when is_valid then units end), 0) as bigint) as units,
    cast(
        coalesce(sum(case when is_valid and units is not null then net_amount end), 0) as decimal(
            18, 2
        )
    ) as unit_net_amount
from sold
group by spot_key, business_date
union all
select
    'return' as kind,
    spots.spot_key,
    returns.business_date,
    0 as paid_count,
    0 as paid_amount,
    0 as refunded_count,
    0 as refunded_amount,
    0 as dated_count,
    0 as dated_amount,
    0 as order_count,
    cast(sum(returns.net_amount) as decimal(18, 2)) as net_amount,
    0 as anonymous_count,
    0 as coupon_count,
    0 as same_city_count,
    0 as known_city_count,
    0 as unit_order_count,
    0 as units,
    0 as unit_net_amount
from intermediate.returns as returns
inner join intermediate.spots as spots on returns.place_key = spots.place_key
group by spots.spot_key, returns.business_date
union all
select
    'refund' as kind,
    spots.spot_key,
    refunds.refunded_on as business_date,
    0 as paid_count,
    0 as paid_amount,
    0 as refunded_count,
    0 as refunded_amount,
    count(*) as dated_count,
    cast(sum(refunds.amount) as decimal(18, 2)) as dated_amount,
    0 as order_count,
    0 as net_amount,
    0 as anonymous_count,
    0 as coupon_count,
    0 as same_city_count,
    0 as known_city_count,
    0 as unit_order_count,
    0 as units,
    0 as unit_net_amount
from intermediate.refunds_of_orders as refunds
inner join intermediate.spots as spots on refunds.place_key = spots.place_key
group by spots.spot_key, refunds.refunded_on
