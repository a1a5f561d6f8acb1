/*---
description:
  en: >
    Net sales of an event's date against an ordinary date, the median of the eight latest same
    weekdays before that were no event and no holiday.
  zh: 活动日净销售额相对平日的拉升幅度；平日取此前最近八个相同星期几（非活动日、非节假日）的中位数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Member-day uplift, zh: 会员日拉升}
  unit: share
  better: higher
  version: 1
  family: growth
  position: 1000
  needs: [events]
  windows: [day]
  scopes: [all]
  source: Median of like weekdays, as in practice of promotion analysis
  note:
    en: >
      Says nothing of sales put off before and brought forward by the event; event_effects has
      the net of the seven days before and after. At least four weekdays are needed.
    zh: 不反映活动前的观望与活动后的透支，前后七天的净效果见 event_effects；可比的平日不足四个时不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net sales of the date less the baseline.
    zh: 当日净销售额减去平日基准。
  denominator:
    en: The baseline, net sales of an ordinary date.
    zh: 平日基准，即一个平日的净销售额。
  null_reason: Why the number is empty, where it is.
---*/
with

days as (
    select * from intermediate.day_baselines
)

select
    'all' as scope_type,
    'all' as scope,
    'day' as window_type,
    business_date as window_start,
    net_amount - baseline_amount as numerator,
    baseline_amount as denominator,
    case when baseline_amount is null then 'no_baseline' end as null_reason
from days
where is_event
