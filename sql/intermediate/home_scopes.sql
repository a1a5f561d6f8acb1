/*---
description: >
  The scopes that registered members belong to, wherever they buy: the whole data set, their home
  store, what the stores file tells of that store, and channel and city of the member file.
grain: [home_key, scope_key]
columns:
  home_key: The home.
  scope_key: A scope that its members belong to.
checks:
  - not_null: [home_key, scope_key]
  - unique: [home_key, scope_key]
---*/
with

homes as (
    select
        homes.home_key,
        homes.home_store_id,
        homes.channel,
        homes.city,
        stores.region,
        stores.store_type
    from intermediate.homes as homes
    left join staging.stores as stores on homes.home_store_id = stores.store_id
)

select
    homes.home_key,
    scopes.scope_key
from homes
inner join intermediate.scopes as scopes
    on
        case scopes.scope_type
            when 'all' then 'all'
            when 'store' then homes.home_store_id
            when 'channel' then homes.channel
            when 'city' then homes.city
            when 'region' then homes.region
            when 'store_type' then homes.store_type
        end = scopes.scope
