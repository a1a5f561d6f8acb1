/*---
description: >
  The counts and sums of every scope in every window, from which the KPIs are fractions. Each scope
  has each window: where nothing happened there is a 0, not a gap.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the numbers are about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  next_end: Last business date of the window after.
  order_count: Valid orders, guests included.
  net_amount: Their net amount less returns, in the data set's currency.
  member_order_count: Valid orders with a member, registered or identified.
  registered_order_count: Valid orders of registered members.
  registered_net_amount: Their net amount less returns, in the data set's currency.
  buyer_count: Members with at least one occasion.
  two_occasion_count: Members with at least two occasions.
  two_order_count: Members with at least two orders.
  bought_again_count: Buyers who also bought in the window after.
  new_count: Buyers whose first occasion ever lies in the window; empty for trailing windows.
  retained_count: Buyers who also bought in the window before; empty for trailing windows.
  registered_count: Members registered by the end; empty where no member belongs to the scope.
  registered_new_count: Members registered within; empty where no member belongs to the scope.
checks:
  - not_null: [scope_type, scope, window_type, window_start, order_count, buyer_count]
  - unique: [scope_type, scope, window_type, window_start]
  - holds: buyer_count <= member_order_count and member_order_count <= order_count
---*/
with

buyers as (
    select
        scope_key,
        window_type,
        window_start,
        buyer_count,
        two_occasion_count,
        two_order_count,
        bought_again_count,
        new_count,
        retained_count
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
        null as new_count,
        null as retained_count
    from intermediate.trailing_buyers
),

sales as (
    select
        days.scope_key,
        dates.window_type,
        dates.window_start,
        sum(days.order_count) as order_count,
        sum(days.net_amount) as net_amount,
        sum(days.member_order_count) as member_order_count,
        sum(days.registered_order_count) as registered_order_count,
        sum(days.registered_net_amount) as registered_net_amount
    from intermediate.sales_days as days
    inner join intermediate.window_dates as dates on days.business_date = dates.business_date
    group by days.scope_key, dates.window_type, dates.window_start
),

owned as (
    select distinct scope_key from intermediate.registrations
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    windows.next_end,
    cast(coalesce(sales.order_count, 0) as bigint) as order_count,
    cast(coalesce(sales.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(sales.member_order_count, 0) as bigint) as member_order_count,
    cast(coalesce(sales.registered_order_count, 0) as bigint) as registered_order_count,
    cast(coalesce(sales.registered_net_amount, 0) as decimal(18, 2)) as registered_net_amount,
    coalesce(buyers.buyer_count, 0) as buyer_count,
    coalesce(buyers.two_occasion_count, 0) as two_occasion_count,
    coalesce(buyers.two_order_count, 0) as two_order_count,
    coalesce(buyers.bought_again_count, 0) as bought_again_count,
    case when windows.anchor_month is null then coalesce(buyers.new_count, 0) end as new_count,
    case
        when windows.anchor_month is null then coalesce(buyers.retained_count, 0)
    end as retained_count,
    case
        when scopes.scope_type = 'all' or owned.scope_key is not null
            then coalesce(registrations.registered_count, 0)
    end as registered_count,
    case
        when scopes.scope_type = 'all' or owned.scope_key is not null
            then coalesce(registrations.registered_new_count, 0)
    end as registered_new_count
from intermediate.scopes as scopes
inner join raw.windows as windows on scopes.scope_type = 'all' or windows.is_for_scopes
left join sales
    on
        scopes.scope_key = sales.scope_key
        and windows.window_type = sales.window_type
        and windows.window_start = sales.window_start
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
left join owned on scopes.scope_key = owned.scope_key
