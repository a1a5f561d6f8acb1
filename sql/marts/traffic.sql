/*---
description:
  en: Traffic next to the orders and net sales of the same scope and window, so that shares and
    visits without sales stand out. Empty where there is no traffic file.
  zh: 各口径、各窗口的流量与同期订单、净销售额并列，便于发现只有分享或浏览而没有销售的情况。没有流量文件时为空。
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: all or channel.
  scope: Which one of them.
  window_type: Kind of window.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  viewers: People who viewed; empty where no row tells.
  cart_users: People who put something into the cart.
  order_users: People who ordered.
  paying_users: People who paid, as the traffic file says.
  shares: Times that something was shared.
  order_count: Valid orders of the scope in the window, guests included.
  net_amount: Their net amount less returns, in the data set's currency.
  is_without_sales: There was traffic, and no valid order.
  is_complete: The window has ended by the as-of date.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [scope_type, scope, window_type, window_start, order_count, net_amount]
  - unique: [scope_type, scope, window_type, window_start]
---*/
select
    visits.scope_type,
    visits.scope,
    visits.window_type,
    visits.window_start,
    windows.window_end,
    visits.viewers,
    visits.cart_users,
    visits.order_users,
    visits.paying_users,
    visits.shares,
    coalesce(facts.order_count, 0) as order_count,
    coalesce(facts.net_amount, 0) as net_amount,
    coalesce(facts.order_count, 0) = 0 as is_without_sales,
    windows.is_complete,
    parameters.as_of_date
from intermediate.visit_facts as visits
inner join raw.windows as windows
    on
        visits.window_type = windows.window_type
        and visits.window_start = windows.window_start
left join intermediate.window_facts as facts
    on
        visits.scope_type = facts.scope_type
        and visits.scope = facts.scope
        and visits.window_type = facts.window_type
        and visits.window_start = facts.window_start
cross join raw.parameters as parameters
