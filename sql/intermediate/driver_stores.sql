/*---
description: >
  What members bought in each store in each month, quarter and year and in the one before, where
  both can be compared. A store opened where it sold something and nothing before, and closed where
  it is the other way round; orders without a store are those of one store that is always there.
grain: [window_type, window_start, store_key]
columns:
  window_type: month, quarter or year.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  former_start: First date of the window before.
  former_end: Last date of the window before.
  store_key: The store; 0 for orders without one.
  is_opened: It sold something in the window and nothing in the one before.
  is_closed: It sold something in the window before and nothing in this one.
  order_count: Valid orders of members in the window.
  net_amount: Their net amount less returns of members, in the data set's currency.
  former_order_count: Valid orders of members in the window before.
  former_net_amount: Their net amount less returns of members.
checks:
  - not_null: [window_type, window_start, store_key, is_opened, is_closed]
  - unique: [window_type, window_start, store_key]
  - holds: not (is_opened and is_closed)
---*/
with

pairs as (
    select
        windows.window_type,
        windows.window_start,
        windows.window_end,
        former.window_start as former_start,
        former.window_end as former_end
    from raw.windows as windows
    inner join raw.windows as former
        on
            windows.window_type = former.window_type
            and windows.previous_start = former.window_start
    where
        windows.window_type in ('month', 'quarter', 'year')
        and windows.is_complete
        and not former.is_censored
),

dates as (
    select
        pairs.*,
        calendar.date as business_date,
        calendar.date >= pairs.window_start as is_current
    from pairs
    inner join raw.calendar as calendar
        on calendar.date between pairs.former_start and pairs.window_end
),

summed as (
    select
        dates.window_type,
        dates.window_start,
        dates.window_end,
        dates.former_start,
        dates.former_end,
        days.store_key,
        sum(case when dates.is_current then days.order_count else 0 end) as all_orders,
        sum(case when dates.is_current then 0 else days.order_count end) as former_all_orders,
        sum(case when dates.is_current then days.member_order_count else 0 end) as order_count,
        sum(case when dates.is_current then days.member_net_amount else 0 end) as net_amount,
        sum(
            case when dates.is_current then 0 else days.member_order_count end
        ) as former_order_count,
        sum(
            case when dates.is_current then 0 else days.member_net_amount end
        ) as former_net_amount
    from dates
    inner join intermediate.store_days as days on dates.business_date = days.business_date
    group by
        dates.window_type,
        dates.window_start,
        dates.window_end,
        dates.former_start,
        dates.former_end,
        days.store_key
)

select
    window_type,
    window_start,
    window_end,
    former_start,
    former_end,
    store_key,
    store_key > 0 and all_orders > 0 and former_all_orders = 0 as is_opened,
    store_key > 0 and all_orders = 0 and former_all_orders > 0 as is_closed,
    cast(order_count as bigint) as order_count,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(former_order_count as bigint) as former_order_count,
    cast(former_net_amount as decimal(18, 2)) as former_net_amount
from summed
