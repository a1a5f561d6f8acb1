/*---
description: >
  How many buyers of a window bought nowhere but in stores that opened in it, or closed after the
  window before; they are no buyers of the stores that were there all along. Only members with an
  order in such a store are looked at.
grain: [window_type, window_start]
columns:
  window_type: month, quarter or year.
  window_start: First business date of the window.
  buyer_count: Buyers of the window who bought in opened stores only.
  former_buyer_count: Buyers of the window before who bought in closed stores only.
  retained_count: Buyers of both windows who are one of these.
  new_count: Of the first, those whose first occasion ever lies in the window.
checks:
  - not_null: [window_type, window_start]
  - unique: [window_type, window_start]
---*/
with

stores as (
    select * from intermediate.driver_stores
    where is_opened or is_closed
),

tickets as (
    select
        stores.window_type,
        stores.window_start,
        stores.window_end,
        stores.former_start,
        orders.member_key,
        count(case when stores.is_opened then 1 end) as opened_orders,
        count(case when stores.is_closed then 1 end) as closed_orders
    from staging.orders as orders
    inner join intermediate.store_places as places on orders.place_key = places.place_key
    inner join stores on places.store_key = stores.store_key
    where
        orders.is_valid
        and orders.member_key is not null
        and orders.business_date between stores.former_start and stores.window_end
    group by
        stores.window_type,
        stores.window_start,
        stores.window_end,
        stores.former_start,
        orders.member_key
),

histories as (
    select
        tickets.window_type,
        tickets.window_start,
        tickets.member_key,
        tickets.opened_orders,
        tickets.closed_orders,
        sum(
            case when months.month_start >= tickets.window_start then months.order_count else 0 end
        ) as window_orders,
        sum(
            case
                when
                    months.month_start >= tickets.former_start
                    and months.month_start < tickets.window_start
                    then months.order_count
                else 0
            end
        ) as former_orders,
        sum(
            case when months.month_start < tickets.window_start then months.order_count else 0 end
        ) as earlier_orders
    from tickets
    inner join intermediate.member_months as months on tickets.member_key = months.member_key
    where months.month_start <= tickets.window_end
    group by
        tickets.window_type,
        tickets.window_start,
        tickets.member_key,
        tickets.opened_orders,
        tickets.closed_orders
),

judged as (
    select
        window_type,
        window_start,
        earlier_orders = 0 as is_new,
        window_orders > 0 and former_orders > 0 as is_retained,
        window_orders > 0 and opened_orders = window_orders as is_in_opened_only,
        former_orders > 0 and closed_orders = former_orders as is_in_closed_only
    from histories
)

select
    window_type,
    window_start,
    count(case when is_in_opened_only then 1 end) as buyer_count,
    count(case when is_in_closed_only then 1 end) as former_buyer_count,
    count(
        case when is_retained and (is_in_opened_only or is_in_closed_only) then 1 end
    ) as retained_count,
    count(case when is_in_opened_only and is_new then 1 end) as new_count
from judged
group by window_type, window_start
