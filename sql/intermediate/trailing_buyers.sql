/*---
description: >
  Members who bought in each trailing window of each scope. A window ends at an anchor: a month end,
  or the as-of date, which stands for the end of its month; the anchor of a date is the number of
  its month. An occasion is a member's latest at all anchors from its own date until the next
  occasion, so it stands for the member there, and nothing is spread over the windows it lies in.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope.
  window_type: Kind of trailing window, for example trailing_90d.
  window_start: First business date of the window.
  buyer_count: Members with at least one occasion in the window.
  two_occasion_count: Members with at least two occasions in the window.
  two_order_count: Members with at least two orders in the window.
  bought_again_count: Buyers who also bought in the days after, for as many days as the window has.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: two_occasion_count <= two_order_count and two_order_count <= buyer_count
  - holds: bought_again_count <= buyer_count
---*/
with

parameters as (
    select * from raw.parameters
),

windows as (
    select * from raw.windows
    where anchor_month is not null
),

spans as (
    select distinct window_days
    from windows
),

latest as (
    select
        occasions.scope_key,
        occasions.order_count >= 2 as is_double,
        occasions.business_date,
        occasions.previous_on,
        occasions.next_on,
        parameters.as_of_date,
        extract(year from parameters.as_of_date) * 12
        + extract(month from parameters.as_of_date)
        + 1 as no_anchor,
        extract(year from occasions.business_date) * 12
        + extract(month from occasions.business_date) as from_month,
        extract(year from occasions.next_on) * 12
        + extract(month from occasions.next_on) as next_month
    from intermediate.occasions as occasions
    cross join parameters
),

spread as (
    select
        latest.scope_key,
        latest.is_double,
        spans.window_days,
        latest.no_anchor,
        latest.from_month,
        coalesce(latest.next_month, latest.no_anchor) as next_month,
        latest.as_of_date,
        latest.business_date + spans.window_days as leaves_on,
        latest.previous_on + spans.window_days as previous_leaves_on,
        latest.next_on - spans.window_days as followed_from_on
    from latest
    cross join spans
    where latest.next_month is null or latest.next_month > latest.from_month
),

anchored as (
    select
        scope_key,
        window_days,
        is_double,
        from_month,
        least(
            next_month,
            case
                when leaves_on > as_of_date then no_anchor
                else extract(year from leaves_on) * 12 + extract(month from leaves_on)
            end
        ) as until_month,
        case
            when previous_leaves_on is null then from_month
            when previous_leaves_on > as_of_date then next_month
            else
                greatest(
                    from_month,
                    least(
                        next_month,
                        extract(year from previous_leaves_on) * 12
                        + extract(month from previous_leaves_on)
                    )
                )
        end as repeat_until_month,
        case
            when followed_from_on is null then no_anchor
            else
                greatest(
                    from_month,
                    extract(year from followed_from_on) * 12
                    + extract(month from followed_from_on)
                )
        end as followed_from_month
    from spread
),

tallied as (
    select
        scope_key,
        window_days,
        is_double,
        from_month,
        until_month,
        repeat_until_month,
        followed_from_month,
        count(*) as member_count
    from anchored
    group by
        scope_key,
        window_days,
        is_double,
        from_month,
        until_month,
        repeat_until_month,
        followed_from_month
)

select
    tallied.scope_key,
    windows.window_type,
    windows.window_start,
    cast(sum(tallied.member_count) as bigint) as buyer_count,
    cast(sum(
        case
            when windows.anchor_month < tallied.repeat_until_month then tallied.member_count
            else 0
        end
    ) as bigint) as two_occasion_count,
    cast(sum(
        case
            when tallied.is_double or windows.anchor_month < tallied.repeat_until_month
                then tallied.member_count
            else 0
        end
    ) as bigint) as two_order_count,
    cast(sum(
        case
            when windows.anchor_month >= tallied.followed_from_month then tallied.member_count
            else 0
        end
    ) as bigint) as bought_again_count
from tallied
inner join windows
    on
        tallied.window_days = windows.window_days
        and tallied.from_month <= windows.anchor_month
        and tallied.until_month > windows.anchor_month
group by tallied.scope_key, windows.window_type, windows.window_start
