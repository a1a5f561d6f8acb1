/*---
description:
  en: >
    Part of the change that comes from the number of buyers who bought in both windows, which is
    0.
  zh: 两期均购买的会员人数不变，此项恒为 0。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Sales driver, retained buyers", zh: 销售拆解：留存会员}
  unit: amount
  better: neither
  version: 1
  family: growth
  position: 1140
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  source: Additive logarithmic mean Divisia index, B. W. Ang, Energy Policy 33 (2005), 867-871
  note:
    en: >
      Retained buyers change sales by how often and how much they buy; that stands in
      frequency and order value. Published so that the sum is seen to be whole. Empty where
      buyers or sales of a window are not above 0.
    zh: 留存会员通过购买频次与笔单价影响销售，见该两项；列出此项以便核对合计。任一窗口的购买会员数或销售额不大于 0 时不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Always 0.
    zh: 恒为 0。
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
    retained_amount as numerator,
    null as denominator,
    coalesce(window_reason, factor_reason) as null_reason
from drivers
