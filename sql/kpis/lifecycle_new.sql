/*---
description:
  en: Buyers of the window whose first occasion ever, in the scope, lies in it.
  zh: 首次购买发生于窗口内的购买会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Lifecycle: new", zh: 生命周期：新增}
  unit: count
  better: higher
  version: 1
  family: lifecycle
  position: 400
  looks_back: true
  source: >
    Customer lifecycle grids of database marketing: new, retained, reactivated, lapsed
  members:
    of: buyers
    where: previous_on is null
  note:
    en: New, retained and reactivated add up to the buyers of the window.
    zh: 新增、留存、召回之和等于购买会员数。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers whose first occasion in the loaded history lies in the window.
    zh: 在已导入的历史中首次购买发生于窗口内的会员数。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
checks:
  - holds: numerator >= 0
---*/
with

facts as (
    select * from intermediate.window_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    new_count as numerator,
    null as denominator
from facts
