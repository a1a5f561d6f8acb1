/*---
description:
  en: Net sales per valid order, returns taken off, guests included.
  zh: 平均每笔有效订单的净销售额（已减退货），含散客。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Average order value, zh: 笔单价}
  unit: amount
  better: higher
  version: 2
  family: sales
  position: 120
  source: Practice of retail reporting
  note:
    en: Offline retailers call it 客单价, per ticket.
    zh: 线下零售常称客单价（按小票）。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of all valid orders less returns, in the data set's currency.
    zh: 全部有效订单的净销售额，已减退货，以数据集币种计。
  denominator:
    en: Valid orders.
    zh: 有效订单数。
checks:
  - not_null: [numerator, denominator]
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
    net_amount as numerator,
    order_count as denominator
from facts
