/*---
description:
  en: Net sales per piece.
  zh: 平均每件商品的净销售额。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Average unit price, zh: 件单价}
  unit: amount
  better: neither
  version: 1
  family: goods
  position: 705
  needs: [orders.units | order_lines.quantity]
  source: Practice of retail reporting
  note:
    en: >
      Over the same orders as units per order; times these it is the average order value of the
      orders whose pieces are known.
    zh: 与连带率的订单口径相同；件单价乘以连带率，即件数已知的订单的平均金额。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of the valid orders whose pieces are known.
    zh: 件数已知的有效订单的净销售额。
  denominator:
    en: Pieces of these orders.
    zh: 这些订单的商品件数。
---*/
with

facts as (
    select * from intermediate.order_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    unit_net_amount as numerator,
    units as denominator
from facts
