/*---
description:
  en: Valid orders without a member number.
  zh: 无会员号的有效订单数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Orders of guests, zh: 散客订单数}
  unit: count
  better: neither
  version: 1
  family: sales
  position: 112
  source: Practice of retail reporting
  note:
    en: Members and guests add up to all orders.
    zh: 会员与散客之和等于订单数。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders without a member.
    zh: 无会员号（散客）的有效订单数。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
checks:
  - holds: numerator >= 0
---*/
with

facts as (
    select * from intermediate.window_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    order_count - member_order_count as numerator,
    null as denominator
from facts
