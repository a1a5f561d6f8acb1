/*---
description: >
  Valid orders and net sales of each date, by scope, members and guests apart. Returns lower the net
  sales of their own date, which may be below zero.
grain: [scope_key, business_date]
columns:
  scope_key: The scope.
  business_date: Local date of payment.
  order_count: Valid orders, guests included.
  net_amount: Their net amount less returns, in the data set's currency.
  member_order_count: Valid orders with a member, registered or identified.
  member_net_amount: Their net amount less returns, in the data set's currency.
  registered_order_count: Valid orders of registered members.
  registered_net_amount: Their net amount less returns, in the data set's currency.
checks:
  - not_null: [scope_key, business_date]
  - holds: registered_order_count <= member_order_count and member_order_count <= order_count
---*/
select
    spot_scopes.scope_key,
    days.business_date,
    cast(sum(days.order_count) as bigint) as order_count,
    cast(sum(days.net_amount) as decimal(18, 2)) as net_amount,
    cast(sum(days.member_order_count) as bigint) as member_order_count,
    cast(sum(days.member_net_amount) as decimal(18, 2)) as member_net_amount,
    cast(sum(days.registered_order_count) as bigint) as registered_order_count,
    cast(sum(days.registered_net_amount) as decimal(18, 2)) as registered_net_amount
from intermediate.order_days as days
inner join intermediate.spot_scopes as spot_scopes on days.spot_key = spot_scopes.spot_key
where days.kind = 'valid' or days.kind = 'return'
group by spot_scopes.scope_key, days.business_date
