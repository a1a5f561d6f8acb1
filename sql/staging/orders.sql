/*---
description: >
  One row per order, duplicates removed, with its net amount, its canonical member and the one
  reason why it counts or does not. The order number stays behind: nothing downstream needs it, and
  it would be the widest column of the run.
grain: [order, no key of its own]
columns:
  member_key: Canonical member; empty for a guest.
  is_registered: The member stands in the member file; identified and anonymous buyers do not.
  business_date: Local date of payment, with the shop's own start of day.
  store_id: Store that sold it.
  channel: Channel that sold it.
  brand: Brand that sold it.
  city: City of the store.
  paid_amount: Paid by the customer, in the data set's currency.
  net_amount: Paid minus refunds known at the knowledge date, in the data set's currency.
  outcome: Why it counts or not; the labels stand in raw.outcomes.
  is_valid: Counts as a purchase.
checks:
  - not_null: [business_date, paid_amount, net_amount, outcome, is_valid]
  - accepted: {outcome: [valid, after_as_of, test, unpaid, exchange, refunded, zero, excluded]}
  - holds: not is_valid or net_amount >= 0
---*/
with

parameters as (
    select * from raw.parameters
),

repeated as (
    select * from staging.repeated_orders
),

read_once as (
    select
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
        orders.is_test
    from raw.orders as orders
    left join repeated on orders.order_id = repeated.order_id and repeated.version = 1
    where repeated.order_id is null
    union all
    select
        order_id,
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
    from repeated
    where version = 1 and not is_tied
),

netted as (
    select
        read_once.*,
        case
            when not parameters.nets_refunds then read_once.paid_amount
            else read_once.paid_amount
                - coalesce(refunds.refunded_amount, read_once.refunded_amount, 0)
        end as net_amount
    from read_once
    left join staging.refunds_by_order as refunds on read_once.order_id = refunds.order_id
    cross join parameters
),

known as (
    select
        member_id,
        member_key,
        is_registered,
        is_excluded
    from staging.members
),

judged as (
    select
        known.member_key,
        coalesce(known.is_registered, false) as is_registered,
        netted.business_date,
        netted.store_id,
        netted.channel,
        netted.brand,
        netted.city,
        netted.paid_amount,
        netted.net_amount,
        case
            when netted.business_date > parameters.as_of_date then 'after_as_of'
            when netted.is_test then 'test'
            when paid_statuses.status is null then 'unpaid'
            when netted.exchange_of is not null then 'exchange'
            when known.is_excluded then 'excluded'
            when netted.net_amount > 0 then 'valid'
            when netted.paid_amount > 0 then 'refunded'
            when netted.net_amount = 0 and parameters.keeps_zero_amounts then 'valid'
            else 'zero'
        end as outcome
    from netted
    left join raw.canonical_ids as merged on netted.member_id = merged.member_id
    left join known on coalesce(merged.canonical_id, netted.member_id) = known.member_id
    left join raw.paid_statuses as paid_statuses on netted.status = paid_statuses.status
    cross join parameters
)

select
    member_key,
    is_registered,
    business_date,
    store_id,
    channel,
    brand,
    city,
    paid_amount,
    net_amount,
    outcome,
    outcome = 'valid' as is_valid
from judged
