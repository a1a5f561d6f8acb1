/*---
description:
  en: Points that members spent in the window, less returned ones.
  zh: 窗口内会员使用（兑换、抵扣）的积分，已减退回。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Points redeemed, zh: 使用积分}
  unit: count
  better: higher
  version: 1
  family: loyalty
  position: 610
  needs: [points]
  scopes: [all]
  source: Practice of loyalty programmes; kinds as in the ledger
  note:
    en: >
      Points that leave stand below zero in the ledger; an export that writes them above zero
      shows a number below zero here.
    zh: 流水中减少的积分应为负数；若导出为正数，此处会显示为负。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Points of the kind redeem, with the sign turned.
    zh: 类型为使用的积分，符号取反。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
---*/
with

facts as (
    select * from intermediate.point_facts
)

select
    'all' as scope_type,
    'all' as scope,
    window_type,
    window_start,
    redeemed_points as numerator,
    null as denominator
from facts
