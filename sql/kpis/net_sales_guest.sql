/*---
description:
  en: Net sales of orders without a member number, less their returns.
  zh: 无会员号的有效订单净销售额，已减退款与无原单退货。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Net sales of guests, zh: 散客净销售额}
  unit: amount
  better: neither
  version: 1
  family: sales
  position: 102
  source: Practice of retail reporting
  note:
    en: What could be won for the membership; members and guests add up to net sales.
    zh: 可转化为会员的销售额；会员与散客之和等于净销售额。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net amount of valid orders without a member less returns, in the data set's currency.
    zh: 无会员号（散客）的有效订单净销售额，已减退货，以数据集币种计。
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
    net_amount - member_net_amount as numerator,
    null as denominator
from facts
