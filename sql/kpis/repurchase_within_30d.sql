/*---
description:
  en: Share of the members who first bought in the window who bought again within 30 days.
  zh: 窗口内首次购买的会员中，30 日内再次购买的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Repurchase within 30 days, zh: 30 日复购率}
  unit: share
  better: higher
  version: 1
  family: repurchase
  position: 360
  looks_back: true
  source: Practice of cohort analysis; first-order cohort and fixed horizon
  members:
    of: buyers
    where: previous_on is null
    counted: second_on - first_on <= 30 or (parameters.counts_orders and first_order_count >= 2)
  note:
    en: >
      Empty, as immature, until the youngest has had 30 days. Where the data set counts orders, two
      orders on the first date are a second purchase.
    zh: 最晚首购的会员满 30 日之前不计算（未成熟）。若数据集按订单计次，首购当日的第二笔订单即算再次购买。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Of them, those with a second occasion at most 30 days after the first.
    zh: 其中首次购买后 30 日内再次购买的会员数。
  denominator:
    en: Members whose first occasion ever, in the scope, lies in the window.
    zh: 在该口径内首次购买发生于窗口内的会员数。
  null_reason: Why the number is empty, where it is.
checks:
  - holds: numerator <= denominator
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
    facts.back_within_30_count as numerator,
    facts.new_count as denominator,
    case when facts.window_end + 30 > parameters.as_of_date then 'immature' end as null_reason
from facts
cross join parameters
