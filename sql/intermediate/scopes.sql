/*---
description: >
  What the metrics are about: the whole data set, and each store, channel, brand, city, region, kind
  of store or value of the data set's own dimensions where the data set asks for that kind of scope.
grain: [scope_key]
columns:
  scope_key: The scope, an integer that lives only inside one run.
  scope_type: Kind of scope, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
checks:
  - not_null: [scope_key, scope_type, scope]
  - unique: [scope_key]
  - unique: [scope_type, scope]
---*/
with

selling as (
    select place_key
    from staging.orders
    where is_valid
    union
    select place_key
    from intermediate.returns
),

named as (
    select
        'all' as scope_type,
        'all' as scope
    union
    select
        values_of_places.scope_type,
        values_of_places.scope
    from intermediate.place_values as values_of_places
    inner join selling on values_of_places.place_key = selling.place_key
)

select
    cast(row_number() over (order by scope_type, scope) as integer) as scope_key,
    scope_type,
    scope
from named
