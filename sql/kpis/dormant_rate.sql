/*---
description:
  en: >
    Share of members, at the end of the window, whose latest occasion is longer ago than two
    purchase cycles and no longer than four.
  zh: 期末距最近一次购买超过两个、但不超过四个购买周期的会员占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Dormant rate, zh: 沉睡率}
  unit: share
  better: lower
  version: 1
  family: lifecycle
  position: 421
  scopes: [all, brand]
  looks_back: true
  source: Practice of retail reporting; dormant after two purchase cycles in use
  members:
    of: known_buyers
    where: recency_days <= lost_after_days + 365
    counted: recency_days > dormant_after_days and recency_days <= lost_after_days
  note:
    en: >
      The last who can be woken cheaply. Members lost for more than a year are left out, or
      the share would fall for ever.
    zh: 最后的低成本唤醒时机。流失超过一年的会员不计入分母，否则比例会一直下降。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Members whose latest occasion is longer ago than two cycles and no longer than four.
    zh: 期末距最近一次购买超过两个、但不超过四个购买周期的会员数。
  denominator:
    en: Members whose latest occasion is no longer ago than four cycles and 365 days.
    zh: 期末距最近一次购买不超过四个购买周期加 365 天的会员数。
  null_reason: Why there is no value; immature until the window has ended.
checks:
  - holds: numerator <= denominator
---*/
with

rates as (
    select * from intermediate.lifecycle_rates
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    dormant_count as numerator,
    reachable_count as denominator,
    null_reason
from rates
