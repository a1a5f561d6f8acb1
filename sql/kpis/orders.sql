/*---
description:
  en: Valid orders, guests included.
  zh: 有效订单数，含散客。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Orders, zh: 订单数}
  unit: count
  better: higher
  version: 1
  family: sales
  position: 110
  source: Practice of retail reporting
  note:
    en: Fully refunded and zero-amount orders are no purchases unless the data set keeps them.
    zh: 全额退款与零元订单不算购买，除非数据集设置保留。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders.
    zh: 有效订单数。
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
    order_count as numerator,
    null as denominator
from facts
