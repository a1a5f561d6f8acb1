/*---
description:
  en: Canonical members who registered within the window.
  zh: 窗口内新注册的会员数（合并后）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: New members, zh: 新增会员}
  unit: count
  better: higher
  version: 1
  family: members
  position: 210
  source: Practice of retail reporting
  members:
    of: registered_members
    where: is_new
  note:
    en: Merged numbers count once, at the earliest registration.
    zh: 合并的会员只计一次，取最早注册时间。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Members registered within the window.
    zh: 窗口内新注册的会员数。
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
    facts.registered_new_count as numerator,
    null as denominator,
    case
        when not parameters.has_member_file then 'no_member_file'
        when not parameters.has_registration_dates then 'no_registration_date'
    end as null_reason
from facts
cross join parameters
where facts.registered_new_count is not null or facts.scope_type = 'all'
