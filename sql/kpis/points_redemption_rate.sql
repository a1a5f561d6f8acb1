/*---
description:
  en: Points redeemed in the window per point issued in it.
  zh: 窗口内使用的积分占发放积分的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Points redemption rate, zh: 积分使用率}
  unit: share
  better: higher
  version: 1
  family: loyalty
  position: 640
  needs: [points]
  scopes: [all]
  source: Practice of loyalty programmes, redeemed over issued points of one window
  note:
    en: Points of earlier windows are spent too, so that it may exceed 1.
    zh: 会员也会使用以前获得的积分，因此可能大于 1。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Points redeemed in the window.
    zh: 窗口内使用的积分。
  denominator:
    en: Points issued in the window, less reversals.
    zh: 窗口内发放的积分，已减冲正。
---*/
with

facts as (
    select * from intermediate.point_facts
)

select
    'all' as scope_type,
    'all' as scope,
    window_type,
    window_start,
    redeemed_points as numerator,
    issued_points as denominator
from facts
