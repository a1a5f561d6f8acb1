/*---
description:
  en: Share of a window's buyers whose first occasion ever, in the scope, lies in it.
  zh: 购买会员中，首次购买发生于窗口内的会员占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: New buyer share, zh: 新客占比}
  unit: share
  better: neither
  version: 1
  family: members
  position: 252
  looks_back: true
  source: Practice of retail reporting
  members:
    of: buyers
    counted: previous_on is null
  note:
    en: One minus the returning member rate; rises as the window grows, up to 1 over all history.
    zh: 与老客占比之和为 1；窗口越长数值越高，覆盖全部历史时为 1。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers whose first occasion in the loaded history lies in the window.
    zh: 在已导入的历史中首次购买发生于窗口内的会员数。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
checks:
  - holds: numerator <= denominator
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
    buyer_count as denominator
from facts
