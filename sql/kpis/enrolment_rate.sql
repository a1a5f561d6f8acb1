/*---
description:
  en: Share of the tickets without a member that became a member's first.
  zh: 非会员到店成交时办理入会的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Enrolment rate, zh: 非会员入会率}
  unit: share
  better: higher
  version: 1
  family: members
  position: 260
  source: Practice of retail reporting
  note:
    en: >
      An enrolment ticket is a member's first valid order on the date of registration, one for each
      member. In the channels that the data set names as offline, else in all. A lower bound:
      tickets rung before registering stay anonymous, and so do those of members who do not show
      their card.
    zh: 入会单：会员的首笔有效订单与注册在同一天，每位会员计一单。只计数据集设置的线下渠道，未设置时计全部渠道。这是下限：先付款后注册、或会员未出示会员码的订单仍算散客。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Enrolment tickets.
    zh: 入会单数。
  denominator:
    en: Enrolment tickets and valid orders without a member number.
    zh: 入会单数与无会员号（散客）的有效订单数之和。
  null_reason: Why the number is empty, where it is.
checks:
  - holds: numerator <= denominator
---*/
with

facts as (
    select * from intermediate.order_facts
),

parameters as (
    select * from raw.parameters
)

select
    facts.scope_type,
    facts.scope,
    facts.window_type,
    facts.window_start,
    facts.enrolled_count as numerator,
    facts.enrolled_count + facts.anonymous_count as denominator,
    case
        when not parameters.has_member_file then 'no_member_file'
        when not parameters.has_registration_dates then 'no_registration_date'
    end as null_reason
from facts
cross join parameters
