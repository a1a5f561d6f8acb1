/*---
description:
  en: Canonical members registered at the end of the window; those who left by then are out.
  zh: 窗口结束时的注册会员数（合并后，已注销的不计）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Registered members, zh: 注册会员}
  unit: count
  better: higher
  version: 2
  family: members
  position: 200
  source: Practice of retail reporting
  members:
    of: registered_members
    where: is_registered_at_end
  note:
    en: >
      Members without a registration date count from the start; in a store's scope they are the
      members whose home store it is.
    zh: 没有注册时间的会员从一开始就计入；门店口径为归属该门店的会员。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Members registered at the window's end.
    zh: 窗口结束时的注册会员数。
  denominator:
    en: Always empty; this is a count.
    zh: 恒为空；本指标不作除法。
  null_reason: Why the number is empty, where it is.
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
    facts.registered_count as numerator,
    null as denominator,
    case when not parameters.has_member_file then 'no_member_file' end as null_reason
from facts
cross join parameters
where facts.registered_count is not null or facts.scope_type = 'all'
