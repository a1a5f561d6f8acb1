/*---
description: The store of each place, with a key that is cheap to group by.
grain: [place_key]
columns:
  place_key: The place.
  store_id: The shop's store number; empty where the orders have none.
  store_key: The store, an integer that lives only inside one run; 0 where there is none.
checks:
  - not_null: [place_key, store_key]
  - unique: [place_key]
---*/
select
    place_key,
    store_id,
    cast(
        case
            when store_id is null then 0
            else dense_rank() over (order by coalesce(store_id, ''))
        end as integer
    ) as store_key
from staging.places
