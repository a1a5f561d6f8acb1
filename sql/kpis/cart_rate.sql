/*---
description:
  en: Share of the people with a filled cart who ordered.
  zh: 加购人数中下单人数的占比（加购→下单）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Cart-to-order rate, zh: 加购下单率}
  unit: share
  better: higher
  version: 1
  family: traffic
  position: 910
  needs: [visits.cart_users, visits.order_users]
  scopes: [all, channel]
  source: Practice of e-commerce, the steps of the purchase funnel
  note:
    en: >
      Orders without a cart before make it exceed 1; people are counted once a row of the
      traffic file.
    zh: 不经购物车直接下单时可能大于 1；流量文件每行各自去重。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: People who ordered.
    zh: 下单人数。
  denominator:
    en: People who put something into the cart.
    zh: 加购人数。
---*/
with

facts as (
    select * from intermediate.visit_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    cart_numerator as numerator,
    cart_denominator as denominator
from facts
