/*---
description:
  en: >
    Part of the change that comes from stores which sold something in the window and nothing in
    the one before.
  zh: 本期有销售而上期没有销售的门店带来的变化。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Sales driver, stores opened", zh: 销售拆解：新开门店}
  unit: amount
  better: higher
  version: 1
  family: growth
  position: 1110
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  source: Difference of two windows
  note:
    en: >
      Told by sales, not by opening dates, so that a store that was shut for a whole window
      counts as opened again.
    zh: 按销售而非开业日期判断，整个上期停业的门店恢复营业也计入。
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
    opened_amount as numerator,
    null as denominator,
    window_reason as null_reason
from drivers
