/*---
description: The scopes that an order of each place belongs to.
grain: [place_key, scope_key]
columns:
  place_key: The place.
  scope_key: A scope that its orders belong to.
checks:
  - not_null: [place_key, scope_key]
  - unique: [place_key, scope_key]
---*/
select
    places.place_key,
    scopes.scope_key
from staging.places as places
inner join intermediate.scopes as scopes
    on
        case scopes.scope_type
            when 'all' then 'all'
            when 'store' then places.store_id
            when 'channel' then places.channel
            when 'brand' then places.brand
            when 'city' then places.city
        end = scopes.scope
