/*---
description:
  en: >
    Mean of the days between two consecutive occasions of a member, over gaps that end in the
    window.
  zh: 窗口内结束的相邻两次购买之间间隔天数的平均值。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Purchase interval, mean days", zh: 平均购买间隔（天）}
  unit: ratio
  better: lower
  version: 1
  family: rhythm
  position: 500
  looks_back: true
  source: Practice of retail reporting
  note:
    en: >
      Only members who came back have a gap, so it says how often those who return buy. A few long
      gaps pull the mean up; the median stands beside it.
    zh: 只有再次购买的会员才有间隔，反映回购者的购买频率；少数长间隔会拉高均值，请同时参考中位数。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Days between occasions, added up over the gaps.
    zh: 各次购买间隔的天数之和。
  denominator:
    en: Gaps between consecutive occasions whose later one lies in the window.
    zh: 窗口内结束的相邻两次购买之间的间隔个数。
  null_reason: Why there is no value; no_gaps where nobody came back in the window.
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
    gap_sum as numerator,
    gap_count as denominator,
    case when gap_count = 0 then 'no_gaps' end as null_reason
from facts
