/*---
description:
  en: >
    Part of the change that buyers bring who had bought earlier but not in the window before, in
    the stores that were there in both windows.
  zh: 两期均营业的门店中，曾经购买、上期未买、本期回来的会员带来的销售变化。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Sales driver, reactivated buyers", zh: 销售拆解：召回会员}
  unit: amount
  better: higher
  version: 1
  family: growth
  position: 1150
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  looks_back: true
  source: Additive logarithmic mean Divisia index, B. W. Ang, Energy Policy 33 (2005), 867-871
  note:
    en: >
      Each buyer won or lost counts the same. Who came over from a store that closed counts
      here too. Empty where buyers or sales of a window are not above 0.
    zh: 每增减一位购买会员折算相同金额；由已关闭门店转来的会员也计入此项。任一窗口的购买会员数或销售额不大于 0 时不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Reactivated buyers, times the logarithmic mean of sales over that of buyers.
    zh: 召回会员数，乘以两期销售额的对数平均与购买会员数的对数平均之比。
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
    reactivated_amount as numerator,
    null as denominator,
    coalesce(window_reason, factor_reason) as null_reason
from drivers
