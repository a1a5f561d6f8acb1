/*---
description:
  en: Share of the new members whom another member brought.
  zh: 新增会员中由老会员推荐的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Referral share, zh: 推荐新客占比}
  unit: share
  better: higher
  version: 1
  family: members
  position: 280
  needs: [members.referrer_id, members.registered_at]
  scopes: [all, store, channel, city]
  source: Practice of retail reporting
  members:
    of: registered_members
    where: is_new
    counted: has_referrer
  note:
    en: >
      New members registered within the window, merged numbers once; one has a referrer if any of
      the merged numbers has.
    zh: 新增会员指窗口内注册的会员，合并的会员只计一次；合并前任一会员号有推荐人即计入。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: New members with a referrer.
    zh: 有推荐人的新增会员数。
  denominator:
    en: New members.
    zh: 新增会员数。
checks:
  - holds: numerator <= denominator
---*/
with

facts as (
    select * from intermediate.window_facts
),

referrals as (
    select * from intermediate.referrals
)

select
    facts.scope_type,
    facts.scope,
    facts.window_type,
    facts.window_start,
    coalesce(referrals.referred_count, 0) as numerator,
    facts.registered_new_count as denominator
from facts
left join referrals
    on
        facts.scope_type = referrals.scope_type
        and facts.scope = referrals.scope
        and facts.window_type = referrals.window_type
        and facts.window_start = referrals.window_start
where facts.registered_new_count is not null
