/*---
description:
  en: Members with more tickets on a date than a customer buys, on several dates; a cashier's own
    card or a reseller. Put them on the exclusion list, or leave them.
  zh: 多日内单日小票数异常的会员（收银员自用卡、代购等）；请决定是否加入排除名单。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  reason: Code of the reason for the proposal.
  reason_zh: The reason, in Chinese.
  reason_en: The reason, in English.
  date_count: Dates with so many tickets.
  ticket_count: Valid orders on these dates.
  net_amount: Their net amount, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [member_id, reason, date_count, ticket_count, net_amount]
  - unique: [member_id]
---*/
with

parameters as (
    select * from raw.parameters
),

crowded as (
    select
        days.member_key,
        count(*) as date_count,
        sum(days.order_count) as ticket_count,
        sum(days.net_amount) as net_amount
    from intermediate.member_days as days
    cross join parameters
    where days.order_count >= parameters.proposal_tickets
    group by days.member_key
)

select
    members.member_id,
    'many_tickets' as reason,
    '多日单日小票过多' as reason_zh,
    'Many tickets on one date, on several dates' as reason_en,
    crowded.date_count,
    cast(crowded.ticket_count as bigint) as ticket_count,
    cast(crowded.net_amount as decimal(18, 2)) as net_amount,
    parameters.as_of_date
from crowded
inner join staging.members as members on crowded.member_key = members.member_key
cross join parameters
where crowded.date_count >= parameters.proposal_dates and not members.is_excluded
