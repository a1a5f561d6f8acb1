/*---
description:
  en: Valid orders with a member number, registered or identified.
  zh: 有会员号（含未在会员表中的）的有效订单数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Orders of members, zh: 会员订单数}
  unit: count
  better: higher
  version: 1
  family: sales
  position: 111
  source: Practice of retail reporting
  note:
    en: >
      Members and guests add up to all orders. Identified buyers, whose number is not in the member
      file, are members here; the member shares count registered ones only.
    zh: 会员与散客之和等于订单数。含有会员号但不在会员表中的买家；会员占比类指标只计注册会员。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders with a member.
    zh: 有会员号的有效订单数。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
checks:
  - holds: numerator >= 0
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
    member_order_count as numerator,
    null as denominator
from facts
