/*---
description:
  en: Members with one purchase in the trailing 365 days.
  zh: 近 365 天内购买一次的会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "AIPL: purchase", zh: AIPL：购买（P）}
  unit: count
  better: neither
  version: 1
  family: lifecycle
  position: 460
  windows: [trailing_365d]
  source: AIPL of 阿里巴巴数据银行, its P and L read off orders alone
  members:
    of: buyers
    where: not (occasion_count >= 2 or (parameters.counts_orders and order_count >= 2))
  note:
    en: >
      P and L add up to the annual active members. A and I need a visits file of people, which
      orders do not give.
    zh: P 与 L 之和等于年度活跃会员；A、I 需要浏览等人群数据，订单无法得出。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: >
      Buyers of the trailing 365 days with a single occasion, or a single order where orders are
      counted.
    zh: 近 365 天内只购买一次的会员数（数据集设置按订单计次时为只有一笔订单）。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
checks:
  - holds: numerator >= 0
---*/
with

facts as (
    select * from intermediate.window_facts
),

parameters as (
    select * from raw.parameters
)

select
    facts.scope_type,
    facts.scope,
    facts.window_type,
    facts.window_start,
    facts.buyer_count - case
        when parameters.counts_orders then facts.two_order_count
        else facts.two_occasion_count
    end as numerator,
    null as denominator
from facts
cross join parameters
where facts.window_type = 'trailing_365d'
