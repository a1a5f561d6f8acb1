/*---
description:
  en: >
    Part of the change that comes from stores which sold something in the window before and
    nothing in this one.
  zh: 上期有销售而本期没有销售的门店带来的变化。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Sales driver, stores closed", zh: 销售拆解：关闭门店}
  unit: amount
  better: higher
  version: 1
  family: growth
  position: 1120
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  source: Difference of two windows
  note:
    en: Below zero as a rule. Told by sales, not by closing dates.
    zh: 通常为负。按销售而非闭店日期判断。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Change of the member net sales of these stores.
    zh: 这些门店会员净销售额的变化。
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
    closed_amount as numerator,
    null as denominator,
    window_reason as null_reason
from drivers
