/*---
description:
  en: >
    Refunds that happened in a window per amount paid in it, whenever the refunded orders were paid.
  zh: 窗口内发生的退款金额与同期实付金额之比（按退款日期统计，不论订单何时付款）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Refund rate by refund date, zh: 退款率（按退款日）}
  unit: share
  better: lower
  version: 1
  family: service
  position: 810
  needs: [refunds]
  source: Practice of retail reporting
  note:
    en: >
      What was refunded is mostly not what was sold in the window, so that it may exceed 1 after a
      sale. Needs refunds with dates.
    zh: 退款多来自之前的订单，大促之后可能大于 1。需要带日期的退款。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Refunds that happened in the window.
    zh: 窗口内发生的退款金额。
  denominator:
    en: Paid for the window's orders before refunds.
    zh: 窗口内付款订单的实付金额（退款前）。
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
    dated_amount as numerator,
    paid_amount as denominator
from facts
