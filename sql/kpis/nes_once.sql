/*---
description:
  en: Share of members at the end of the month with one purchase, longer ago than a cycle.
  zh: 期末仅购买过一次、且距今超过一个周期的会员占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "NES, bought once and gone", zh: NES 一次客}
  unit: share
  better: lower
  version: 1
  family: lifecycle
  position: 435
  windows: [month]
  scopes: [all, brand]
  looks_back: true
  source: After the NES model of 陈杰豪, 大数据玩行销, 2015; cycles shrunk to that in use
  members:
    of: known_buyers
    counted: state = 'once'
  note:
    en: >
      Shown apart, for there is no gap of their own to tell whether they sleep. A member's own
      cycle is the sum of the own gaps and two cycles in use, over the own gaps and two. The
      six states add up to 1.
    zh: 仅购买一次者没有自身间隔可判断是否沉睡，故单列。会员自身周期 =（自身购买间隔之和 + 2 × 当前周期）÷（间隔数 + 2）。六种状态合计为 1。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Members with one purchase, longer ago than a cycle.
    zh: 仅购买过一次、且距今超过一个周期的会员数。
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
    once_count as numerator,
    member_count as denominator,
    null_reason
from states
