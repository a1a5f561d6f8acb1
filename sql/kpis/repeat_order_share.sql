/*---
description:
  en: Share of members' orders beyond the first of each buyer in the window.
  zh: 会员订单中，每位购买会员在窗口内首单之外的订单占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Repeat order share, zh: 复购订单占比}
  unit: share
  better: higher
  version: 1
  family: repurchase
  position: 320
  source: Practice of retail reporting
  note:
    en: >
      One minus one over orders per buyer; resets with each window, unlike the returning order
      share.
    zh: 等于 1 减去人均订单数的倒数；每个窗口重新计算，不同于老客订单占比。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders with a member, less one for each buyer.
    zh: 有会员号的有效订单数，减去购买会员数（每人一笔首单）。
  denominator:
    en: Valid orders with a member.
    zh: 有会员号的有效订单数。
checks:
  - holds: numerator between 0 and denominator
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
    member_order_count - buyer_count as numerator,
    member_order_count as denominator
from facts
