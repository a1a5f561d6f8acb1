/*---
description: >
  The different versions of each order that stands in the files more than once, ranked: the further
  status wins, then the later export. Identical rows are one version. Where two versions are equally
  far and nothing dates them, as where one says refunded and the other cancelled, the order is tied.
grain: [order_id, version]
columns:
  order_id: The shop's order number.
  version: 1 for the version that wins.
  is_tied: Nothing tells which version is right; the order is quarantined.
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
  file_number: First file that holds the version.
checks:
  - not_null: [order_id, version, business_date, paid_amount]
---*/
with

order_statuses as (
    select * from raw.order_statuses
),

versions as (
    select
        order_id,
        member_id,
        status,
        order_kind,
        business_date,
        paid_amount,
        refunded_amount,
        store_id,
        channel,
        brand,
        city,
        guide_id,
        scope_1,
        scope_2,
        scope_3,
        delivery_city,
        units,
        coupon_amount,
        parent_order_id,
        exchange_of,
        is_test,
        exported_at,
        min(file_number) as file_number
    from staging.repeated_order_rows
    group by
        order_id,
        member_id,
        status,
        order_kind,
        business_date,
        paid_amount,
        refunded_amount,
        store_id,
        channel,
        brand,
        city,
        guide_id,
        scope_1,
        scope_2,
        scope_3,
        delivery_city,
        units,
        coupon_amount,
        parent_order_id,
        exchange_of,
        is_test,
        exported_at
),

ranked as (
    select
        versions.*,
        row_number() over (
            partition by versions.order_id
            order by
                coalesce(order_statuses.stage, 0) desc,
                coalesce(versions.exported_at, timestamp '0001-01-01 00:00:00') desc
        ) as version,
        count(*) over (
            partition by
                versions.order_id,
                coalesce(order_statuses.stage, 0),
                coalesce(versions.exported_at, timestamp '0001-01-01 00:00:00')
        ) as rival_count
    from versions
    left join order_statuses on versions.status = order_statuses.status
)

select
    order_id,
    version,
    version = 1 and rival_count > 1 as is_tied,
    member_id,
    status,
    order_kind,
    business_date,
    paid_amount,
    refunded_amount,
    store_id,
    channel,
    brand,
    city,
    guide_id,
    scope_1,
    scope_2,
    scope_3,
    delivery_city,
    units,
    coupon_amount,
    parent_order_id,
    exchange_of,
    is_test,
    file_number
from ranked
