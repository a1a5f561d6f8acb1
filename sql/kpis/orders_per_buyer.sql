/*---
description:
  en: Mean number of valid orders of a window's buyers.
  zh: 窗口内购买会员的人均有效订单数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Orders per buyer, zh: 人均订单数}
  unit: ratio
  better: higher
  version: 1
  family: repurchase
  position: 350
  source: Practice of retail reporting
  members:
    of: buyers
    part: denominator
  note:
    en: Orders without a member are left out of both sides.
    zh: 散客订单不计入分子与分母。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders with a member.
    zh: 有会员号的有效订单数。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
checks:
  - holds: numerator >= denominator
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
    buyer_count as denominator
from facts
