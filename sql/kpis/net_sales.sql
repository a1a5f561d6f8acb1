/*---
description:
  en: Paid minus refunds of the valid orders, and minus returns, guests included.
  zh: 有效订单的实付金额减退款，再减无原单退货，含散客。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Net sales, zh: 净销售额}
  unit: amount
  better: higher
  version: 2
  family: sales
  position: 100
  source: Practice of retail reporting, paid less refunds
  note:
    en: >
      A refund lowers the window of its order, so that late refunds restate earlier windows; a
      return without an order lowers the window of its own date.
    zh: 退款冲减原订单所在窗口，迟到的退款会更正历史数据；无原单退货冲减退货当日所在窗口。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of all valid orders less returns, in the data set's currency.
    zh: 全部有效订单的净销售额，已减退货，以数据集币种计。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
checks:
  - not_null: [numerator]
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
    null as denominator
from facts
