/*---
description: >
  The values that each place has in the kinds of scope that the data set asks for.
grain: [place_key, scope_type]
columns:
  place_key: The place.
  scope_type: Kind of scope.
  scope: Its value there.
checks:
  - not_null: [place_key, scope_type, scope]
---*/
with

named as (
    select
        place_key,
        'store' as slot,
        store_id as scope
    from staging.places
    union all
    select
        place_key,
        'channel' as slot,
        channel as scope
    from staging.places
    union all
    select
        place_key,
        'brand' as slot,
        brand as scope
    from staging.places
    union all
    select
        place_key,
        'city' as slot,
        city as scope
    from staging.places
    union all
    select
        place_key,
        'region' as slot,
        region as scope
    from staging.places
    union all
    select
        place_key,
        'store_type' as slot,
        store_type as scope
    from staging.places
    union all
    select
        place_key,
        'scope_1' as slot,
        scope_1 as scope
    from staging.places
    union all
    select
        place_key,
        'scope_2' as slot,
        scope_2 as scope
    from staging.places
    union all
    select
        place_key,
        'scope_3' as slot,
        scope_3 as scope
    from staging.places
)

select
    named.place_key,
    scope_types.scope_type,
    named.scope
from named
inner join raw.scope_types as scope_types on named.slot = scope_types.slot
where named.scope is not null
