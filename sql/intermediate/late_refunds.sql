/*---
description: >
  What earlier windows lose to refunds that had not happened when they were as old as the window
  that is compared with them is now: orders that were valid then, and amounts. Added to the earlier
  window, both are known equally long after their end. Refunds that the files tell without a date
  are taken as known all along.
grain: [scope_key, window_type, window_start, comparison]
columns:
  scope_key: The scope.
  window_type: Kind of window.
  window_start: First business date of the later window.
  comparison: How the later window is compared.
  order_count: Orders of the earlier window that were valid then and are not now.
  net_amount: Net amount that was theirs or is not any more, in the data set's currency.
  member_order_count: Those of the orders with a member.
  member_net_amount: Net amount of orders with a member.
  registered_order_count: Those of the orders of registered members.
  registered_net_amount: Net amount of orders of registered members.
  refunded_count: Orders of which nothing was refunded then.
  refunded_amount: Refunds that had not happened then.
checks:
  - not_null: [scope_key, window_type, window_start, comparison, order_count, net_amount]
  - unique: [scope_key, window_type, window_start, comparison]
---*/
with

parameters as (
    select * from raw.parameters
),

compared_dates as (
    select
        pairs.window_type,
        pairs.window_start,
        pairs.comparison,
        pairs.known_until,
        calendar.date as business_date
    from intermediate.window_pairs as pairs
    inner join raw.calendar as calendar
        on calendar.date between pairs.compared_start and pairs.compared_end
),

-- Refunds by then are known in every pair: most of them are not looked at again.
settled as (
    select
        business_date,
        min(known_until) as known_until
    from compared_dates
    group by business_date
),

sales as (
    select
        order_key,
        member_key,
        is_registered,
        net_amount
    from staging.orders
    where
        order_key is not null
        and (is_valid or (invalid_reason = 'refunded' and net_amount <= 0))
),

late as (
    select
        refunds.sale_key,
        refunds.place_key,
        refunds.business_date,
        refunds.refunded_on,
        refunds.previous_on,
        refunds.amount,
        sales.member_key,
        sales.is_registered,
        sales.net_amount + sum(refunds.amount) over (
            partition by refunds.sale_key
            order by refunds.refunded_on desc
        ) as net_before
    from intermediate.refunds_of_orders as refunds
    inner join settled
        on
            refunds.business_date = settled.business_date
            and refunds.refunded_on > settled.known_until
    inner join sales on refunds.sale_key = sales.order_key
    cross join parameters
    where parameters.nets_refunds
),

steps as (
    select
        place_key,
        business_date,
        refunded_on,
        member_key is not null as is_member,
        is_registered,
        case when previous_on is null then 1 else 0 end as refunded_count,
        amount as refunded_amount,
        case
            when net_before > 0 and net_before - amount <= 0 then 1
            else 0
        end as order_count,
        greatest(net_before, 0) - greatest(net_before - amount, 0) as net_amount
    from late
),

days as (
    select
        place_scopes.scope_key,
        steps.business_date,
        steps.refunded_on,
        sum(steps.order_count) as order_count,
        sum(steps.net_amount) as net_amount,
        sum(case when steps.is_member then steps.order_count else 0 end) as member_order_count,
        sum(case when steps.is_member then steps.net_amount else 0 end) as member_net_amount,
        sum(
            case when steps.is_registered then steps.order_count else 0 end
        ) as registered_order_count,
        sum(
            case when steps.is_registered then steps.net_amount else 0 end
        ) as registered_net_amount,
        sum(steps.refunded_count) as refunded_count,
        sum(steps.refunded_amount) as refunded_amount
    from steps
    inner join intermediate.place_scopes as place_scopes
        on steps.place_key = place_scopes.place_key
    group by place_scopes.scope_key, steps.business_date, steps.refunded_on
)

select
    days.scope_key,
    dates.window_type,
    dates.window_start,
    dates.comparison,
    cast(sum(days.order_count) as bigint) as order_count,
    cast(sum(days.net_amount) as decimal(18, 2)) as net_amount,
    cast(sum(days.member_order_count) as bigint) as member_order_count,
    cast(sum(days.member_net_amount) as decimal(18, 2)) as member_net_amount,
    cast(sum(days.registered_order_count) as bigint) as registered_order_count,
    cast(sum(days.registered_net_amount) as decimal(18, 2)) as registered_net_amount,
    cast(sum(days.refunded_count) as bigint) as refunded_count,
    cast(sum(days.refunded_amount) as decimal(18, 2)) as refunded_amount
from days
inner join compared_dates as dates
    on
        days.business_date = dates.business_date
        and days.refunded_on > dates.known_until
group by days.scope_key, dates.window_type, dates.window_start, dates.comparison
