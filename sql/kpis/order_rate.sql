/*---
description:
  en: Share of the people who ordered who also paid.
  zh: 下单人数中付款人数的占比（下单→付款）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Order-to-payment rate, zh: 下单付款率}
  unit: share
  better: higher
  version: 1
  family: traffic
  position: 920
  needs: [visits.order_users, visits.paying_users]
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
    en: People who paid.
    zh: 付款人数。
  denominator:
    en: People who ordered.
    zh: 下单人数。
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
    order_numerator as numerator,
    order_denominator as denominator
from facts
