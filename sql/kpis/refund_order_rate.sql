/*---
description:
  en: >
    Share of a window's paid orders of which some or all was refunded since, by the date of the
    order.
  zh: 窗口内付款订单中，此后发生过部分或全部退款的订单比例（按订单日期统计）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Refunded orders, zh: 退款订单率}
  unit: share
  better: lower
  version: 1
  family: service
  position: 805
  needs: [refunds | orders.refunded_amount]
  source: Practice of retail reporting
  note:
    en: A part refunded counts like the whole. Empty, as immature, as long as the refund rate is.
    zh: 部分退款与全额退款同样计一单；成熟条件与退款率相同。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Orders of the window with a refund known at the knowledge date.
    zh: 窗口内付款订单中，截至退款统计日已知有退款的订单数。
  denominator:
    en: Paid orders of the window, those refunded in full included.
    zh: 窗口内的付款订单数，含全额退款的订单。
  null_reason: Why the number is empty, where it is.
checks:
  - holds: numerator <= denominator
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
    refunded_count as numerator,
    paid_count as denominator,
    case when not is_refund_mature then 'immature' end as null_reason
from facts
