/*---
description: >
  The order rows whose number may stand in the files more than once, equal rows of one file made
  one and counted. What is done about them needs few rows, so that the orders are read for it once.
grain: [order_id, content, file_number]
columns:
  order_id: The shop's order number.
  member_id: The member as the till knew it.
  status: Status as exported.
  order_kind: Kind as exported.
  business_date: Local business date.
  paid_amount: Paid by the customer.
  refunded_amount: Undated refunds, as exported.
  store_id: Store that sold it.
  channel: Channel that sold it.
  brand: Brand that sold it.
  city: City of the store.
  guide_id: Shopping guide who is credited with it.
  scope_1: First dimension of the data set's own.
  scope_2: Second dimension of the data set's own.
  scope_3: Third dimension of the data set's own.
  delivery_city: City it was delivered to.
  units: Pieces sold.
  coupon_amount: Part of the price paid by coupons.
  parent_order_id: Order that this parcel is a part of.
  exchange_of: Order that this one replaces.
  is_test: A test order.
  exported_at: When the system exported this version.
  file_number: File that holds the rows.
  row_count: Rows that are equal in all of this.
checks:
  - not_null: [order_id, business_date, paid_amount, file_number]
  - holds: row_count >= 1
---*/
with

orders as (
    select * from raw.orders
),

candidates as (
    select * from staging.repeated_order_hashes
)

select
    orders.order_id,
    orders.member_id,
    orders.status,
    orders.order_kind,
    orders.business_date,
    orders.paid_amount,
    orders.refunded_amount,
    orders.store_id,
    orders.channel,
    orders.brand,
    orders.city,
    orders.guide_id,
    orders.scope_1,
    orders.scope_2,
    orders.scope_3,
    orders.delivery_city,
    orders.units,
    orders.coupon_amount,
    orders.parent_order_id,
    orders.exchange_of,
    orders.is_test,
    orders.exported_at,
    orders.file_number,
    count(*) as row_count
from orders
inner join candidates on hash(orders.order_id) = candidates.order_hash
group by
    orders.order_id,
    orders.member_id,
    orders.status,
    orders.order_kind,
    orders.business_date,
    orders.paid_amount,
    orders.refunded_amount,
    orders.store_id,
    orders.channel,
    orders.brand,
    orders.city,
    orders.guide_id,
    orders.scope_1,
    orders.scope_2,
    orders.scope_3,
    orders.delivery_city,
    orders.units,
    orders.coupon_amount,
    orders.parent_order_id,
    orders.exchange_of,
    orders.is_test,
    orders.exported_at,
    orders.file_number
