/*---
description:
  en: Members' net sales less those of the window before; the sum of all other sales drivers.
  zh: 会员净销售额与上期之差，等于其余各项拆解之和。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Sales change of members, zh: 会员销售变化}
  unit: amount
  better: higher
  version: 1
  family: growth
  position: 1100
  needs: [orders.member_id]
  windows: [month, quarter, year]
  scopes: [all]
  source: Difference of two windows
  note:
    en: Both windows must be in the data in full and have ended.
    zh: 两个窗口的数据须完整且均已结束。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Members' net sales of the window, less those of the window before.
    zh: 本窗口会员净销售额减去上一窗口会员净销售额。
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
    change_amount as numerator,
    null as denominator,
    window_reason as null_reason
from drivers
