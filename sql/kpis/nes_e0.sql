/*---
description:
  en: >
    Share of members at the end of the month with more purchases than one, the latest no longer
    ago than their own cycle.
  zh: 期末购买过两次及以上、且距最近一次不超过自身周期的会员占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "NES E0, active", zh: NES-E0 主力客}
  unit: share
  better: higher
  version: 1
  family: lifecycle
  position: 431
  windows: [month]
  scopes: [all, brand]
  looks_back: true
  source: After the NES model of 陈杰豪, 大数据玩行销, 2015; cycles shrunk to that in use
  members:
    of: known_buyers
    counted: state = 'e0'
  note:
    en: >
      A member's own cycle is the sum of the own gaps and two cycles in use, over the own gaps
      and two. The six states add up to 1.
    zh: 会员自身周期 =（自身购买间隔之和 + 2 × 当前周期）÷（间隔数 + 2）。六种状态合计为 1。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Members with two purchases or more, the latest no longer ago than their cycle.
    zh: 购买过两次及以上、且距最近一次不超过自身周期的会员数。
  denominator:
    en: Members with an occasion by the end of the month.
    zh: 截至月末购买过的会员数。
  null_reason: Why there is no value; immature until the month has ended.
checks:
  - holds: numerator <= denominator
---*/
with

states as (
    select * from intermediate.nes_states
)

select
    scope_type,
    scope,
    'month' as window_type,
    window_start,
    active_count as numerator,
    member_count as denominator,
    null_reason
from states
