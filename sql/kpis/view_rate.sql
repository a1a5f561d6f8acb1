/*---
description:
  en: Share of the viewers who put something into the cart.
  zh: 浏览人数中加购人数的占比（浏览→加购）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: View-to-cart rate, zh: 浏览加购率}
  unit: share
  better: higher
  version: 1
  family: traffic
  position: 900
  needs: [visits.viewers, visits.cart_users]
  scopes: [all, channel]
  source: Practice of e-commerce, the steps of the purchase funnel
  note:
    en: >
      People are counted once a row of the traffic file, so that one who comes on two dates
      counts twice.
    zh: 流量文件每行各自去重；同一人在两天访问计两次。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: People who put something into the cart.
    zh: 加购人数。
  denominator:
    en: People who viewed.
    zh: 浏览人数。
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
    view_numerator as numerator,
    view_denominator as denominator
from facts
