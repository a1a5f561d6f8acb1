/*---
description:
  en: Mean number of dates on which a window's buyers bought.
  zh: 窗口内购买会员的人均购买天数（同日多笔算一次）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Occasions per buyer, zh: 人均购买次数}
  unit: ratio
  better: higher
  version: 1
  family: repurchase
  position: 355
  source: Practice of retail reporting
  members:
    of: buyers
    part: denominator
  note:
    en: >
      Equals 1 + p (k - 1) with the repurchase rate p by occasion and the mean occasions k of repeat
      buyers, so k is never below 2.
    zh: 等于 1 + p (k - 1)，p 为按购买日计算的复购率，k 为复购会员的人均次数，k 不会小于 2。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Occasions, dates on which a member bought, added up over the members.
    zh: 到店次数，即各会员发生购买的天数之和。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
checks:
  - holds: numerator >= denominator
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
    occasion_count as numerator,
    buyer_count as denominator
from facts
