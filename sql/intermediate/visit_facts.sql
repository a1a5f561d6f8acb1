/*---
description: >
  Traffic of the whole data set and of each channel in every window. A rate's two parts are summed
  over the rows that tell both, so that a row without one of them distorts nothing.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: all or channel.
  scope: Which one of them.
  window_type: Kind of window.
  window_start: First business date of the window.
  viewers: People who viewed.
  cart_users: People who put something into the cart.
  order_users: People who ordered.
  paying_users: People who paid.
  shares: Times that something was shared.
  view_numerator: Sum of cart_users where viewers are told too.
  view_denominator: Sum of viewers where cart_users are told too.
  cart_numerator: Sum of order_users where cart_users are told too.
  cart_denominator: Sum of cart_users where order_users are told too.
  order_numerator: Sum of paying_users where order_users are told too.
  order_denominator: Sum of order_users where paying_users are told too.
  pay_numerator: Sum of paying_users where viewers are told too.
  pay_denominator: Sum of viewers where paying_users are told too.
  share_numerator: Sum of shares where viewers are told too.
  share_denominator: Sum of viewers where shares are told too.
checks:
  - not_null: [scope_type, scope, window_type, window_start]
---*/
with

days as (
    select
        visited_on,
        channel,
        sum(viewers) as viewers,
        sum(cart_users) as cart_users,
        sum(order_users) as order_users,
        sum(paying_users) as paying_users,
        sum(shares) as shares,
        sum(case when viewers is not null then cart_users end) as view_numerator,
        sum(case when cart_users is not null then viewers end) as view_denominator,
        sum(case when cart_users is not null then order_users end) as cart_numerator,
        sum(case when order_users is not null then cart_users end) as cart_denominator,
        sum(case when order_users is not null then paying_users end) as order_numerator,
        sum(case when paying_users is not null then order_users end) as order_denominator,
        sum(case when viewers is not null then paying_users end) as pay_numerator,
        sum(case when paying_users is not null then viewers end) as pay_denominator,
        sum(case when viewers is not null then shares end) as share_numerator,
        sum(case when shares is not null then viewers end) as share_denominator
    from staging.visits
    group by visited_on, channel
),

scoped as (
    select
        'all' as scope_type,
        'all' as scope,
        days.*
    from days
    union all
    select
        scope_types.scope_type,
        days.channel as scope,
        days.*
    from days
    inner join raw.scope_types as scope_types on scope_types.slot = 'channel'
    where days.channel is not null
),

summed as (
    select
        scope_type,
        scope,
        visited_on,
        sum(viewers) as viewers,
        sum(cart_users) as cart_users,
        sum(order_users) as order_users,
        sum(paying_users) as paying_users,
        sum(shares) as shares,
        sum(view_numerator) as view_numerator,
        sum(view_denominator) as view_denominator,
        sum(cart_numerator) as cart_numerator,
        sum(cart_denominator) as cart_denominator,
        sum(order_numerator) as order_numerator,
        sum(order_denominator) as order_denominator,
        sum(pay_numerator) as pay_numerator,
        sum(pay_denominator) as pay_denominator,
        sum(share_numerator) as share_numerator,
        sum(share_denominator) as share_denominator
    from scoped
    group by scope_type, scope, visited_on
)

select
    summed.scope_type,
    summed.scope,
    windows.window_type,
    windows.window_start,
    cast(sum(summed.viewers) as bigint) as viewers,
    cast(sum(summed.cart_users) as bigint) as cart_users,
    cast(sum(summed.order_users) as bigint) as order_users,
    cast(sum(summed.paying_users) as bigint) as paying_users,
    cast(sum(summed.shares) as bigint) as shares,
    cast(sum(summed.view_numerator) as bigint) as view_numerator,
    cast(sum(summed.view_denominator) as bigint) as view_denominator,
    cast(sum(summed.cart_numerator) as bigint) as cart_numerator,
    cast(sum(summed.cart_denominator) as bigint) as cart_denominator,
    cast(sum(summed.order_numerator) as bigint) as order_numerator,
    cast(sum(summed.order_denominator) as bigint) as order_denominator,
    cast(sum(summed.pay_numerator) as bigint) as pay_numerator,
    cast(sum(summed.pay_denominator) as bigint) as pay_denominator,
    cast(sum(summed.share_numerator) as bigint) as share_numerator,
    cast(sum(summed.share_denominator) as bigint) as share_denominator
from summed
inner join raw.windows as windows
    on
        summed.visited_on between windows.window_start and windows.window_end
        and (summed.scope_type = 'all' or windows.is_for_scopes)
group by summed.scope_type, summed.scope, windows.window_type, windows.window_start
