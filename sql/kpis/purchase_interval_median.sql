/*---
description:
  en: >
    Median of the days between two consecutive occasions of a member, over gaps that end in the
    window.
  zh: 窗口内结束的相邻两次购买之间间隔天数的中位数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Purchase interval, median days", zh: 购买间隔中位数（天）}
  unit: ratio
  better: lower
  version: 1
  family: rhythm
  position: 510
  looks_back: true
  source: >
    Percentile with linear interpolation, type 7 of Hyndman and Fan 1996, The American
    Statistician 50, 361-365
  note:
    en: >
      Only members who came back have a gap: it says how often those who return buy, not how
      many do. Where there are more than fifty scopes of a kind, trailing windows at the as-of
      date only.
    zh: 只有再次购买的会员才有间隔，反映回购者的购买频率而非回购比例。同类口径超过五十个时，滚动窗口仅给出统计日的数值。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: The median, in days.
    zh: 中位数，单位为天。
  denominator:
    en: Always empty; a percentile is divided by nothing.
    zh: 恒为空；分位数不作除法。
  null_reason: Why there is no value; no_gaps where nobody came back in the window.
---*/
with

percentiles as (
    select * from intermediate.gap_percentiles
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    median_gap as numerator,
    null as denominator,
    case when gap_count = 0 then 'no_gaps' end as null_reason
from percentiles
