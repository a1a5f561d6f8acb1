/*---
description: >
  What the fifth of the buyers who spent most spent, and all buyers, in each month, quarter,
  half-year and year and in the 365 days up to the as-of date. Amounts are counted, not members
  sorted; who of two equal buyers is in the fifth changes no sum.
grain: [window_type, window_start]
columns:
  window_type: month, quarter, half, year or trailing_365d.
  window_start: First business date of the window.
  buyer_count: Members with at least one valid order in the window.
  top_buyer_count: A fifth of them, rounded up.
  top_net_amount: Net sales of those who spent most, in the data set's currency.
  net_amount: Net sales of all of them.
checks:
  - not_null: [window_type, window_start, buyer_count, top_buyer_count, net_amount]
  - unique: [window_type, window_start]
  - holds: top_buyer_count <= buyer_count
---*/
with

-- Buyers are those with any order, so the most orders of one part tells enough.
quarters as (
    select
        member_key,
        cast(date_trunc('quarter', month_start) as date) as quarter_start,
        max(order_count) as order_count,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from intermediate.member_months
    group by member_key, date_trunc('quarter', month_start)
),

half_quarters as (
    select
        parts.window_start as quarter_start,
        windows.window_start as half_start
    from raw.windows as windows
    inner join raw.windows as parts
        on parts.window_start between windows.window_start and windows.window_end
    where windows.window_type = 'half' and parts.window_type = 'quarter'
),

halves as (
    select
        quarters.member_key,
        half_quarters.half_start,
        max(quarters.order_count) as order_count,
        cast(sum(quarters.net_amount) as decimal(18, 2)) as net_amount
    from quarters
    inner join half_quarters on quarters.quarter_start = half_quarters.quarter_start
    group by quarters.member_key, half_quarters.half_start
),

years as (
    select
        member_key,
        cast(date_trunc('year', half_start) as date) as year_start,
        max(order_count) as order_count,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from halves
    group by member_key, date_trunc('year', half_start)
),

trailing_window as (
    select
        windows.window_type,
        windows.window_start,
        windows.window_end
    from raw.windows as windows
    inner join raw.parameters as parameters on windows.window_end = parameters.as_of_date
    where windows.window_type = 'trailing_365d'
),

whole_months as (
    select months.window_start as month_start
    from raw.windows as months
    inner join trailing_window
        on
            months.window_start >= trailing_window.window_start
            and months.window_end <= trailing_window.window_end
    where months.window_type = 'month'
),

other_dates as (
    select calendar.date as business_date
    from raw.calendar as calendar
    inner join trailing_window
        on calendar.date between trailing_window.window_start and trailing_window.window_end
    left join whole_months
        on date_trunc('month', calendar.date) = whole_months.month_start
    where whole_months.month_start is null
),

trailing_parts as (
    select
        months.member_key,
        months.order_count,
        months.net_amount
    from intermediate.member_months as months
    inner join whole_months on months.month_start = whole_months.month_start
    union all
    select
        days.member_key,
        days.order_count,
        days.net_amount
    from intermediate.member_days as days
    inner join other_dates on days.business_date = other_dates.business_date
    union all
    select
        returns.member_key,
        0 as order_count,
        returns.net_amount
    from intermediate.returns as returns
    inner join other_dates on returns.business_date = other_dates.business_date
    where returns.member_key is not null
),

latest as (
    select
        member_key,
        max(order_count) as order_count,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from trailing_parts
    group by member_key
),

-- Kinds of window are numbers until the end, because amounts are sorted by them.
counted as (
    select
        1 as kind,
        month_start as window_start,
        net_amount,
        count(*) as buyer_count
    from intermediate.member_months
    where order_count > 0
    group by month_start, net_amount
    union all
    select
        2 as kind,
        quarter_start as window_start,
        net_amount,
        count(*) as buyer_count
    from quarters
    where order_count > 0
    group by quarter_start, net_amount
    union all
    select
        3 as kind,
        half_start as window_start,
        net_amount,
        count(*) as buyer_count
    from halves
    where order_count > 0
    group by half_start, net_amount
    union all
    select
        4 as kind,
        year_start as window_start,
        net_amount,
        count(*) as buyer_count
    from years
    where order_count > 0
    group by year_start, net_amount
    union all
    select
        5 as kind,
        trailing_window.window_start,
        latest.net_amount,
        count(*) as buyer_count
    from latest
    cross join trailing_window
    where latest.order_count > 0
    group by trailing_window.window_start, latest.net_amount
),

totals as (
    select
        kind,
        window_start,
        sum(buyer_count) as all_count
    from counted
    group by kind, window_start
),

amounts as (
    select
        counted.kind,
        counted.window_start,
        cast(counted.net_amount as decimal(18, 2)) as net_amount,
        counted.buyer_count,
        totals.all_count,
        sum(counted.buyer_count) over (
            partition by counted.kind, counted.window_start
            order by counted.net_amount desc
            rows between unbounded preceding and current row
        ) - counted.buyer_count as above_count
    from counted
    inner join totals
        on counted.kind = totals.kind and counted.window_start = totals.window_start
),

placed as (
    select
        kind,
        window_start,
        net_amount,
        cast(buyer_count as integer) as buyer_count,
        cast(all_count as bigint) as all_count,
        cast(floor((all_count + 4) / 5) as bigint) as top_count,
        cast(
            greatest(least(buyer_count, floor((all_count + 4) / 5) - above_count), 0) as integer
        ) as top_buyers
    from amounts
)

select
    case kind
        when 1 then 'month'
        when 2 then 'quarter'
        when 3 then 'half'
        when 4 then 'year'
        else 'trailing_365d'
    end as window_type,
    window_start,
    all_count as buyer_count,
    top_count as top_buyer_count,
    cast(sum(net_amount * top_buyers) as decimal(18, 2)) as top_net_amount,
    cast(sum(net_amount * buyer_count) as decimal(18, 2)) as net_amount
from placed
group by kind, window_start, all_count, top_count
