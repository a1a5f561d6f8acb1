/*---
description: >
  Members who bought two or more brands, or categories, in a window. Of each date it is known since
  when the member has bought two different ones; the member's last date in a window tells whether
  that is long enough ago, so that nothing is spread over the windows it lies in. A trailing window
  ends at an anchor, a month end or the as-of date, which stands for the end of its month.
grain: [kind, window_type, window_start]
columns:
  kind: brand or category.
  window_type: month, quarter, half, year or trailing_365d.
  window_start: First business date of the window.
  cross_count: Members who bought two or more in the window.
checks:
  - not_null: [kind, window_type, window_start, cross_count]
  - unique: [kind, window_type, window_start]
---*/
with

parameters as (
    select * from raw.parameters
),

windows as (
    select
        window_type,
        window_start,
        window_days,
        anchor_month,
        extract(year from window_start) * 12 + extract(month from window_start) as first_month,
        extract(year from window_end) * 12 + extract(month from window_end) as last_month
    from raw.windows
    where
        window_type = 'month'
        or window_type = 'quarter'
        or window_type = 'half'
        or window_type = 'year'
        or window_type = 'trailing_365d'
),

spans as (
    select max(window_days) as window_days from windows
),

-- One number for kind and member, and one for what was bought on a date: 0 where two were.
bought as (
    select
        kind,
        case when kind = 'brand' then member_key else -member_key end as buyer_key,
        business_date,
        case when first_key = last_key then first_key else 0 end as only_key
    from intermediate.goods_of_members
),

neighbours as (
    select
        kind,
        buyer_key,
        business_date,
        only_key,
        lag(business_date) over (partition by buyer_key order by business_date) as previous_on,
        lag(only_key) over (partition by buyer_key order by business_date) as previous_key,
        lead(business_date) over (partition by buyer_key order by business_date) as next_on
    from bought
),

-- A window that holds this date needs to begin by `since_on` to hold two different ones: the date
-- itself where two were bought on it, else the last date on which another one was.
crossed as (
    select
        kind,
        business_date,
        next_on,
        max(
            case
                when only_key = 0 then business_date
                when previous_key <> only_key then previous_on
            end
        ) over (
            partition by buyer_key
            order by business_date
            rows between unbounded preceding and current row
        ) as since_on
    from neighbours
),

tallied as (
    select
        crossed.kind,
        extract(year from crossed.business_date) * 12
        + extract(month from crossed.business_date) as from_month,
        extract(year from crossed.next_on) * 12
        + extract(month from crossed.next_on) as next_month,
        extract(year from crossed.since_on) * 12
        + extract(month from crossed.since_on) as since_month,
        case
            when crossed.since_on + spans.window_days > parameters.as_of_date
                then
                    extract(year from parameters.as_of_date) * 12
                    + extract(month from parameters.as_of_date)
                    + 1
            else
                extract(year from crossed.since_on + spans.window_days) * 12
                + extract(month from crossed.since_on + spans.window_days)
        end as until_month,
        count(*) as member_count
    from crossed
    cross join parameters
    cross join spans
    where crossed.since_on is not null
    group by
        crossed.kind,
        from_month,
        next_month,
        since_month,
        until_month
)

select
    tallied.kind,
    windows.window_type,
    windows.window_start,
    cast(sum(tallied.member_count) as bigint) as cross_count
from tallied
inner join windows
    on
        tallied.from_month <= windows.last_month
        and (tallied.next_month > windows.last_month or tallied.next_month is null)
        and (
            (
                windows.anchor_month is null
                and tallied.since_month >= windows.first_month
            )
            or (windows.anchor_month is not null and tallied.until_month > windows.last_month)
        )
group by tallied.kind, windows.window_type, windows.window_start
