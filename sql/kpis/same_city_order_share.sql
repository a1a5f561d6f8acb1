/*---
description:
  en: Share of the orders that were delivered in the city of their store.
  zh: 送达城市与门店所在城市相同的订单比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Same-city order share, zh: 同城订单占比}
  unit: share
  better: neither
  version: 1
  family: service
  position: 830
  needs: [orders.delivery_city, orders.city | stores.city]
  source: Practice of retail reporting
  note:
    en: Over valid orders of which both cities are known; the unknown share is published beside it.
    zh: 只计两个城市都已知的有效订单；未知部分见「同城未知占比」。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders delivered in the city of their store.
    zh: 送达城市与门店所在城市相同的有效订单数。
  denominator:
    en: Valid orders of which both cities are known.
    zh: 两个城市都已知的有效订单数。
checks:
  - holds: numerator <= denominator
---*/
with

facts as (
    select * from intermediate.order_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    same_city_count as numerator,
    known_city_count as denominator
from facts
