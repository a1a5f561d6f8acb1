/*---
description: >
  The rows of the traffic file up to the as-of date, identical rows made one.
grain: [row, no key of its own]
columns:
  visited_on: Date of the visits.
  guide_id: Shopping guide whose link was followed.
  channel: Channel of the visits.
  scene: Scene of the visits.
  viewers: People who viewed.
  cart_users: People who put something into the cart.
  order_users: People who ordered.
  paying_users: People who paid.
  shares: Times that something was shared.
checks:
  - not_null: [visited_on]
---*/
select
    visits.date as visited_on,
    visits.guide_id,
    visits.channel,
    visits.scene,
    visits.viewers,
    visits.cart_users,
    visits.order_users,
    visits.paying_users,
    visits.shares
from raw.visits as visits
cross join raw.parameters as parameters
where visits.date <= parameters.as_of_date
group by
    visits.date,
    visits.guide_id,
    visits.channel,
    visits.scene,
    visits.viewers,
    visits.cart_users,
    visits.order_users,
    visits.paying_users,
    visits.shares
