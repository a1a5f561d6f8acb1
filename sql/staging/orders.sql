/*---
description: >
  One row per order, duplicates removed, with its net amount, its canonical member, and the one
  reason if it does not count. Parts of one purchase are judged each on its own; then the first
  valid one stands for all of them, with their money and its own date, where a deposit yields to
  its balance. A return that is settled bears the status of refunded orders and is a return all the
  same. Texts stay behind: the order number, because nothing downstream needs it, the rest
  because keys are many times cheaper to keep and to group by.
grain: [order, no key of its own]
columns:
  member_key: Canonical member; empty for a guest.
  is_registered: A registered member on that date; identified and anonymous buyers are not.
  business_date: Local date of payment, with the shop's own start of day.
  place_key: Store, channel, brand and city that sold it.
  month_shift: Months by which UTC's month differs, where control totals ask for it.
  order_key: The order, where lines, coupons or refunds tell of it; an integer inside one run.
  units: Pieces sold, as the order says; of a purchase, of all its parts.
  has_coupon: Paid by coupons in part, as the order or a part of the purchase says.
  is_same_city: Delivered in the city of its store; empty unless both cities are known.
  is_anonymous: No member number at all; a guest may also bear one that is counted as a guest's.
  paid_amount: Paid by the customer, in the data set's currency; of a purchase, for all its parts.
  refunded_amount: >
    Refunds known at the knowledge date, whether or not they are taken off; all of it where only
    the status tells that the order was refunded.
  net_amount: Paid minus refunds known at the knowledge date; a return's is below zero.
  invalid_reason: Why it does not count; empty where it does. Labels are in raw.waterfall_steps.
  is_valid: Counts as a purchase.
checks:
  - not_null: [business_date, place_key, paid_amount, net_amount, is_valid]
  - accepted:
      invalid_reason:
        - after_as_of
        - test
        - unpaid
        - exchange
        - stored_value
        - deposit
        - return
        - refunded
        - zero
        - excluded
        - parcel
  - holds: not is_valid or net_amount >= 0
---*/
with

parameters as (
    select * from raw.parameters
),

read_once as (
    select
        orders.member_id,
        orders.status,
        orders.order_kind,
        orders.business_date,
        orders.paid_amount,
        coalesce(special.refunded_amount, nullif(orders.refunded_amount, 0)) as told_amount,
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
        orders.exchange_of,
        orders.is_test,
        special.purchase_key,
        special.parcel_key,
        special.month_shift,
        special.order_key
    from raw.orders as orders
    left join staging.special_orders as special on orders.order_id = special.order_id
    where not coalesce(special.is_repeated, false)
    union all
    select
        repeated.member_id,
        repeated.status,
        repeated.order_kind,
        repeated.business_date,
        repeated.paid_amount,
        coalesce(special.refunded_amount, nullif(repeated.refunded_amount, 0)) as told_amount,
        repeated.store_id,
        repeated.channel,
        repeated.brand,
        repeated.city,
        repeated.guide_id,
        repeated.scope_1,
        repeated.scope_2,
        repeated.scope_3,
        repeated.delivery_city,
        repeated.units,
        repeated.coupon_amount,
        repeated.exchange_of,
        repeated.is_test,
        special.purchase_key,
        special.parcel_key,
        special.month_shift,
        special.order_key
    from staging.repeated_orders as repeated
    inner join staging.special_orders as special on repeated.order_id = special.order_id
    where repeated.version = 1 and not repeated.is_tied
),

explained as (
    select
        read_once.*,
        read_once.is_test or coalesce(statuses.status_class = 'test', false) as is_trial,
        coalesce(statuses.status_class = 'refunded', false) as is_sent_back,
        coalesce(statuses.is_paid, false) as is_paid,
        read_once.exchange_of is not null
        or coalesce(kinds.order_kind = 'exchange', false) as is_exchange,
        coalesce(kinds.order_kind in ('gift_card', 'stored_value'), false) as is_stored_value,
        coalesce(kinds.order_kind = 'deposit', false) as is_deposit,
        coalesce(kinds.order_kind = 'voucher', false) as is_voucher,
        read_once.paid_amount < 0 or coalesce(kinds.order_kind = 'return', false) as is_return
    from read_once
    left join raw.order_statuses as statuses on read_once.status = statuses.status
    left join raw.order_kinds as kinds on read_once.order_kind = kinds.word
),

netted as (
    select
        explained.*,
        case
            when explained.is_return and parameters.nets_refunds then -abs(explained.paid_amount)
            when explained.is_return then 0
            when parameters.nets_refunds
                then explained.paid_amount - coalesce(explained.told_amount, 0)
            else explained.paid_amount
        end as net_amount,
        case
            when explained.told_amount is not null then explained.told_amount
            when explained.is_sent_back and not explained.is_paid then explained.paid_amount
            else 0
        end as refunded_amount
    from explained
    cross join parameters
),

-- 上海市 and 上海 are one city; 津市市 is 津市, and 津市 is not 津.
places as (
    select
        places.*,
        case
            when
                length(places.city) > 2
                and substring(places.city, length(places.city), 1) = '市'
                then substring(places.city, 1, length(places.city) - 1)
            else places.city
        end as city_name
    from staging.places as places
),

known as (
    select
        member_id,
        member_key,
        is_registered,
        deregistered_on,
        is_excluded
    from staging.members
    union all
    select
        merged.member_id,
        members.member_key,
        members.is_registered,
        members.deregistered_on,
        members.is_excluded
    from raw.canonical_ids as merged
    inner join staging.members as members on merged.canonical_id = members.member_id
),

judged as (
    select
        known.member_key,
        coalesce(known.is_registered, false)
        and coalesce(netted.business_date < known.deregistered_on, true) as is_registered,
        netted.business_date,
        places.place_key,
        netted.month_shift,
        netted.order_key,
        netted.units,
        coalesce(netted.coupon_amount > 0, false) as has_coupon,
        case
            when netted.delivery_city is null then null
            when
                length(netted.delivery_city) > 2
                and substring(netted.delivery_city, length(netted.delivery_city), 1) = '市'
                then
                    substring(netted.delivery_city, 1, length(netted.delivery_city) - 1)
                    = places.city_name
            else netted.delivery_city = places.city_name
        end as is_same_city,
        netted.member_id is null as is_anonymous,
        netted.paid_amount,
        netted.refunded_amount,
        netted.net_amount,
        netted.purchase_key,
        netted.parcel_key,
        case
            when netted.business_date > parameters.as_of_date then 'after_as_of'
            when netted.is_trial then 'test'
            when not netted.is_paid and not netted.is_sent_back then 'unpaid'
            when not netted.is_paid and not netted.is_return then 'refunded'
            when netted.is_exchange then 'exchange'
            when netted.is_stored_value then 'stored_value'
            when known.is_excluded then 'excluded'
            when netted.is_return then 'return'
            when netted.net_amount > 0 and netted.is_deposit then 'deposit'
            when netted.net_amount > 0 then null
            when netted.paid_amount > 0 then 'refunded'
            when
                netted.net_amount = 0 and (netted.is_voucher or parameters.keeps_zero_amounts)
                then null
            else 'zero'
        end as invalid_reason
    from netted
    left join places
        on
            netted.store_id is not distinct from places.store_id
            and netted.channel is not distinct from places.channel
            and netted.brand is not distinct from places.order_brand
            and netted.city is not distinct from places.order_city
            and netted.guide_id is not distinct from places.guide_id
            and netted.scope_1 is not distinct from places.scope_1
            and netted.scope_2 is not distinct from places.scope_2
            and netted.scope_3 is not distinct from places.scope_3
    left join known on netted.member_id = known.member_id
    cross join parameters
),

parts as (
    select
        judged.*,
        coalesce(judged.invalid_reason = 'deposit', true) as is_part,
        count(case when judged.invalid_reason is null then 1 end) over (
            partition by judged.purchase_key
        ) as valid_count
    from judged
    where judged.purchase_key is not null
),

ranked_parts as (
    select
        parts.*,
        parts.is_part and parts.valid_count > 0 as is_bought,
        row_number() over (
            partition by parts.purchase_key, parts.is_part
            order by
                case when parts.invalid_reason is null then 0 else 1 end,
                parts.business_date,
                parts.parcel_key
        ) as place,
        count(case when parts.has_coupon then 1 end) over (
            partition by parts.purchase_key, parts.is_part
        ) as coupon_count,
        sum(parts.units) over (
            partition by parts.purchase_key, parts.is_part
        ) as purchase_units,
        sum(parts.paid_amount) over (
            partition by parts.purchase_key, parts.is_part
        ) as purchase_paid_amount,
        sum(parts.refunded_amount) over (
            partition by parts.purchase_key, parts.is_part
        ) as purchase_refunded_amount,
        sum(parts.net_amount) over (
            partition by parts.purchase_key, parts.is_part
        ) as purchase_net_amount
    from parts
),

purchases as (
    select
        member_key,
        is_registered,
        business_date,
        place_key,
        month_shift,
        order_key,
        case
            when not is_bought then units
            when place = 1 then purchase_units
        end as units,
        case when is_bought then coupon_count > 0 else has_coupon end as has_coupon,
        is_same_city,
        is_anonymous,
        case
            when not is_bought then paid_amount
            when place = 1 then purchase_paid_amount
            else 0
        end as paid_amount,
        case
            when not is_bought then refunded_amount
            when place = 1 then purchase_refunded_amount
            else 0
        end as refunded_amount,
        case
            when not is_bought then net_amount
            when place = 1 then purchase_net_amount
            else 0
        end as net_amount,
        case
            when not is_bought then invalid_reason
            when place > 1 then 'parcel'
        end as invalid_reason
    from ranked_parts
),

united as (
    select
        member_key,
        is_registered,
        business_date,
        place_key,
        month_shift,
        order_key,
        units,
        has_coupon,
        is_same_city,
        is_anonymous,
        paid_amount,
        refunded_amount,
        net_amount,
        invalid_reason
    from judged
    where purchase_key is null
    union all
    select
        member_key,
        is_registered,
        business_date,
        place_key,
        month_shift,
        order_key,
        cast(units as bigint) as units,
        has_coupon,
        is_same_city,
        is_anonymous,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(refunded_amount as decimal(18, 2)) as refunded_amount,
        cast(net_amount as decimal(18, 2)) as net_amount,
        invalid_reason
    from purchases
)

select
    member_key,
    is_registered,
    business_date,
    place_key,
    cast(month_shift as tinyint) as month_shift,
    order_key,
    units,
    has_coupon,
    is_same_city,
    is_anonymous,
    paid_amount,
    refunded_amount,
    cast(net_amount as decimal(18, 2)) as net_amount,
    invalid_reason,
    invalid_reason is null as is_valid
from united
