/*---
description:
  en: Buyers of the window who had bought earlier, but not in the window before.
  zh: 更早购买过、但上一窗口未购买的购买会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Lifecycle: reactivated", zh: 生命周期：召回}
  unit: count
  better: higher
  version: 1
  family: lifecycle
  position: 404
  looks_back: true
  source: >
    Customer lifecycle grids of database marketing: new, retained, reactivated, lapsed
  members:
    of: buyers
    where: previous_on < asked.before_start
  note:
    en: >
      Short windows make reactivated of people who simply buy more rarely; read it at a window of at
      least a purchase cycle.
    zh: 窗口过短会把购买间隔较长的会员误算为召回，应在不短于购买周期的窗口上解读。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers who are neither new nor retained.
    zh: 既非新增也非留存的购买会员数。
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
    buyer_count - new_count - retained_count as numerator,
    null as denominator
from facts
