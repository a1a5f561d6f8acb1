/*---
description:
  en: Points that expired in the window.
  zh: 窗口内过期的积分。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Points expired, zh: 过期积分}
  unit: count
  better: lower
  version: 1
  family: loyalty
  position: 620
  needs: [points]
  scopes: [all]
  source: Practice of loyalty programmes; kinds as in the ledger
  note:
    en: >
      Only what the ledger writes off as expired; points that will expire later are not
      foreseen.
    zh: 仅含流水中已作过期处理的积分，不预估未来到期的积分。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Points of the kind expire, with the sign turned.
    zh: 类型为过期的积分，符号取反。
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
    expired_points as numerator,
    null as denominator
from facts
