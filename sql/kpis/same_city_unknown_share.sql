/*---
description:
  en: Share of the orders of which the delivery city or the store's is not known.
  zh: 送达城市或门店城市未知的订单比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Unknown cities, zh: 同城未知占比}
  unit: share
  better: lower
  version: 1
  family: service
  position: 835
  needs: [orders.delivery_city, orders.city | stores.city]
  source: Practice of retail reporting
  note:
    en: >
      How much the same-city order share does not see; orders taken home from a store have no
      delivery city.
    zh: 说明同城订单占比未覆盖的部分；到店自提的订单没有送达城市。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders of which one of the cities is not known.
    zh: 送达城市或门店城市未知的有效订单数。
  denominator:
    en: Valid orders, guests included.
    zh: 全部有效订单数，含散客。
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
    order_count - known_city_count as numerator,
    order_count as denominator
from facts
