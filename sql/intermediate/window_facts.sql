/*---
description: >
  The counts and sums of every scope in every window, from which the KPIs are fractions. Each scope
  has each window: where nothing happened there is a 0, not a gap. What adds up over dates is added
  up first over the stretches between two edges of windows, which are a few each month, and then
  over the stretches of a window.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the numbers are about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  next_end: Last business date of the window after.
  order_count: Valid orders, guests included.
  net_amount: Their net amount less returns, in the data set's currency.
  member_order_count: Valid orders with a member, registered or identified.
  member_net_amount: Their net amount less returns, in the data set's currency.
  registered_order_count: Valid orders of registered members.
  registered_net_amount: Their net amount less returns, in the data set's currency.
  occasion_count: Occasions, dates on which a member bought, added up over the members.
  buyer_count: Members with at least one occasion.
  two_occasion_count: Members with at least two occasions.
  two_order_count: Members with at least two orders.
  bought_again_count: Buyers who also bought in the window after.
  new_count: Buyers whose first occasion ever lies in the window.
  retained_count: Buyers who also bought in the window before.
  former_buyer_count: Members who bought in the window before, whether in this one or not.
  gap_count: Occasions that follow an earlier one of the member, in the window or before it.
  gap_sum: Days between each of these and the occasion before.
  back_within_30_count: New buyers who bought a second time within 30 days of the first.
  back_within_60_count: Within 60 days.
  back_within_90_count: Within 90 days.
  back_within_180_count: Within 180 days.
  back_within_365_count: Within 365 days.
  registered_count: Members registered by the end; empty where no member belongs to the scope.
  registered_new_count: Members registered within; empty where no member belongs to the scope.
  registered_buyer_count: >
    Members registered by the end who bought, in whatever scope; empty where no member belongs to
    this one.
checks:
  - not_null: [scope_type, scope, window_type, window_start, order_count, buyer_count]
  - unique: [scope_type, scope, window_type, window_start]
  - holds: registered_order_count <= member_order_count and member_order_count <= order_count
  - holds: buyer_count <= occasion_count and occasion_count <= member_order_count
  - holds: two_occasion_count <= two_order_count and two_order_count <= buyer_count
  - holds: buyer_count + two_occasion_count <= occasion_count
  - holds: buyer_count + two_order_count <= member_order_count
  - holds: bought_again_count <= buyer_count
  - holds: new_count + retained_count <= buyer_count and retained_count <= former_buyer_count
  - holds: back_within_365_count <= new_count
  - holds: registered_buyer_count <= registered_count
---*/
with

scopes as (
    select * from intermediate.scopes
),

windows as (
    select
        window_type,
        window_start,
        window_end,
        next_end,
        is_for_scopes
    from raw.windows
),

days as (
    select
        scope_key,
        business_date,
        order_count,
        net_amount,
        member_order_count,
        member_net_amount,
        registered_order_count,
        registered_net_amount,
        0 as occasion_count,
        0 as new_count,
        0 as gap_count,
        0 as gap_sum,
        0 as back_within_30_count,
        0 as back_within_60_count,
        0 as back_within_90_count,
        0 as back_within_180_count,
        0 as back_within_365_count
    from intermediate.sales_days
    union all
    select
        scope_key,
        business_date,
        0 as order_count,
        0 as net_amount,
        0 as member_order_count,
        0 as member_net_amount,
        0 as registered_order_count,
        0 as registered_net_amount,
        occasion_count,
        first_count as new_count,
        gap_count,
        gap_sum,
        back_within_30_count,
        back_within_60_count,
        back_within_90_count,
        back_within_180_count,
        back_within_365_count
    from intermediate.occasion_days
),

dates as (
    select distinct business_date
    from intermediate.window_dates
),

edges as (
    select window_start as edge from windows
    where is_for_scopes
    union
    select window_end + 1 as edge from windows
    where is_for_scopes
),

-- The whole data set alone has days and weeks, and its dates are few: each is a stretch.
stretch_dates as (
    select
        business_date,
        true as is_whole,
        business_date as stretch_start
    from dates
    union all
    select
        dates.business_date,
        false as is_whole,
        max(edges.edge) as stretch_start
    from dates
    inner join edges on dates.business_date >= edges.edge
    group by dates.business_date
),

stretch_windows as (
    select distinct
        stretch_dates.is_whole,
        stretch_dates.stretch_start,
        windows.window_type,
        windows.window_start
    from stretch_dates
    inner join intermediate.window_dates as window_dates
        on stretch_dates.business_date = window_dates.business_date
    inner join windows
        on
            window_dates.window_type = windows.window_type
            and window_dates.window_start = windows.window_start
            and (stretch_dates.is_whole or windows.is_for_scopes)
),

stretches as (
    select
        days.scope_key,
        stretch_dates.is_whole,
        stretch_dates.stretch_start,
        sum(days.order_count) as order_count,
        sum(days.net_amount) as net_amount,
        sum(days.member_order_count) as member_order_count,
        sum(days.member_net_amount) as member_net_amount,
        sum(days.registered_order_count) as registered_order_count,
        sum(days.registered_net_amount) as registered_net_amount,
        sum(days.occasion_count) as occasion_count,
        sum(days.new_count) as new_count,
        sum(days.gap_count) as gap_count,
        sum(days.gap_sum) as gap_sum,
        sum(days.back_within_30_count) as back_within_30_count,
        sum(days.back_within_60_count) as back_within_60_count,
        sum(days.back_within_90_count) as back_within_90_count,
        sum(days.back_within_180_count) as back_within_180_count,
        sum(days.back_within_365_count) as back_within_365_count
    from days
    inner join scopes on days.scope_key = scopes.scope_key
    inner join stretch_dates
        on
            days.business_date = stretch_dates.business_date
            and (scopes.scope_type = 'all') = stretch_dates.is_whole
    group by days.scope_key, stretch_dates.is_whole, stretch_dates.stretch_start
),

sums as (
    select
        stretches.scope_key,
        stretch_windows.window_type,
        stretch_windows.window_start,
        sum(stretches.order_count) as order_count,
        sum(stretches.net_amount) as net_amount,
        sum(stretches.member_order_count) as member_order_count,
        sum(stretches.member_net_amount) as member_net_amount,
        sum(stretches.registered_order_count) as registered_order_count,
        sum(stretches.registered_net_amount) as registered_net_amount,
        sum(stretches.occasion_count) as occasion_count,
        sum(stretches.new_count) as new_count,
        sum(stretches.gap_count) as gap_count,
        sum(stretches.gap_sum) as gap_sum,
        sum(stretches.back_within_30_count) as back_within_30_count,
        sum(stretches.back_within_60_count) as back_within_60_count,
        sum(stretches.back_within_90_count) as back_within_90_count,
        sum(stretches.back_within_180_count) as back_within_180_count,
        sum(stretches.back_within_365_count) as back_within_365_count
    from stretches
    inner join stretch_windows
        on
            stretches.is_whole = stretch_windows.is_whole
            and stretches.stretch_start = stretch_windows.stretch_start
    group by
        stretches.scope_key,
        stretch_windows.window_type,
        stretch_windows.window_start
),

buyers as (
    select
        scope_key,
        window_type,
        window_start,
        buyer_count,
        two_occasion_count,
        two_order_count,
        bought_again_count,
        retained_count,
        former_buyer_count
    from intermediate.period_buyers
    union all
    select
        scope_key,
        window_type,
        window_start,
        buyer_count,
        two_occasion_count,
        two_order_count,
        bought_again_count,
        retained_count,
        former_buyer_count
    from intermediate.trailing_buyers
),

owned as (
    select distinct scope_key from intermediate.registrations
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    windows.window_end,
    windows.next_end,
    cast(coalesce(sums.order_count, 0) as bigint) as order_count,
    cast(coalesce(sums.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(sums.member_order_count, 0) as bigint) as member_order_count,
    cast(coalesce(sums.member_net_amount, 0) as decimal(18, 2)) as member_net_amount,
    cast(coalesce(sums.registered_order_count, 0) as bigint) as registered_order_count,
    cast(coalesce(sums.registered_net_amount, 0) as decimal(18, 2)) as registered_net_amount,
    cast(coalesce(sums.occasion_count, 0) as bigint) as occasion_count,
    coalesce(buyers.buyer_count, 0) as buyer_count,
    coalesce(buyers.two_occasion_count, 0) as two_occasion_count,
    coalesce(buyers.two_order_count, 0) as two_order_count,
    coalesce(buyers.bought_again_count, 0) as bought_again_count,
    cast(coalesce(sums.new_count, 0) as bigint) as new_count,
    coalesce(buyers.retained_count, 0) as retained_count,
    coalesce(buyers.former_buyer_count, 0) as former_buyer_count,
    cast(coalesce(sums.gap_count, 0) as bigint) as gap_count,
    cast(coalesce(sums.gap_sum, 0) as bigint) as gap_sum,
    cast(coalesce(sums.back_within_30_count, 0) as bigint) as back_within_30_count,
    cast(coalesce(sums.back_within_60_count, 0) as bigint) as back_within_60_count,
    cast(coalesce(sums.back_within_90_count, 0) as bigint) as back_within_90_count,
    cast(coalesce(sums.back_within_180_count, 0) as bigint) as back_within_180_count,
    cast(coalesce(sums.back_within_365_count, 0) as bigint) as back_within_365_count,
    case
        when scopes.scope_type = 'all' or owned.scope_key is not null
            then coalesce(registrations.registered_count, 0)
    end as registered_count,
    case
        when scopes.scope_type = 'all' or owned.scope_key is not null
            then coalesce(registrations.registered_new_count, 0)
    end as registered_new_count,
    case
        when scopes.scope_type = 'all' or owned.scope_key is not null
            then coalesce(registered_buyers.registered_buyer_count, 0)
    end as registered_buyer_count
from scopes
inner join windows on scopes.scope_type = 'all' or windows.is_for_scopes
left join sums
    on
        scopes.scope_key = sums.scope_key
        and windows.window_type = sums.window_type
        and windows.window_start = sums.window_start
left join buyers
    on
        scopes.scope_key = buyers.scope_key
        and windows.window_type = buyers.window_type
        and windows.window_start = buyers.window_start
left join intermediate.registrations as registrations
    on
        scopes.scope_key = registrations.scope_key
        and windows.window_type = registrations.window_type
        and windows.window_start = registrations.window_start
left join intermediate.registered_buyers as registered_buyers
    on
        scopes.scope_key = registered_buyers.scope_key
        and windows.window_type = registered_buyers.window_type
        and windows.window_start = registered_buyers.window_start
left join owned on scopes.scope_key = owned.scope_key
