/*---
description:
  en: Share of a window's buyers who also bought in the window after it.
  zh: 本窗口购买会员中，下一窗口再次购买的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Buy-back rate, zh: 回购率}
  unit: share
  better: higher
  version: 1
  family: repurchase
  position: 340
  source: Practice of retail reporting
  members:
    of: buyers
    counted: next_on <= asked.after_end
  note:
    en: Empty, as immature, until the window after has ended.
    zh: 下一窗口结束之前不计算（未成熟）。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers who also bought in the window after.
    zh: 下一窗口也购买过的购买会员数。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
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
    facts.bought_again_count as numerator,
    facts.buyer_count as denominator,
    case when facts.next_end > parameters.as_of_date then 'immature' end as null_reason
from facts
cross join parameters
