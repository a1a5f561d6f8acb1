/*---
description: >
  What the paid orders of every scope come to in every window: refunds, pieces, coupons, cities,
  guides and enrolment. Each scope has each window: where nothing happened there is a 0, not a gap.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the numbers are about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  is_refund_mature: So long ago that the refunds of its orders have come, as a rule.
  paid_count: Paid orders, those refunded in full included.
  paid_amount: Paid for them, in the data set's currency.
  refunded_count: Those of them of which some or all was refunded by the knowledge date.
  refunded_amount: Refunded of them by the knowledge date.
  dated_count: Orders that were refunded within the window, whenever they were paid.
  dated_amount: Refunded within the window.
  order_count: Valid orders.
  coupon_count: Valid orders with a coupon.
  same_city_count: Valid orders delivered in the city of their store.
  known_city_count: Valid orders of which both cities are known.
  unit_order_count: Valid orders of which the pieces are known.
  units: Pieces of these orders.
  unit_net_amount: Net amount of these orders.
  guide_net_amount: Net sales with a guide, in the channels in which guides sell.
  guided_net_amount: Net sales of the channels in which guides sell.
  enrolled_count: Members whose first order anywhere is of the date of their registration.
  anonymous_count: Valid orders without a member number, in channels of stores.
checks:
  - not_null: [scope_type, scope, window_type, window_start, paid_count, order_count]
  - unique: [scope_type, scope, window_type, window_start]
  - holds: order_count <= paid_count and refunded_count <= paid_count
  - holds: same_city_count <= known_city_count and known_city_count <= order_count
  - holds: coupon_count <= order_count and unit_order_count <= order_count
---*/
with

days as (
    select
        spot_scopes.scope_key,
        order_days.business_date,
        order_days.paid_count,
        order_days.paid_amount,
        order_days.refunded_count,
        order_days.refunded_amount,
        order_days.dated_count,
        order_days.dated_amount,
        order_days.order_count,
        order_days.coupon_count,
        order_days.same_city_count,
        order_days.known_city_count,
        order_days.unit_order_count,
        order_days.units,
        order_days.unit_net_amount,
        case
            when spot_scopes.has_guide and spot_scopes.is_guided then order_days.net_amount
            else 0
        end as guide_net_amount,
        case when spot_scopes.is_guided then order_days.net_amount else 0 end as guided_net_amount,
        0 as enrolled_count,
        case
            when spot_scopes.is_offline then order_days.anonymous_count else 0
        end as anonymous_count
    from intermediate.order_days as order_days
    inner join intermediate.spot_scopes as spot_scopes
        on order_days.spot_key = spot_scopes.spot_key
    where order_days.kind <> 'excluded' and order_days.kind <> 'uncounted'
    union all
    select
        scope_key,
        business_date,
        0 as paid_count,
        0 as paid_amount,
        0 as refunded_count,
        0 as refunded_amount,
        0 as dated_count,
        0 as dated_amount,
        0 as order_count,
        0 as coupon_count,
        0 as same_city_count,
        0 as known_city_count,
        0 as unit_order_count,
        0 as units,
        0 as unit_net_amount,
        0 as guide_net_amount,
        0 as guided_net_amount,
        enrolled_count,
        0 as anonymous_count
    from intermediate.enrolments
),

scope_days as (
    select
        scope_key,
        business_date,
        cast(sum(paid_count) as bigint) as paid_count,
        cast(sum(paid_amount) as decimal(18, 2)) as paid_amount,
        cast(sum(refunded_count) as bigint) as refunded_count,
        cast(sum(refunded_amount) as decimal(18, 2)) as refunded_amount,
        cast(sum(dated_count) as bigint) as dated_count,
        cast(sum(dated_amount) as decimal(18, 2)) as dated_amount,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(coupon_count) as bigint) as coupon_count,
        cast(sum(same_city_count) as bigint) as same_city_count,
        cast(sum(known_city_count) as bigint) as known_city_count,
        cast(sum(unit_order_count) as bigint) as unit_order_count,
        cast(sum(units) as bigint) as units,
        cast(sum(unit_net_amount) as decimal(18, 2)) as unit_net_amount,
        cast(sum(guide_net_amount) as decimal(18, 2)) as guide_net_amount,
        cast(sum(guided_net_amount) as decimal(18, 2)) as guided_net_amount,
        cast(sum(enrolled_count) as bigint) as enrolled_count,
        cast(sum(anonymous_count) as bigint) as anonymous_count
    from days
    group by scope_key, business_date
),

-- Refunds may be known that lie outside the calendar of orders.
dates as (
    select distinct business_date from scope_days
),

windows_of_dates as (
    select
        dates.business_date,
        windows.window_type,
        windows.window_start,
        windows.is_for_scopes
    from dates
    inner join raw.windows as windows
        on dates.business_date between windows.window_start and windows.window_end
),

sums as (
    select
        scope_days.scope_key,
        windows_of_dates.window_type,
        windows_of_dates.window_start,
        sum(scope_days.paid_count) as paid_count,
        sum(scope_days.paid_amount) as paid_amount,
        sum(scope_days.refunded_count) as refunded_count,
        sum(scope_days.refunded_amount) as refunded_amount,
        sum(scope_days.dated_count) as dated_count,
        sum(scope_days.dated_amount) as dated_amount,
        sum(scope_days.order_count) as order_count,
        sum(scope_days.coupon_count) as coupon_count,
        sum(scope_days.same_city_count) as same_city_count,
        sum(scope_days.known_city_count) as known_city_count,
        sum(scope_days.unit_order_count) as unit_order_count,
        sum(scope_days.units) as units,
        sum(scope_days.unit_net_amount) as unit_net_amount,
        sum(scope_days.guide_net_amount) as guide_net_amount,
        sum(scope_days.guided_net_amount) as guided_net_amount,
        sum(scope_days.enrolled_count) as enrolled_count,
        sum(scope_days.anonymous_count) as anonymous_count
    from scope_days
    inner join intermediate.scopes as scopes on scope_days.scope_key = scopes.scope_key
    inner join windows_of_dates
        on
            scope_days.business_date = windows_of_dates.business_date
            and (windows_of_dates.is_for_scopes or scopes.scope_type = 'all')
    group by
        scope_days.scope_key,
        windows_of_dates.window_type,
        windows_of_dates.window_start
),

-- An order refunded on several dates of a window was refunded once in it.
again as (
    select
        place_scopes.scope_key,
        windows.window_type,
        windows.window_start,
        count(*) as again_count
    from intermediate.refunds_of_orders as refunds
    inner join intermediate.place_scopes as place_scopes
        on refunds.place_key = place_scopes.place_key
    inner join raw.windows as windows
        on
            refunds.refunded_on between windows.window_start and windows.window_end
            and refunds.previous_on >= windows.window_start
    where refunds.previous_on is not null
    group by place_scopes.scope_key, windows.window_type, windows.window_start
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    datediff('day', windows.window_end, parameters.as_of_date) >= maturity.maturity_days
        as is_refund_mature,
    cast(coalesce(sums.paid_count, 0) as bigint) as paid_count,
    cast(coalesce(sums.paid_amount, 0) as decimal(18, 2)) as paid_amount,
    cast(coalesce(sums.refunded_count, 0) as bigint) as refunded_count,
    cast(coalesce(sums.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
    cast(coalesce(sums.dated_count, 0) - coalesce(again.again_count, 0) as bigint) as dated_count,
    cast(coalesce(sums.dated_amount, 0) as decimal(18, 2)) as dated_amount,
    cast(coalesce(sums.order_count, 0) as bigint) as order_count,
    cast(coalesce(sums.coupon_count, 0) as bigint) as coupon_count,
    cast(coalesce(sums.same_city_count, 0) as bigint) as same_city_count,
    cast(coalesce(sums.known_city_count, 0) as bigint) as known_city_count,
    cast(coalesce(sums.unit_order_count, 0) as bigint) as unit_order_count,
    cast(coalesce(sums.units, 0) as bigint) as units,
    cast(coalesce(sums.unit_net_amount, 0) as decimal(18, 2)) as unit_net_amount,
    cast(coalesce(sums.guide_net_amount, 0) as decimal(18, 2)) as guide_net_amount,
    cast(coalesce(sums.guided_net_amount, 0) as decimal(18, 2)) as guided_net_amount,
    cast(coalesce(sums.enrolled_count, 0) as bigint) as enrolled_count,
    cast(coalesce(sums.anonymous_count, 0) as bigint) as anonymous_count
from intermediate.scopes as scopes
inner join raw.windows as windows on scopes.scope_type = 'all' or windows.is_for_scopes
cross join raw.parameters as parameters
cross join intermediate.refund_maturity as maturity
left join sums
    on
        scopes.scope_key = sums.scope_key
        and windows.window_type = sums.window_type
        and windows.window_start = sums.window_start
left join again
    on
        scopes.scope_key = again.scope_key
        and windows.window_type = again.window_type
        and windows.window_start = again.window_start
