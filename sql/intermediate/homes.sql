/*---
description: >
  What the member file tells of where its members belong, with a key that is cheap to group by.
grain: [home_key]
columns:
  home_key: The home, an integer that lives only inside one run.
  home_store_id: Store that owns the members.
  channel: Channel in which they registered.
  city: City of the members.
checks:
  - not_null: [home_key]
  - unique: [home_key]
---*/
with

combinations as (
    select distinct
        home_store_id,
        channel,
        city
    from staging.members
    where is_in_member_file and not is_excluded
)

select
    cast(row_number() over (order by home_store_id, channel, city) as integer) as home_key,
    home_store_id,
    channel,
    city
from combinations
