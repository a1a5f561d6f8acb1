/*---
description:
  en: >
    Days after which half of the occasions in the window have been followed by another of the
    same member, with those not yet followed counted for as long as they have been watched.
  zh: 窗口内的购买中，半数会员再次购买所需的天数；尚未再次购买者按已观察的时间计入（Kaplan–Meier 估计）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Purchase interval, censored median in days", zh: 购买间隔中位数（含未回购，天）}
  unit: ratio
  better: lower
  version: 1
  family: rhythm
  position: 513
  moves_on: true
  source: Kaplan and Meier 1958, Journal of the American Statistical Association 53, 457-481
  note:
    en: >
      Unlike the plain median it does not leave out those who have not come back yet. Empty
      where fewer than half come back. Not for kinds of scope with more than fifty of them.
    zh: 与普通中位数不同，未回购的会员也计入。回购不足半数时为空。同类口径超过五十个时不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: The smallest number of days at which the share not yet followed is one half or less.
    zh: 尚未再次购买的比例降至一半及以下所需的最少天数。
  denominator:
    en: Always empty; a percentile is divided by nothing.
    zh: 恒为空；分位数不作除法。
  null_reason: Why there is no value; not_reached where fewer than half come back.
---*/
with

medians as (
    select * from intermediate.wait_medians
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    median_wait as numerator,
    null as denominator,
    case when median_wait is null then 'not_reached' end as null_reason
from medians
