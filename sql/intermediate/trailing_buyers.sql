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
    select distinct
        window_type,
        window_days
    from windows
),

latest as (
    select
        occasions.scope_key,
        occasions.order_count,
        spans.window_type,
        occasions.business_date,
        occasions.next_on,
        parameters.as_of_date,
        extract(year from parameters.as_of_date) * 12
        + extract(month from parameters.as_of_date)
        + 1 as no_anchor,
        least(
            coalesce(occasions.next_on, occasions.business_date + spans.window_days),
            occasions.business_date + spans.window_days
        ) as until_on,
        case
            when occasions.previous_on is null then null
            else least(
                coalesce(occasions.next_on, occasions.previous_on + spans.window_days),
                occasions.previous_on + spans.window_days
            )
        end as repeat_until_on,
        case
            when occasions.next_on is null then null
            else greatest(occasions.next_on - spans.window_days, occasions.business_date)
        end as followed_from_on
    from intermediate.occasions as occasions
    cross join spans
    cross join parameters
    where
        occasions.next_on is null
        or extract(year from occasions.next_on) <> extract(year from occasions.business_date)
        or extract(month from occasions.next_on) <> extract(month from occasions.business_date)
),

anchored as (
    select
        scope_key,
        window_type,
        order_count >= 2 as is_double,
        extract(year from business_date) * 12 + extract(month from business_date) as from_month,
        case
            when until_on > as_of_date then no_anchor
            else extract(year from until_on) * 12 + extract(month from until_on)
        end as until_month,
        case
            when repeat_until_on is null or repeat_until_on <= business_date then 0
            when repeat_until_on > as_of_date then no_anchor
            else extract(year from repeat_until_on) * 12 + extract(month from repeat_until_on)
        end as repeat_until_month,
        case
            when followed_from_on is null then no_anchor
            else extract(year from followed_from_on) * 12 + extract(month from followed_from_on)
        end as followed_from_month
    from latest
),

tallied as (
    select
        scope_key,
        window_type,
        is_double,
        from_month,
        until_month,
        repeat_until_month,
        followed_from_month,
        count(*) as member_count
    from anchored
    group by
        scope_key,
        window_type,
        is_double,
        from_month,
        until_month,
        repeat_until_month,
        followed_from_month
)

select
    tallied.scope_key,
    tallied.window_type,
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
        tallied.window_type = windows.window_type
        and windows.anchor_month >= tallied.from_month
        and windows.anchor_month < tallied.until_month
group by tallied.scope_key, tallied.window_type, windows.window_start
