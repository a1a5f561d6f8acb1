/*---
description:
  en: Buyers of the window before who did not buy in this one.
  zh: 上一窗口购买、但本窗口未购买的会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Lifecycle: lapsed", zh: 生命周期：流失}
  unit: count
  better: lower
  version: 1
  family: lifecycle
  position: 406
  source: >
    Customer lifecycle grids of database marketing: new, retained, reactivated, lapsed
  members:
    of: former_buyers
    where: not has_come_back
  note:
    en: >
      High until the window has ended. Lapsed is no loss yet: the churn rate asks for four purchase
      cycles.
    zh: 窗口未结束前偏高；一个窗口未购买不等于流失，流失率以四个购买周期为准。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers of the window before, less those retained.
    zh: 上一窗口的购买会员数，减去留存会员数。
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
    former_buyer_count - retained_count as numerator,
    null as denominator
from facts
