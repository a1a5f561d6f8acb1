/*---
description:
  en: Shares per viewer.
  zh: 每位浏览者带来的分享次数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Share rate, zh: 分享率}
  unit: share
  better: higher
  version: 1
  family: traffic
  position: 940
  needs: [visits.viewers, visits.shares]
  scopes: [all, channel]
  source: Practice of e-commerce, the steps of the purchase funnel
  note:
    en: >
      Shares are counted, not people, so that it may exceed 1; read it beside sales, for
      shares without sales bring nothing.
    zh: 按次数而非人数计算，可能大于 1；应与销售一并查看，只有分享没有销售并无价值。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Times that something was shared.
    zh: 分享次数。
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
    share_numerator as numerator,
    share_denominator as denominator
from facts
