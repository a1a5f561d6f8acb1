/*---
description: >
  Returns without an order of their own: money that leaves on their own date, in their place and
  for their member. They are no purchase, so no count of orders, occasions or buyers knows them.
grain: [member_key, place_key, business_date]
columns:
  member_key: Canonical member; empty for a guest.
  is_registered: A registered member on that date.
  place_key: Store, channel, brand and city that took it back.
  business_date: Local date of the return.
  net_amount: What left, below zero, in the data set's currency.
checks:
  - not_null: [is_registered, place_key, business_date, net_amount]
  - holds: net_amount < 0
---*/
select
    member_key,
    is_registered,
    place_key,
    business_date,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount
from staging.orders
where invalid_reason = 'return' and net_amount < 0
group by member_key, is_registered, place_key, business_date
