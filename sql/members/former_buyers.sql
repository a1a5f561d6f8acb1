/*---
description:
  en: The members who bought in the window before, in the scope.
  zh: 在该口径、上一窗口内购买过的会员。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  last_on: Latest occasion in the window before.
  next_on: Occasion after it; empty where there is none by the as-of date.
  has_come_back: Bought in the window, too.
---*/
with

dates as (
    select
        occasions.member_key,
        occasions.business_date,
        occasions.next_on,
        coalesce(occasions.next_on <= asked.window_end, false) as has_come_back
    from intermediate.occasions as occasions
    inner join intermediate.scopes as scopes on occasions.scope_key = scopes.scope_key
    inner join asked on scopes.scope_type = asked.scope_type and scopes.scope = asked.scope
    where
        occasions.business_date between asked.before_start and asked.before_end
        and (occasions.next_on is null or occasions.next_on > asked.before_end)
)

select
    members.member_id,
    dates.business_date as last_on,
    dates.next_on,
    dates.has_come_back
from dates
inner join staging.members as members on dates.member_key = members.member_key
