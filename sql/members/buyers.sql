/*---
description:
  en: The members who bought in the window, in the scope.
  zh: 在该口径、该窗口内购买过的会员。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  first_on: First occasion in the window.
  last_on: Latest occasion in the window.
  occasion_count: Occasions in the window.
  order_count: Valid orders in the window.
  first_order_count: Valid orders on the date of the first occasion in the window.
  previous_on: Occasion before the window; empty where the first one ever lies in it.
  second_on: Occasion after the first one in the window, however late.
  next_on: Occasion after the window.
---*/
with

dates as (
    select
        occasions.member_key,
        occasions.business_date,
        occasions.previous_on,
        occasions.next_on,
        occasions.order_count
    from intermediate.occasions as occasions
    inner join intermediate.scopes as scopes on occasions.scope_key = scopes.scope_key
    inner join asked on scopes.scope_type = asked.scope_type and scopes.scope = asked.scope
    where occasions.business_date between asked.window_start and asked.window_end
),

buyers as (
    select
        member_key,
        min(business_date) as first_on,
        max(business_date) as last_on,
        count(*) as occasion_count,
        sum(order_count) as order_count,
        min(previous_on) as previous_on,
        min(next_on) as second_on,
        max(next_on) as next_on
    from dates
    group by member_key
)

select
    members.member_id,
    buyers.first_on,
    buyers.last_on,
    buyers.occasion_count,
    cast(buyers.order_count as bigint) as order_count,
    firsts.order_count as first_order_count,
    case when buyers.previous_on < buyers.first_on then buyers.previous_on end as previous_on,
    buyers.second_on,
    case when buyers.next_on > buyers.last_on then buyers.next_on end as next_on
from buyers
inner join dates as firsts
    on buyers.member_key = firsts.member_key and buyers.first_on = firsts.business_date
inner join staging.members as members on buyers.member_key = members.member_key
