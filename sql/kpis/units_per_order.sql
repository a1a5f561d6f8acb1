/*---
description:
  en: Pieces per order.
  zh: 平均每笔订单的商品件数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Units per order, zh: 连带率}
  unit: ratio
  better: higher
  version: 1
  family: goods
  position: 700
  needs: [orders.units | order_lines.quantity]
  source: Practice of retail reporting
  note:
    en: >
      Over valid orders whose pieces are known: by their lines, else by the order itself; pieces are
      as sold, before refunds.
    zh: 只计件数已知的有效订单：有明细时按明细数量，否则按订单件数；件数为售出数量，未减退货。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Pieces of the orders whose pieces are known.
    zh: 件数已知的有效订单的商品件数。
  denominator:
    en: Valid orders whose pieces are known.
    zh: 件数已知的有效订单数。
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
    units as numerator,
    unit_order_count as denominator
from facts
