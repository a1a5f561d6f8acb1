/*---
description:
  en: Members whose first occasion ever, in the scope, lies in the window.
  zh: 在该口径内首次购买发生于窗口内的会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: New buyers, zh: 新客数}
  unit: count
  better: higher
  version: 1
  family: members
  position: 251
  looks_back: true
  source: Practice of retail reporting
  members:
    of: buyers
    where: previous_on is null
  note:
    en: >
      New to the scope: stores do not add up to the whole. A first purchase is not a registration.
      Flagged where the past before the data may hold an earlier one.
    zh: “新”针对该口径而言，各门店之和不等于整体；首次购买不同于注册。数据之前可能已有购买的窗口会被标记。
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
