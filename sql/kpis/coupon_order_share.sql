/*---
description:
  en: Share of the valid orders in which a coupon was used.
  zh: 有效订单中使用了优惠券的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Coupon order share, zh: 用券订单占比}
  unit: share
  better: neither
  version: 1
  family: service
  position: 820
  needs: [orders.coupon_amount | coupons.order_id]
  source: Practice of retail reporting
  note:
    en: >
      A coupon was used where the order says that coupons paid a part of it, or the coupon file
      names the order.
    zh: 订单的优惠券金额大于 0，或优惠券文件记录了该订单，即为用券订单。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Valid orders with a coupon.
    zh: 使用了优惠券的有效订单数。
  denominator:
    en: Valid orders, guests included.
    zh: 全部有效订单数，含散客。
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
    coupon_count as numerator,
    order_count as denominator
from facts
