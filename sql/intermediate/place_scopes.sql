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
    place_values.place_key,
    scopes.scope_key
from intermediate.place_values as place_values
inner join intermediate.scopes as scopes
    on
        place_values.scope_type = scopes.scope_type
        and place_values.scope = scopes.scope
union all
select
    places.place_key,
    scopes.scope_key
from staging.places as places
inner join intermediate.scopes as scopes on scopes.scope_type = 'all'
