/*---
description: >
  Every combination of store, channel, brand, city, guide and the data set's own dimensions that an
  order was sold in. Orders carry its key in place of the texts, which is what keeps them narrow.
  What an order leaves open is told by the stores file.
grain: [place_key]
columns:
  place_key: The place, an integer that lives only inside one run.
  store_id: Store that sold it.
  channel: Channel that sold it.
  brand: Brand that sold it, as the order says or else its store.
  city: City of the store, as the order says or else its store.
  region: Region of the store.
  store_type: Kind of store.
  guide_id: Shopping guide who is credited with it.
  scope_1: First dimension of the data set's own.
  scope_2: Second dimension of the data set's own.
  scope_3: Third dimension of the data set's own.
  order_brand: Brand as the order says.
  order_city: City as the order says.
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
        city,
        guide_id,
        scope_1,
        scope_2,
        scope_3
    from raw.orders
)

select
    cast(
        row_number() over (
            order by
                combinations.store_id,
                combinations.channel,
                combinations.brand,
                combinations.city,
                combinations.guide_id,
                combinations.scope_1,
                combinations.scope_2,
                combinations.scope_3
        ) as integer
    ) as place_key,
    combinations.store_id,
    combinations.channel,
    coalesce(combinations.brand, stores.brand) as brand,
    coalesce(combinations.city, stores.city) as city,
    stores.region,
    stores.store_type,
    combinations.guide_id,
    combinations.scope_1,
    combinations.scope_2,
    combinations.scope_3,
    combinations.brand as order_brand,
    combinations.city as order_city
from combinations
left join staging.stores as stores on combinations.store_id = stores.store_id
