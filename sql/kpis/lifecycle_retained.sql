/*---
description:
  en: Buyers of the window who also bought in the window before.
  zh: 上一窗口也购买过的购买会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Lifecycle: retained", zh: 生命周期：留存}
  unit: count
  better: higher
  version: 1
  family: lifecycle
  position: 402
  source: >
    Customer lifecycle grids of database marketing: new, retained, reactivated, lapsed
  members:
    of: former_buyers
    where: has_come_back
  note:
    en: >
      Of trailing N days the window before is the N days before. With the lapsed they add up to the
      buyers of the window before.
    zh: 滚动 N 日的上一窗口为之前的 N 日；与流失之和等于上一窗口的购买会员数。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers who also bought in the window before.
    zh: 上一窗口也购买过的购买会员数。
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
    retained_count as numerator,
    null as denominator
from facts
