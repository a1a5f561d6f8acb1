/*---
description: >
  Stretches of time in which a member is not lost: from an occasion that nothing came shortly
  before, until the member is lost. Each stretch of a member but the last was followed by a return.
grain: [scope_key, member_key, first_on]
columns:
  scope_key: The scope, of all or of a brand.
  member_key: Canonical member.
  first_on: First occasion of the stretch.
  lost_on: First date at whose end the member is lost; may lie after the as-of date.
  back_on: The occasion that ended the absence; empty where there is none yet.
checks:
  - not_null: [scope_key, member_key, first_on, lost_on]
  - holds: first_on < lost_on and (back_on is null or back_on > lost_on)
---*/
with

-- An occasion on the date on which the member would be lost comes in time.
edges as (
    select
        occasions.scope_key,
        occasions.member_key,
        occasions.business_date,
        occasions.next_on,
        occasions.business_date + cycles.lost_after_days + 1 as lost_on,
        occasions.previous_on is null
        or occasions.business_date > occasions.previous_on + cycles.lost_after_days + 1
            as is_first,
        occasions.next_on is null
        or occasions.next_on > occasions.business_date + cycles.lost_after_days + 1 as is_last
    from intermediate.occasions as occasions
    inner join intermediate.scope_cycles as cycles on occasions.scope_key = cycles.scope_key
),

ends as (
    select
        scope_key,
        member_key,
        business_date,
        next_on,
        lost_on,
        is_last,
        lag(business_date) over (
            partition by scope_key, member_key order by business_date
        ) as first_on
    from edges
    where is_first <> is_last
)

select
    scope_key,
    member_key,
    business_date as first_on,
    lost_on,
    next_on as back_on
from edges
where is_first and is_last
union all
select
    scope_key,
    member_key,
    first_on,
    lost_on,
    next_on as back_on
from ends
where is_last
