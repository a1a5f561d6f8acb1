/*---
description: >
  For which windows the days between purchases are worked out in each scope: they cannot be added
  up from one window to another, so each window costs a look at all its gaps.
grain: [scope_key]
columns:
  scope_key: The scope.
  scope_type: Kind of scope.
  scope: Which one of them.
  reach: >
    1 for the whole data set, which has all windows; 2 for kinds of few scopes, which have all but
    days and weeks; 3 for kinds of many, whose trailing windows are those at the as-of date.
checks:
  - not_null: [scope_key, scope_type, scope, reach]
  - unique: [scope_key]
---*/
with

parameters as (
    select * from raw.parameters
),

kinds as (
    select
        scope_type,
        count(*) as scope_count
    from intermediate.scopes
    group by scope_type
)

select
    scopes.scope_key,
    scopes.scope_type,
    scopes.scope,
    cast(case
        when scopes.scope_type = 'all' then 1
        when kinds.scope_count <= parameters.many_scopes then 2
        else 3
    end as integer) as reach
from intermediate.scopes as scopes
inner join kinds on scopes.scope_type = kinds.scope_type
cross join parameters
