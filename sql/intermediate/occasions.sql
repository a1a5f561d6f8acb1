/*---
description: >
  The occasions of each scope with the member's occasions before and after in the same scope. A
  window's buyers, repeaters, buyers-back, new, retained and lapsed members can all be read off
  these three dates, so that no member is ever counted twice or joined with himself. Most members
  buy in one place a day; only the orders of the others are grouped again.
grain: [scope_key, member_key, business_date]
columns:
  scope_key: The scope; "new" and "repeat" are meant within it.
  member_key: Canonical member.
  business_date: Date of the occasion.
  previous_on: The member's occasion before in this scope; empty for the first.
  next_on: The member's occasion after in this scope; empty for the latest.
  order_count: Valid orders of that date in this scope.
  first_on: The member's first occasion in this scope.
  occasion_number: 1 for the first, 2 for the next, and so on.
checks:
  - not_null: [scope_key, member_key, business_date, first_on, occasion_number]
  - holds: previous_on is null or previous_on < business_date
  - holds: next_on is null or next_on > business_date
  - holds: (first_on = business_date) = (previous_on is null)
---*/
with

whole as (
    select scope_key from intermediate.scopes
    where scope_type = 'all'
),

parts as (
    select
        place_scopes.place_key,
        place_scopes.scope_key
    from intermediate.place_scopes as place_scopes
    left join whole on place_scopes.scope_key = whole.scope_key
    where whole.scope_key is null
),

spread as (
    select
        member_key,
        business_date
    from intermediate.member_days
    where place_key is null
),

parted as (
    select
        parts.scope_key,
        days.member_key,
        days.business_date,
        days.order_count
    from intermediate.member_days as days
    inner join parts on days.place_key = parts.place_key
    union all
    select
        parts.scope_key,
        orders.member_key,
        orders.business_date,
        cast(count(*) as integer) as order_count
    from staging.orders as orders
    inner join spread
        on
            orders.member_key = spread.member_key
            and orders.business_date = spread.business_date
    inner join parts on orders.place_key = parts.place_key
    where orders.is_valid
    group by parts.scope_key, orders.member_key, orders.business_date
)

-- The whole data set stands apart, so that who reads only its rows finds them together.
select
    whole.scope_key,
    days.member_key,
    days.business_date,
    lag(days.business_date) over dates as previous_on,
    lead(days.business_date) over dates as next_on,
    days.order_count,
    first_value(days.business_date) over dates as first_on,
    cast(row_number() over dates as integer) as occasion_number
from intermediate.member_days as days
cross join whole
window dates as (partition by days.member_key order by days.business_date)
union all
select
    scope_key,
    member_key,
    business_date,
    lag(business_date) over dates as previous_on,
    lead(business_date) over dates as next_on,
    order_count,
    first_value(business_date) over dates as first_on,
    cast(row_number() over dates as integer) as occasion_number
from parted
window dates as (partition by scope_key, member_key order by business_date)
