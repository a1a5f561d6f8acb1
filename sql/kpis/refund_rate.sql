/*---
description:
  en: Share of the amount paid in a window that was refunded since, by the date of the order.
  zh: 窗口内付款订单的实付金额中，此后被退款的比例（按订单日期统计）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Refund rate, zh: 退款率}
  unit: share
  better: lower
  version: 1
  family: service
  position: 800
  needs: [refunds | orders.refunded_amount]
  source: Practice of retail reporting
  note:
    en: >
      Empty, as immature, until the return window after the end has passed, or the time within which
      95 % of refunds come where that is longer. Refunds count that are known at the knowledge date;
      totals without dates count whenever they came, so that a past window may know of later ones.
    zh: "窗口结束后须经过退货期，若 95% 的退款所需天数更长则以其为准，此前不计算（未成熟）。只计截止日前已知的退款；\
      订单上没有日期的退款合计无论何时发生都会计入，补算历史时可能包含之后的退款。"
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Refunds known at the knowledge date on the orders of the window.
    zh: 窗口内订单截至退款统计日已知的退款金额。
  denominator:
    en: Paid for the window's orders before refunds, those refunded in full included.
    zh: 窗口内付款订单的实付金额（退款前），含全额退款的订单。
  null_reason: Why the number is empty, where it is.
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
    refunded_amount as numerator,
    paid_amount as denominator,
    case when not is_refund_mature then 'immature' end as null_reason
from facts
