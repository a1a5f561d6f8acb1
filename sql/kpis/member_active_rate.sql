/*---
description:
  en: Share of the members registered at the end of the window who bought within it.
  zh: 窗口结束时的注册会员中，窗口内有过购买的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Member active rate, zh: 会员活跃率}
  unit: share
  better: higher
  version: 1
  family: members
  position: 230
  source: Active rate of registered members as retail reporting states it
  members:
    of: registered_members
    where: is_registered_at_end
    counted: occasion_count > 0
  note:
    en: >
      In a store's scope, the members whose home store it is, buying in whatever store; likewise for
      what else the member file or the home store tells. Empty with no_owner where no member has
      such a home.
    zh: 门店口径为归属该门店的会员，在任何门店购买均算活跃；其他口径按会员表或归属门店的属性划分。没有归属会员的口径为空（no_owner）。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Of these members, those with at least one occasion in the window.
    zh: 其中窗口内至少购买过一次的会员数。
  denominator:
    en: Members registered at the window's end.
    zh: 窗口结束时的注册会员数。
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
    facts.registered_buyer_count as numerator,
    facts.registered_count as denominator,
    case
        when not parameters.has_member_file then 'no_member_file'
        when facts.registered_count is null then 'no_owner'
    end as null_reason
from facts
cross join parameters
