/*---
description:
  en: Share of a window's buyers with two or more orders in it, dates disregarded.
  zh: 窗口内有两笔及以上订单的会员占购买会员的比例，不论是否同日。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Repurchase rate by order, zh: 复购率（按订单）}
  unit: share
  better: higher
  version: 1
  family: repurchase
  position: 310
  source: Practice of retail reporting
  members:
    of: buyers
    counted: order_count >= 2
  note:
    en: Higher than the rate by occasion wherever baskets are split; the two must not be mixed.
    zh: 存在拆单时高于按到店次数计算的复购率；两种口径不可混用。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers with two or more valid orders in the window.
    zh: 窗口内有两笔及以上有效订单的会员数。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
checks:
  - holds: numerator <= denominator
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
    two_order_count as numerator,
    buyer_count as denominator
from facts
