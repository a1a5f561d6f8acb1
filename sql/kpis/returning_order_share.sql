/*---
description:
  en: Share of members' orders that are not the member's first ever, in the scope.
  zh: 会员订单中，不属于会员首单的订单占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Returning order share, zh: 老客订单占比}
  unit: share
  better: higher
  version: 1
  family: members
  position: 254
  looks_back: true
  source: Practice of retail reporting
  note:
    en: >
      Of a member's orders exactly one is the first ever; a second order on the first date returns
      already.
    zh: 每位会员只有一笔首单；首次购买当日的第二笔订单即算老客订单。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: >
      Valid orders with a member, less one for each member whose first occasion lies in the
      window.
    zh: 有会员号的有效订单数，减去首次购买发生于窗口内的会员数（每人一笔首单）。
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
    member_order_count - new_count as numerator,
    member_order_count as denominator
from facts
