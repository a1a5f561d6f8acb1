/*---
description:
  en: Share of the list price that was given away.
  zh: 成交价低于原价的部分占原价的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Discount rate, zh: 折扣率}
  unit: share
  better: lower
  version: 1
  family: goods
  position: 710
  needs: [order_lines.list_amount]
  source: Practice of retail reporting
  note:
    en: >
      Over lines of valid orders that tell both list price and amount paid, as sold, before refunds;
      at 0.3 seven tenths of the list price were paid. Below 0 where more was paid than the list
      price.
    zh: 只计同时有原价与实付金额的有效订单明细，未减退款；0.3 即通常所说的七折。实付高于原价时小于 0。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: List price less amount paid.
    zh: 原价金额减去实付金额。
  denominator:
    en: List price of the lines.
    zh: 订单明细的原价金额。
---*/
with

facts as (
    select * from intermediate.line_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    list_amount - listed_amount as numerator,
    list_amount as denominator
from facts
