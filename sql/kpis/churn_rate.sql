/*---
description:
  en: >
    Share of the members with an occasion in the last four purchase cycles who have none in them
    at the end of the window.
  zh: 期初四个购买周期内有过购买的会员中，到期末已超过四个周期未购买的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Churn rate, zh: 流失率}
  unit: share
  better: lower
  version: 1
  family: lifecycle
  position: 420
  scopes: [all, brand]
  looks_back: true
  source: Practice of retail reporting; lost after four purchase cycles in use
  members:
    of: known_buyers
    where: recency_before_days <= lost_after_days
    counted: recency_days > lost_after_days
  note:
    en: >
      Nobody tells a shop that he has left: after four cycles without an occasion few come
      back, and lost_return_share says how many. Grows with the window; hangs on the cycle in
      use.
    zh: 会员不会主动告知离开；超过四个购买周期未购买视为流失，流失后回归的比例见流失回归率。窗口越长数值越大，并取决于当前使用的购买周期。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Of them, members whose latest occasion is longer ago than four cycles at the end.
    zh: 其中到期末距最近一次购买已超过四个购买周期的会员数。
  denominator:
    en: Members whose latest occasion was no longer ago than four cycles the day before the window.
    zh: 期初（窗口前一日）距最近一次购买不超过四个购买周期的会员数。
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
    churned_count as numerator,
    kept_count as denominator,
    null_reason
from rates
