/*---
description: The scopes that what is sold at each spot belongs to.
grain: [spot_key, scope_key]
columns:
  spot_key: The spot.
  scope_key: A scope that its orders belong to.
  has_guide: A guide is credited with what is sold there.
  is_guided: Of a channel in which guides sell, or no such channel is named.
  is_offline: Of a channel of stores, or no such channel is named.
checks:
  - not_null: [spot_key, scope_key]
  - unique: [spot_key, scope_key]
---*/
select distinct
    spots.spot_key,
    place_scopes.scope_key,
    spots.has_guide,
    spots.is_guided,
    spots.is_offline
from intermediate.spots as spots
inner join intermediate.place_scopes as place_scopes on spots.place_key = place_scopes.place_key
