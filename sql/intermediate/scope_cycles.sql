/*---
description: >
  The purchase cycle in use of the whole data set and of each brand, with the whole days that its
  multiples come to: days are counted whole, so that more than 2.5 of them is 3 or more.
grain: [scope_key]
columns:
  scope_key: The scope, of all or of a brand.
  cycle: Days of the cycle.
  dormant_after_days: Days of recency beyond which a member is dormant; two cycles, rounded down.
  lost_after_days: Days of recency beyond which a member is lost; four cycles, rounded down.
checks:
  - not_null: [scope_key, cycle, dormant_after_days, lost_after_days]
  - unique: [scope_key]
---*/
with

whole as (
    select cycle_days
    from raw.purchase_cycles
    where scope_type = 'all'
),

scoped as (
    select
        scopes.scope_key,
        coalesce(own.cycle_days, whole.cycle_days) as cycle
    from intermediate.scopes as scopes
    cross join whole
    left join raw.purchase_cycles as own
        on scopes.scope_type = own.scope_type and scopes.scope = own.scope
    where scopes.scope_type in ('all', 'brand')
)

select
    scoped.scope_key,
    scoped.cycle,
    cast(floor(2 * scoped.cycle) as integer) as dormant_after_days,
    cast(floor(parameters.lost_after_cycles * scoped.cycle) as integer) as lost_after_days
from scoped
cross join raw.parameters as parameters
