/*---
description:
  en: Share of the sales that is left after the cost of the goods.
  zh: 销售额减去商品成本后占销售额的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Gross margin, zh: 毛利率}
  unit: share
  better: higher
  version: 1
  family: goods
  position: 720
  needs: [order_lines.cost_amount]
  source: Practice of retail reporting
  note:
    en: >
      Over lines of valid orders that tell both cost and amount paid, as sold, before refunds; below
      0 where goods were sold below cost. Tax as the data set states it, on both sides alike only if
      the files do so.
    zh: 只计同时有成本与实付金额的有效订单明细，未减退款；低于成本销售时小于 0。两者含税口径以文件为准，应保持一致。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Amount paid less cost of the goods.
    zh: 实付金额减去商品成本。
  denominator:
    en: Paid for the lines that tell a cost.
    zh: 有成本的明细实付金额。
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
    costed_amount - cost_amount as numerator,
    costed_amount as denominator
from facts
