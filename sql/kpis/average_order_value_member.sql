/*---
description:
  en: Net sales of members per valid order of members, returns taken off.
  zh: 会员净销售额（已减退货）除以会员有效订单数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Average order value of members, zh: 会员笔单价}
  unit: amount
  better: higher
  version: 1
  family: sales
  position: 121
  source: Practice of retail reporting
  note:
    en: >
      Compare with that of guests; a gap may come from who becomes a member as well as from what
      membership does.
    zh: 可与散客笔单价比较；差异既可能来自会员身份的作用，也可能来自入会人群本身。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of valid orders with a member less returns, in the data set's currency.
    zh: 有会员号的有效订单净销售额，已减退货，以数据集币种计。
  denominator:
    en: Valid orders with a member.
    zh: 有会员号的有效订单数。
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
    member_net_amount as numerator,
    member_order_count as denominator
from facts
