/*---
description:
  en: Members with two or more purchases in the trailing 365 days.
  zh: 近 365 天内购买两次及以上的会员数。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "AIPL: loyalty", zh: AIPL：忠诚（L）}
  unit: count
  better: higher
  version: 1
  family: lifecycle
  position: 461
  windows: [trailing_365d]
  source: AIPL of 阿里巴巴数据银行, its P and L read off orders alone
  members:
    of: buyers
    where: occasion_count >= 2 or (parameters.counts_orders and order_count >= 2)
  note:
    en: The numerator of the annual repurchase rate.
    zh: 即年度复购率的分子。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: >
      Buyers of the trailing 365 days with two or more occasions, or orders where these are
      counted.
    zh: 近 365 天内购买两次及以上的会员数（数据集设置按订单计次时为两笔及以上订单）。
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
    case
        when parameters.counts_orders then facts.two_order_count
        else facts.two_occasion_count
    end as numerator,
    null as denominator
from facts
cross join parameters
where facts.window_type = 'trailing_365d'
