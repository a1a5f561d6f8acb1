/*---
description:
  en: >
    Part of the change that is lost with the buyers of the window before who did not come back,
    in the stores that were there in both windows.
  zh: 两期均营业的门店中，上期购买而本期未买的会员造成的销售减少。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Sales driver, lapsed buyers", zh: 销售拆解：流失会员}
  unit: amount
  better: higher
  version: 1
  family: growth
  position: 1160
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  source: Additive logarithmic mean Divisia index, B. W. Ang, Energy Policy 33 (2005), 867-871
  note:
    en: >
      Below zero. Each buyer won or lost counts the same. Empty where buyers or sales of a
      window are not above 0.
    zh: 为负值。每增减一位购买会员折算相同金额。任一窗口的购买会员数或销售额不大于 0 时不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Lapsed buyers, times the logarithmic mean of sales over that of buyers, below zero.
    zh: 流失会员数，乘以两期销售额的对数平均与购买会员数的对数平均之比，取负值。
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
    lapsed_amount as numerator,
    null as denominator,
    coalesce(window_reason, factor_reason) as null_reason
from drivers
