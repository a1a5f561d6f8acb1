/*---
description: >
  What the orders of each spot and date come to, whether they count or not: the one pass over the
  orders from which net sales, refunds, pieces, coupons, cities, guides and enrolment are counted,
  and by which the next run tells why a number changed. Refunds and returns stand at their own date
  too.
grain: [kind, spot_key, business_date]
columns:
  kind: >
    What the row is about: valid, refunded, excluded or uncounted orders, a return or a refund, of
    which all else is 0.
  spot_key: Where it was sold.
  business_date: Local date of payment, of a refund, or of a return.
  seen_count: Orders, duplicates removed, whether they count or not.
  seen_amount: Paid for them, in the data set's currency.
  taken_amount: Refunds taken off valid and refunded orders.
  guest_count: Orders without a member, whether they count or not.
  paid_count: Paid orders, those refunded in full included.
  paid_amount: Paid for these.
  refunded_count: Those of them of which some or all was refunded by the knowledge date.
  refunded_amount: Refunded of them by the knowledge date.
  dated_count: Orders that were refunded on this date.
  dated_amount: Refunded on this date.
  order_count: Valid orders.
  net_amount: Their net amount less returns of this date.
  member_order_count: Valid orders with a member, registered or identified.
  member_net_amount: Their net amount less returns of this date.
  registered_order_count: Valid orders of registered members.
  registered_net_amount: Their net amount less returns of this date.
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
  - holds: order_count <= paid_count and paid_count <= seen_count
  - holds: registered_order_count <= member_order_count and member_order_count <= order_count
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

valid_orders as (
    select
        spots.spot_key,
        orders.business_date,
        orders.paid_amount,
        orders.refunded_amount,
        orders.net_amount,
        orders.member_key,
        orders.is_registered,
        orders.is_anonymous,
        orders.has_coupon or coupon_orders.sale_key is not null as has_coupon,
        orders.is_same_city,
        coalesce(line_units.units, orders.units) as units
    from staging.orders as orders
    inner join intermediate.spots as spots on orders.place_key = spots.place_key
    left join coupon_orders on orders.order_key = coupon_orders.sale_key
    left join line_units on orders.order_key = line_units.sale_key
    where orders.is_valid
),

other_orders as (
    select
        case
            when orders.invalid_reason = 'refunded' or orders.invalid_reason = 'excluded'
                then orders.invalid_reason
            else 'uncounted'
        end as kind,
        spots.spot_key,
        orders.business_date,
        orders.paid_amount,
        orders.refunded_amount,
        orders.net_amount,
        orders.member_key
    from staging.orders as orders
    inner join intermediate.spots as spots on orders.place_key = spots.place_key
    where not orders.is_valid and orders.invalid_reason <> 'after_as_of'
)

select
    'valid' as kind,
    spot_key,
    business_date,
    count(*) as seen_count,
    cast(sum(paid_amount) as decimal(18, 2)) as seen_amount,
    cast(sum(paid_amount) - sum(net_amount) as decimal(18, 2)) as taken_amount,
    count(*) - count(member_key) as guest_count,
    count(*) as paid_count,
    cast(sum(paid_amount) as decimal(18, 2)) as paid_amount,
    count(case when refunded_amount > 0 then 1 end) as refunded_count,
    cast(sum(refunded_amount) as decimal(18, 2)) as refunded_amount,
    0 as dated_count,
    0 as dated_amount,
    count(*) as order_count,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount,
    count(member_key) as member_order_count,
    cast(sum(case when member_key is not null then net_amount else 0 end) as decimal(18, 2))
        as member_net_amount,
    count(case when is_registered then 1 end) as registered_order_count,
    cast(sum(case when is_registered then net_amount else 0 end) as decimal(18, 2))
        as registered_net_amount,
    count(case when is_anonymous then 1 end) as anonymous_count,
    count(case when has_coupon then 1 end) as coupon_count,
    count(case when is_same_city then 1 end) as same_city_count,
    count(is_same_city) as known_city_count,
    count(units) as unit_order_count,
    cast(coalesce(sum(units), 0) as bigint) as units,
    cast(sum(case when units is not null then net_amount else 0 end) as decimal(18, 2))
        as unit_net_amount
from valid_orders
group by spot_key, business_date
union all
select
    kind,
    spot_key,
    business_date,
    count(*) as seen_count,
    cast(sum(paid_amount) as decimal(18, 2)) as seen_amount,
    cast(
        case when kind = 'refunded' then sum(paid_amount) - sum(net_amount) else 0 end as decimal(
            18, 2
        )
    ) as taken_amount,
    count(*) - count(member_key) as guest_count,
    case when kind = 'refunded' then count(*) else 0 end as paid_count,
    cast(case when kind = 'refunded' then sum(paid_amount) else 0 end as decimal(18, 2))
        as paid_amount,
    count(case when kind = 'refunded' and refunded_amount > 0 then 1 end) as refunded_count,
    cast(case when kind = 'refunded' then sum(refunded_amount) else 0 end as decimal(18, 2))
        as refunded_amount,
    0 as dated_count,
    0 as dated_amount,
    0 as order_count,
    0 as net_amount,
    0 as member_order_count,
    0 as member_net_amount,
    0 as registered_order_count,
    0 as registered_net_amount,
    0 as anonymous_count,
    0 as coupon_count,
    0 as same_city_count,
    0 as known_city_count,
    0 as unit_order_count,
    0 as units,
    0 as unit_net_amount
from other_orders
group by kind, spot_key, business_date
union all
select
    'return' as kind,
    spots.spot_key,
    returns.business_date,
    0 as seen_count,
    0 as seen_amount,
    0 as taken_amount,
    0 as guest_count,
    0 as paid_count,
    0 as paid_amount,
    0 as refunded_count,
    0 as refunded_amount,
    0 as dated_count,
    0 as dated_amount,
    0 as order_count,
    cast(sum(returns.net_amount) as decimal(18, 2)) as net_amount,
    0 as member_order_count,
    cast(
        sum(
            case when returns.member_key is not null then returns.net_amount else 0 end
        ) as decimal(18, 2)
    ) as member_net_amount,
    0 as registered_order_count,
    cast(
        sum(case when returns.is_registered then returns.net_amount else 0 end) as decimal(18, 2)
    ) as registered_net_amount,
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
    0 as seen_count,
    0 as seen_amount,
    0 as taken_amount,
    0 as guest_count,
    0 as paid_count,
    0 as paid_amount,
    0 as refunded_count,
    0 as refunded_amount,
    count(*) as dated_count,
    cast(sum(refunds.amount) as decimal(18, 2)) as dated_amount,
    0 as order_count,
    0 as net_amount,
    0 as member_order_count,
    0 as member_net_amount,
    0 as registered_order_count,
    0 as registered_net_amount,
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
