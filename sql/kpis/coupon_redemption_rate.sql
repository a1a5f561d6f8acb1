/*---
description:
  en: Share of the coupons issued in a window that were redeemed by the as-of date.
  zh: 窗口内发放的优惠券中，截至统计日已核销的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Coupon redemption rate, zh: 优惠券核销率}
  unit: share
  better: higher
  version: 1
  family: service
  position: 825
  needs: [coupons.issued_at, coupons.redeemed_at | coupons.order_id]
  scopes: [all]
  moves_on: true
  source: Practice of retail reporting
  note:
    en: >
      Rises until the coupons expire, so that the newest windows are always low; a coupon counts
      once, however often it was redeemed. Where the file has no date of redemption, that of the
      order is taken.
    zh: 在券过期之前会持续上升，最近的窗口总是偏低；每张券只计一次。没有核销时间时，以核销订单的日期为准。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Coupons issued in the window and redeemed by the as-of date.
    zh: 窗口内发放、截至统计日已核销的优惠券张数。
  denominator:
    en: Coupons issued in the window.
    zh: 窗口内发放的优惠券张数。
checks:
  - holds: numerator <= denominator
---*/
with

facts as (
    select * from intermediate.coupon_facts
)

select
    'all' as scope_type,
    'all' as scope,
    window_type,
    window_start,
    redeemed_count as numerator,
    issued_count as denominator
from facts
