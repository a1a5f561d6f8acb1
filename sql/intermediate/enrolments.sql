/*---
description: >
  Enrolment tickets by scope: members whose first valid order anywhere was paid on the date of their
  registration, each once, in channels of stores where the data set names them.
grain: [scope_key, business_date]
columns:
  scope_key: The scope in which the member bought on that date.
  business_date: Date of registration and first purchase.
  enrolled_count: Members.
checks:
  - not_null: [scope_key, business_date, enrolled_count]
  - unique: [scope_key, business_date]
---*/
with

firsts as (
    select
        member_key,
        min(business_date) as first_on
    from intermediate.member_days
    group by member_key
),

enrolled as (
    select
        firsts.member_key,
        firsts.first_on
    from firsts
    inner join staging.members as members
        on firsts.member_key = members.member_key and firsts.first_on = members.registered_on
    where members.is_in_member_file
),

tickets as (
    select distinct
        spots.spot_key,
        enrolled.first_on,
        enrolled.member_key
    from enrolled
    inner join staging.orders as orders
        on enrolled.member_key = orders.member_key and enrolled.first_on = orders.business_date
    inner join intermediate.spots as spots on orders.place_key = spots.place_key
    where orders.is_valid and spots.is_offline
),

scoped as (
    select distinct
        spot_scopes.scope_key,
        tickets.first_on,
        tickets.member_key
    from tickets
    inner join intermediate.spot_scopes as spot_scopes on tickets.spot_key = spot_scopes.spot_key
)

select
    scope_key,
    first_on as business_date,
    count(*) as enrolled_count
from scoped
group by scope_key, first_on
