/*---
description:
  en: Share of the net sales that registered members brought.
  zh: 注册会员的净销售额占全部净销售额的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Member sales share, zh: 会员销售占比}
  unit: share
  better: higher
  version: 2
  family: members
  position: 250
  source: Practice of retail reporting
  note:
    en: Refunds known at the knowledge date and returns are taken off both sides.
    zh: 分子分母均已扣除截止日前已知的退款及无原单退货。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net sales of registered members, in the data set's currency.
    zh: 注册会员的净销售额，以数据集币种计。
  denominator:
    en: All net sales, in the data set's currency.
    zh: 全部净销售额，含散客，以数据集币种计。
checks:
  - not_null: [numerator, denominator]
---*/
with

facts as (
    select * from intermediate.window_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    registered_net_amount as numerator,
    net_amount as denominator
from facts
