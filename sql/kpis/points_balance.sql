/*---
description:
  en: Points that members hold at the end of the window, all movements of the ledger added up.
  zh: 窗口结束时会员持有的积分余额，即流水全部变动之和。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Points balance, zh: 积分余额}
  unit: count
  better: neither
  version: 1
  family: loyalty
  position: 630
  needs: [points]
  scopes: [all]
  source: Sum of the ledger
  note:
    en: >
      Right only where the ledger reaches back to its beginning; in an open window, the
      balance of the as-of date.
    zh: 仅当流水从积分体系启用之日起完整时才准确；未结束的窗口取统计日余额。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Points of all known kinds until the end of the window.
    zh: 截至窗口结束全部已知类型的积分之和。
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
    balance_points as numerator,
    null as denominator
from facts
