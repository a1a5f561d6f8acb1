/*---
description:
  en: Share of the valid orders that registered members placed.
  zh: 注册会员的有效订单占全部有效订单的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Member order share, zh: 会员订单占比}
  unit: share
  better: higher
  version: 1
  family: members
  position: 240
  source: Practice of retail reporting
  note:
    en: Guests and numbers missing from the member file are in the denominator only.
    zh: 散客及会员表中没有的会员号只计入分母。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders of registered members.
    zh: 注册会员的有效订单数。
  denominator:
    en: All valid orders.
    zh: 全部有效订单数，含散客。
checks:
  - holds: numerator <= denominator
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
    registered_order_count as numerator,
    order_count as denominator
from facts
