/*---
description:
  en: Who is kept out of all figures and why, with what was left out because of it.
  zh: 被排除在所有指标之外的会员及原因，以及因此未计入的订单与金额。
grain: [reason]
columns:
  reason: Why, as the exclusion list says; empty text where it does not.
  member_count: Members on the list, merged numbers once.
  order_count: Orders that would count as purchases or returns otherwise.
  net_amount: Their net amount, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [reason, member_count, order_count, net_amount]
  - unique: [reason]
---*/
with

listed as (
    select
        excluded.reason,
        count(*) as member_count
    from staging.excluded_members as excluded
    group by excluded.reason
),

left_out as (
    select
        excluded.reason,
        count(*) as order_count,
        sum(orders.net_amount) as net_amount
    from staging.orders as orders
    inner join staging.members as members on orders.member_key = members.member_key
    inner join staging.excluded_members as excluded on members.member_id = excluded.member_id
    where orders.invalid_reason = 'excluded'
    group by excluded.reason
)

select
    listed.reason,
    listed.member_count,
    coalesce(left_out.order_count, 0) as order_count,
    cast(coalesce(left_out.net_amount, 0) as decimal(18, 2)) as net_amount,
    parameters.as_of_date
from listed
left join left_out on listed.reason = left_out.reason
cross join raw.parameters as parameters
