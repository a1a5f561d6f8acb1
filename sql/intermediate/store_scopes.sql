/*---
description: >
  The scopes that each store belongs to as a whole: the data set, and its brand, city, region and
  kind of store where the data set asks for them. A store whose orders are of several brands
  belongs to none of them.
grain: [store_key, scope_type]
columns:
  store_key: The store.
  scope_type: all, brand, city, region or store_type.
  scope: Which one of them.
checks:
  - not_null: [store_key, scope_type, scope]
  - unique: [store_key, scope_type]
---*/
with

stores as (
    select
        place_key,
        store_key
    from intermediate.store_places
    where store_id is not null
)

select distinct
    store_key,
    'all' as scope_type,
    'all' as scope
from stores
union all
select
    stores.store_key,
    place_values.scope_type,
    min(place_values.scope) as scope
from stores
inner join intermediate.place_values as place_values on stores.place_key = place_values.place_key
where
    place_values.scope_type = 'brand'
    or place_values.scope_type = 'city'
    or place_values.scope_type = 'region'
    or place_values.scope_type = 'store_type'
group by stores.store_key, place_values.scope_type
having min(place_values.scope) = max(place_values.scope)
