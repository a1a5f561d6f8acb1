/*---
description:
  en: Share of the sales that was sold at list price or above.
  zh: 以原价（或更高价）成交的销售额占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Full-price share, zh: 正价占比}
  unit: share
  better: higher
  version: 1
  family: goods
  position: 715
  needs: [order_lines.list_amount]
  source: Practice of retail reporting
  note:
    en: >
      Over lines of valid orders that tell both list price and amount paid. A line of several pieces
      is at full price only as a whole.
    zh: 只计同时有原价与实付金额的有效订单明细；一行多件时按整行判断。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Paid for lines at list price or above.
    zh: 以原价或更高价成交的明细实付金额。
  denominator:
    en: Paid for the lines that tell a list price.
    zh: 有原价的明细实付金额。
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
    full_price_amount as numerator,
    listed_amount as denominator
from facts
