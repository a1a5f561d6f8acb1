/*---
description:
  en: Share of a window's buyers who came back within it, on another date.
  zh: 窗口内在不同日期购买两次及以上的会员占购买会员的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Repurchase rate, zh: 复购率}
  unit: share
  better: higher
  version: 2
  family: repurchase
  position: 300
  source: Practice of retail reporting
  members:
    of: buyers
    counted: occasion_count >= 2 or (parameters.counts_orders and order_count >= 2)
  note:
    en: >
      Two orders on one date are one visit, unless the data set counts orders; grows with the
      window, so compare windows of one length only.
    zh: 同一天的多笔订单算一次到店，除非数据集设置按订单计次；窗口越长数值越大，只应比较相同长度的窗口。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers with two or more occasions in the window, or orders where the data set counts these.
    zh: 窗口内购买两次及以上的会员数（按到店次数；数据集设置按订单计次时按订单数）。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
checks:
  - holds: numerator <= denominator
---*/
with

facts as (
    select * from intermediate.window_facts
),

parameters as (
    select * from raw.parameters
)

select
    facts.scope_type,
    facts.scope,
    facts.window_type,
    facts.window_start,
    case
        when parameters.counts_orders then facts.two_order_count
        else facts.two_occasion_count
    end as numerator,
    facts.buyer_count as denominator
from facts
cross join parameters
