/*---
description:
  en: Share of the members lost for no more than 365 days before the window who bought in it.
  zh: 期初已流失但不超过365天的会员中，在窗口内再次购买的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Win-back rate, zh: 召回率}
  unit: share
  better: higher
  version: 1
  family: lifecycle
  position: 422
  scopes: [all, brand]
  looks_back: true
  source: Practice of retail reporting
  members:
    of: known_buyers
    where: >
      recency_before_days > lost_after_days and recency_before_days <= lost_after_days + 365
    counted: last_on >= asked.window_start
  note:
    en: Some come back by themselves; only a group that was left alone tells what a campaign added.
    zh: 部分会员会自行回归；活动的真实效果需与未触达的对照组比较。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Of them, those with an occasion in the window.
    zh: 其中在窗口内再次购买的会员数。
  denominator:
    en: >
      Members whose latest occasion the day before the window was longer ago than four cycles, and
      no longer than four cycles and 365 days.
    zh: 期初（窗口前一日）距最近一次购买超过四个购买周期、但不超过四个周期加 365 天的会员数。
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
    won_back_count as numerator,
    gone_count as denominator,
    null_reason
from rates
