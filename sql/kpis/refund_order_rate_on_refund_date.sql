/*---
description:
  en: Orders refunded in a window per order paid in it, whenever the refunded orders were paid.
  zh: 窗口内发生退款的订单数与同期付款订单数之比（按退款日期统计，不论订单何时付款）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Refunded orders by refund date, zh: 退款订单率（按退款日）}
  unit: share
  better: lower
  version: 1
  family: service
  position: 815
  needs: [refunds]
  source: Practice of retail reporting
  note:
    en: >
      An order refunded in several steps counts once a window; may exceed 1. Needs refunds with
      dates.
    zh: 同一订单在窗口内多次退款只计一次；可能大于 1。需要带日期的退款。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Orders with a refund that happened in the window.
    zh: 窗口内发生退款的订单数。
  denominator:
    en: Paid orders of the window.
    zh: 窗口内的付款订单数。
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
    dated_count as numerator,
    paid_count as denominator
from facts
