/*---
description:
  en: Share of the viewers who paid in the end.
  zh: 浏览人数中最终付款人数的占比（浏览→付款）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: View-to-payment rate, zh: 浏览付款率}
  unit: share
  better: higher
  version: 1
  family: traffic
  position: 930
  needs: [visits.viewers, visits.paying_users]
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
    pay_numerator as numerator,
    pay_denominator as denominator
from facts
