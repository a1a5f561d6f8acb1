/*---
description: >
  One row per order, duplicates removed, with its net amount, its canonical member, and the one
  reason if it does not count. Texts stay behind: the order number, because nothing downstream needs
  it, the rest because keys are many times cheaper to keep and to group by.
grain: [order, no key of its own]
columns:
  member_key: Canonical member; empty for a guest.
  is_registered: The member stands in the member file; identified and anonymous buyers do not.
  business_date: Local date of payment, with the shop's own start of day.
  place_key: Store, channel, brand and city that sold it.
  paid_amount: Paid by the customer, in the data set's currency.
  net_amount: Paid minus refunds known at the knowledge date, in the data set's currency.
  invalid_reason: Why it does not count; empty where it does. Labels are in raw.waterfall_steps.
  is_valid: Counts as a purchase.
checks:
  - not_null: [business_date, place_key, paid_amount, net_amount, is_valid]
  - accepted: {invalid_reason: [after_as_of, test, unpaid, exchange, refunded, zero, excluded]}
  - holds: not is_valid or net_amount >= 0
---*/
with

parameters as (
    select * from raw.parameters
),

repeated as (
    select * from staging.repeated_orders
    where version = 1
),

special as (
    select
        coalesce(repeated.order_id, refunds.order_id) as order_id,
        repeated.order_id is not null as is_repeated,
        refunds.refunded_amount
    from repeated
    full outer join staging.refunds_by_order as refunds on repeated.order_id = refunds.order_id
),

read_once as (
    select
        orders.member_id,
        orders.status,
        orders.business_date,
        orders.paid_amount,
        coalesce(special.refunded_amount, orders.refunded_amount, 0) as refunded_amount,
        orders.store_id,
        orders.channel,
        orders.brand,
        orders.city,
        orders.exchange_of,
        orders.is_test
    from raw.orders as orders
    left join special on orders.order_id = special.order_id
    where not coalesce(special.is_repeated, false)
    union all
    select
        repeated.member_id,
        repeated.status,
        repeated.business_date,
        repeated.paid_amount,
        coalesce(special.refunded_amount, repeated.refunded_amount, 0) as refunded_amount,
        repeated.store_id,
        repeated.channel,
        repeated.brand,
        repeated.city,
        repeated.exchange_of,
        repeated.is_test
    from repeated
    inner join special on repeated.order_id = special.order_id
    where not repeated.is_tied
),

netted as (
    select
        read_once.*,
        case
            when not parameters.nets_refunds then read_once.paid_amount
            else read_once.paid_amount - read_once.refunded_amount
        end as net_amount
    from read_once
    cross join parameters
),

known as (
    select
        member_id,
        member_key,
        is_registered,
        is_excluded
    from staging.members
    union all
    select
        merged.member_id,
        members.member_key,
        members.is_registered,
        members.is_excluded
    from raw.canonical_ids as merged
    inner join staging.members as members on merged.canonical_id = members.member_id
),

judged as (
    select
        known.member_key,
        coalesce(known.is_registered, false) as is_registered,
        netted.business_date,
        places.place_key,
        netted.paid_amount,
        netted.net_amount,
        case
            when netted.business_date > parameters.as_of_date then 'after_as_of'
            when netted.is_test then 'test'
            when paid_statuses.status is null then 'unpaid'
            when netted.exchange_of is not null then 'exchange'
            when known.is_excluded then 'excluded'
            when netted.net_amount > 0 then null
            when netted.paid_amount > 0 then 'refunded'
            when netted.net_amount = 0 and parameters.keeps_zero_amounts then null
            else 'zero'
        end as invalid_reason
    from netted
    left join staging.places as places
        on
            netted.store_id is not distinct from places.store_id
            and netted.channel is not distinct from places.channel
            and netted.brand is not distinct from places.brand
            and netted.city is not distinct from places.city
    left join known on netted.member_id = known.member_id
    left join raw.paid_statuses as paid_statuses on netted.status = paid_statuses.status
    cross join parameters
)

select
    member_key,
    is_registered,
    business_date,
    place_key,
    paid_amount,
    net_amount,
    invalid_reason,
    invalid_reason is null as is_valid
from judged
