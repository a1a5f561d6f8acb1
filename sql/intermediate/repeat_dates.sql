/*---
description: >
  Members by the date of an occasion and that of their next one: what recency is counted from, in
  as many rows as there are pairs of dates and no more.
grain: [scope_key, business_date, next_on]
columns:
  scope_key: The scope, of all or of a brand.
  business_date: Date of the occasion.
  next_on: Date of the member's next occasion in the scope; empty where there is none yet.
  member_count: Members.
checks:
  - not_null: [scope_key, business_date, member_count]
---*/
select
    occasions.scope_key,
    occasions.business_date,
    occasions.next_on,
    count(*) as member_count
from intermediate.occasions as occasions
inner join intermediate.scope_cycles as cycles on occasions.scope_key = cycles.scope_key
group by occasions.scope_key, occasions.business_date, occasions.next_on
