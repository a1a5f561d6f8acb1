/*---
description:
  en: Net sales of guests per valid order of guests, returns taken off.
  zh: 散客净销售额（已减退货）除以散客有效订单数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Average order value of guests, zh: 散客笔单价}
  unit: amount
  better: higher
  version: 1
  family: sales
  position: 122
  source: Practice of retail reporting
  note:
    en: Empty where every order has a member number.
    zh: 全部订单均有会员号时为空。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of valid orders without a member less returns, in the data set's currency.
    zh: 无会员号（散客）的有效订单净销售额，已减退货，以数据集币种计。
  denominator:
    en: Valid orders without a member.
    zh: 无会员号（散客）的有效订单数。
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
    net_amount - member_net_amount as numerator,
    order_count - member_order_count as denominator
from facts
