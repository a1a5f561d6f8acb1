/*---
description:
  en: Points that members earned in the window, less reversals.
  zh: 窗口内会员获得的积分，已减冲正。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Points issued, zh: 发放积分}
  unit: count
  better: neither
  version: 1
  family: loyalty
  position: 600
  needs: [points]
  scopes: [all]
  source: Practice of loyalty programmes; kinds as in the ledger
  note:
    en: >
      A reversal counts on its own date; windows before the first movement of the ledger have
      no row.
    zh: 冲正计入其发生日；积分流水首笔之前的窗口没有数值。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Points of the kind earn, reversals taken off.
    zh: 类型为获得的积分，已减冲正。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
---*/
with

facts as (
    select * from intermediate.point_facts
)

select
    'all' as scope_type,
    'all' as scope,
    window_type,
    window_start,
    issued_points as numerator,
    null as denominator
from facts
