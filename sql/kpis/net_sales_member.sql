/*---
description:
  en: Net sales of orders with a member number, registered or identified, less their returns.
  zh: 有会员号（含未在会员表中的）的有效订单净销售额，已减退款与无原单退货。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Net sales of members, zh: 会员净销售额}
  unit: amount
  better: higher
  version: 1
  family: sales
  position: 101
  source: Practice of retail reporting
  note:
    en: >
      Members and guests add up to net sales. Identified buyers, whose number is not in the member
      file, are members here; the member shares count registered ones only.
    zh: 会员与散客之和等于净销售额。含有会员号但不在会员表中的买家；会员占比类指标只计注册会员。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of valid orders with a member less returns, in the data set's currency.
    zh: 有会员号的有效订单净销售额，已减退货，以数据集币种计。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
checks:
  - not_null: [numerator]
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
    null as denominator
from facts
