/*---
description: >
  The stores of the stores file, one row each. Where its rows differ, each attribute is the first
  by its own order, whatever the order of the rows.
grain: [store_id]
columns:
  store_id: The shop's store number.
  store: Name of the store.
  city: City.
  region: Region.
  brand: Brand.
  store_type: Kind of store.
  opened_on: First day of business.
  closed_on: Last day of business.
checks:
  - not_null: [store_id]
  - unique: [store_id]
---*/
select
    store_id,
    min(store) as store,
    min(city) as city,
    min(region) as region,
    min(brand) as brand,
    min(store_type) as store_type,
    min(opened_on) as opened_on,
    max(closed_on) as closed_on
from raw.stores
group by store_id
