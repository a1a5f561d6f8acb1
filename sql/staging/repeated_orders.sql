/*---
description: >
  The different versions of each order that stands in the files more than once, ranked: the further
  status wins, then the later export. Identical rows are one version.
grain: [order_id, version]
columns:
  order_id: The shop's order number.
  version: 1 for the version that wins.
  is_tied: Nothing tells which version is right; the order is quarantined.
  member_id: The member as the till knew it.
  status: Status as exported.
  business_date: Local business date.
  paid_amount: Paid by the customer.
  refunded_amount: Undated refunds, as exported.
  store_id: Store that sold it.
  channel: Channel that sold it.
  brand: Brand that sold it.
  city: City of the store.
  exchange_of: Order that this one replaces.
  is_test: A test order.
checks:
  - not_null: [order_id, version, business_date, paid_amount]
---*/
with

orders as (
    select * from raw.orders
),

order_statuses as (
    select * from raw.order_statuses
),

candidates as (
    select * from staging.repeated_order_hashes
),

versions as (
    select distinct
        orders.order_id,
        orders.member_id,
        orders.status,
        orders.business_date,
        orders.paid_amount,
        orders.refunded_amount,
        orders.store_id,
        orders.channel,
        orders.brand,
        orders.city,
        orders.exchange_of,
        orders.is_test,
        orders.exported_at
    from orders
    inner join candidates on hash(orders.order_id) = candidates.order_hash
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
    business_date,
    paid_amount,
    refunded_amount,
    store_id,
    channel,
    brand,
    city,
    exchange_of,
    is_test
from ranked
