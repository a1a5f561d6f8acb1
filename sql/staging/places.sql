/*---
description: >
  Every combination of store, channel, brand and city that an order was sold in. Orders carry its
  key in place of four texts, which is what keeps them narrow.
grain: [place_key]
columns:
  place_key: The place, an integer that lives only inside one run.
  store_id: Store that sold it.
  channel: Channel that sold it.
  brand: Brand that sold it.
  city: City of the store.
checks:
  - not_null: [place_key]
  - unique: [place_key]
---*/
with

combinations as (
    select distinct
        store_id,
        channel,
        brand,
        city
    from raw.orders
)

select
    cast(row_number() over (order by store_id, channel, brand, city) as integer) as place_key,
    store_id,
    channel,
    brand,
    city
from combinations
