/*---
description:
  en: Share of a window's buyers who came back within it, on another date.
  zh: 窗口内在不同日期购买两次及以上的会员占购买会员的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Repurchase rate, zh: 复购率}
  unit: share
  better: higher
  version: 1
  family: repurchase
  position: 300
  source: Practice of retail reporting
  members:
    of: buyers
    counted: occasion_count >= 2 or (parameters.counts_orders and order_count >= 2)
  note:
    en: >
      Two orders on one date are one visit; grows with the window, so compare windows of one length
      only.
    zh: 同一天的多笔订单算一次到店；窗口越长数值越大，只应比较相同长度的窗口。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator: Buyers with two or more occasions in the window.
  denominator: Buyers, members with at least one occasion in the window.
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
    two_occasion_count as numerator,
    buyer_count as denominator
from facts
