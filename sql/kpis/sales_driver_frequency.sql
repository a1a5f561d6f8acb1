/*---
description:
  en: >
    Part of the change that comes from more or fewer orders per buyer, in the stores that were
    there in both windows.
  zh: 两期均营业的门店中，人均购买次数变化带来的销售变化。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Sales driver, orders per buyer", zh: 销售拆解：购买频次}
  unit: amount
  better: higher
  version: 1
  family: growth
  position: 1170
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  source: Additive logarithmic mean Divisia index, B. W. Ang, Energy Policy 33 (2005), 867-871
  note:
    en: >
      Longer windows hold more dates, so that February to March is partly a matter of days.
      Empty where buyers or sales of a window are not above 0.
    zh: 窗口天数不同也会影响此项，例如二月与三月。任一窗口的购买会员数或销售额不大于 0 时不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Logarithmic mean of sales, times the logarithm of the ratio of orders per buyer.
    zh: 两期销售额的对数平均，乘以人均订单数之比的对数。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
  null_reason: Why the number is empty, where it is.
---*/
with

drivers as (
    select * from intermediate.sales_drivers
)

select
    'all' as scope_type,
    'all' as scope,
    window_type,
    window_start,
    frequency_amount as numerator,
    null as denominator,
    coalesce(window_reason, factor_reason) as null_reason
from drivers
