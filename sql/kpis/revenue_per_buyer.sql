/*---
description:
  en: Net sales of members per buyer, returns taken off.
  zh: 会员净销售额（已减退货）除以购买会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Revenue per buyer, zh: 人均消费}
  unit: amount
  better: higher
  version: 1
  family: sales
  position: 130
  source: Practice of retail reporting
  members:
    of: buyers
    part: denominator
  note:
    en: Orders per buyer times the average order value of members; grows with the window.
    zh: 等于人均订单数乘以会员笔单价；窗口越长数值越大。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of valid orders with a member less returns, in the data set's currency.
    zh: 有会员号的有效订单净销售额，已减退货，以数据集币种计。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
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
    buyer_count as denominator
from facts
