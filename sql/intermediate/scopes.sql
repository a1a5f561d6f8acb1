/*---
description: >
  What the metrics are about: the whole data set, and each store, channel, brand or city where the
  data set asks for that kind of scope.
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

places as (
    select places.*
    from staging.places as places
    inner join selling on places.place_key = selling.place_key
),

named as (
    select
        'all' as scope_type,
        'all' as scope
    union
    select
        'store' as scope_type,
        store_id as scope
    from places
    union
    select
        'channel' as scope_type,
        channel as scope
    from places
    union
    select
        'brand' as scope_type,
        brand as scope
    from places
    union
    select
        'city' as scope_type,
        city as scope
    from places
)

select
    cast(row_number() over (order by named.scope_type, named.scope) as integer) as scope_key,
    named.scope_type,
    named.scope
from named
left join raw.scope_types as scope_types on named.scope_type = scope_types.scope_type
where
    named.scope is not null
    and (named.scope_type = 'all' or scope_types.scope_type is not null)
