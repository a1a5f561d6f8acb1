/*---
description: >
  Places that no scope tells apart are one spot. Guides make places many; sums by spot and date are
  few, so that orders are summed once for all scopes.
grain: [place_key]
columns:
  place_key: The place.
  spot_key: The spot, an integer that lives only inside one run.
  has_guide: A guide is credited with what is sold there.
  is_guided: Of a channel in which guides sell, or no such channel is named.
  is_offline: Of a channel of stores, or no such channel is named.
checks:
  - not_null: [place_key, spot_key, has_guide, is_guided, is_offline]
  - unique: [place_key]
---*/
with

asked as (
    select
        count(case when slot = 'store' then 1 end) > 0 as asks_store,
        count(case when slot = 'channel' then 1 end) > 0 as asks_channel,
        count(case when slot = 'brand' then 1 end) > 0 as asks_brand,
        count(case when slot = 'city' then 1 end) > 0 as asks_city,
        count(case when slot = 'region' then 1 end) > 0 as asks_region,
        count(case when slot = 'store_type' then 1 end) > 0 as asks_store_type
    from raw.scope_types
),

named as (
    select
        count(case when is_offline then 1 end) > 0 as names_offline,
        count(case when is_guided then 1 end) > 0 as names_guided
    from raw.channels
),

described as (
    select
        places.place_key,
        case when asked.asks_store then places.store_id end as store_id,
        case when asked.asks_channel then places.channel end as channel,
        case when asked.asks_brand then places.brand end as brand,
        case when asked.asks_city then places.city end as city,
        case when asked.asks_region then places.region end as region,
        case when asked.asks_store_type then places.store_type end as store_type,
        places.scope_1,
        places.scope_2,
        places.scope_3,
        places.guide_id is not null as has_guide,
        coalesce(channels.is_guided, false) or not named.names_guided as is_guided,
        coalesce(channels.is_offline, false) or not named.names_offline as is_offline
    from staging.places as places
    left join raw.channels as channels on places.channel = channels.channel
    cross join asked
    cross join named
)

select
    place_key,
    cast(
        dense_rank() over (
            order by
                store_id,
                channel,
                brand,
                city,
                region,
                store_type,
                scope_1,
                scope_2,
                scope_3,
                has_guide,
                is_guided,
                is_offline
        ) as integer
    ) as spot_key,
    has_guide,
    is_guided,
    is_offline
from described
