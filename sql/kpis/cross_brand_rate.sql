/*---
description:
  en: Share of a window's buyers who bought two or more brands.
  zh: 窗口内购买会员中，购买过两个及以上品牌的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Cross-brand rate, zh: 品牌交叉购买率}
  unit: share
  better: higher
  version: 1
  family: goods
  position: 735
  needs: [orders.brand | stores.brand | order_lines.brand | products.brand]
  windows: [month, quarter, half, year, trailing_365d]
  scopes: [all]
  source: Practice of retail reporting
  note:
    en: >
      The brand is that of the order or its store, and of the line where neither tells it. Grows
      with the window, so compare windows of one length only.
    zh: 品牌以订单或门店为准，二者都没有时取明细的品牌；窗口越长数值越大，只应比较相同长度的窗口。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers of two or more brands in the window.
    zh: 窗口内购买过两个及以上品牌的会员数。
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

crossed as (
    select * from intermediate.cross_buyers
    where kind = 'brand'
)

select
    facts.scope_type,
    facts.scope,
    facts.window_type,
    facts.window_start,
    coalesce(crossed.cross_count, 0) as numerator,
    facts.buyer_count as denominator
from facts
left join crossed
    on facts.window_type = crossed.window_type and facts.window_start = crossed.window_start
where
    facts.scope_type = 'all'
    and (
        facts.window_type = 'month'
        or facts.window_type = 'quarter'
        or facts.window_type = 'half'
        or facts.window_type = 'year'
        or facts.window_type = 'trailing_365d'
    )
