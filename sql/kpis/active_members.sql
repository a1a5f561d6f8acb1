/*---
description:
  en: Members with at least one valid order in the window.
  zh: 窗口内至少有一笔有效订单的会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Active members, zh: 活跃会员}
  unit: count
  better: higher
  version: 1
  family: members
  position: 220
  source: Annual active members of listed retailers (trailing 365 days)
  members:
    of: buyers
  note:
    en: >
      Trailing 365 days is the annual active member of listed retailers; identified buyers count,
      guests do not.
    zh: 近 365 天即上市公司披露的年度活跃会员；含有会员号但不在会员表中的买家，不含散客。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
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
    buyer_count as numerator,
    null as denominator
from facts
