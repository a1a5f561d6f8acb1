/*---
description:
  en: >
    Share of the members who registered in stores a year ago or earlier and have an identity in the
    online shop.
  zh: 一年前及更早在线下注册的会员中，已有线上身份的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Online member rate, zh: 历史会员在线率}
  unit: share
  better: higher
  version: 1
  family: members
  position: 270
  needs: [members.online_id, members.registered_at]
  windows: [trailing_365d]
  scopes: [all]
  source: Practice of retail reporting
  members:
    of: registered_members
    where: is_registered_at_end and is_offline and registered_on <= asked.window_end - 365
    counted: has_online_identity
  note:
    en: >
      At the as-of date; of members who have not left, registered at least 365 days before in a
      channel that the data set names as offline, else in any. An online identity of any of the
      merged numbers counts.
    zh: 以统计日为准；统计至少 365 天前在线下渠道（数据集未设置时为全部渠道）注册且未退会的会员。合并前任一会员号有线上身份即计入。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Those of them with an online identity.
    zh: 其中已有线上身份的会员数。
  denominator:
    en: Members registered offline at least 365 days before the as-of date.
    zh: 统计日前至少 365 天在线下注册的会员数。
  null_reason: Why the number is empty, where it is.
checks:
  - holds: numerator <= denominator
---*/
with

facts as (
    select * from intermediate.online_members
),

parameters as (
    select * from raw.parameters
)

select
    'all' as scope_type,
    'all' as scope,
    facts.window_type,
    facts.window_start,
    facts.online_count as numerator,
    facts.member_count as denominator,
    case when not parameters.has_registration_dates then 'no_registration_date' end as null_reason
from facts
cross join parameters
