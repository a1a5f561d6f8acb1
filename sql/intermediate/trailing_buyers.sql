/*---
description: >
  Members who bought in each trailing window of each scope. A window ends at an anchor: a month end,
  or the as-of date, which stands for the end of its month. What an occasion adds to the windows is
  the same for all anchors between two: its own date, the date at which it or the one before leaves
  the window, or the next occasion. So only where that begins and where it ends is counted, and
  running sums over the anchors give the members; no occasion is spread over the windows it lies in.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope.
  window_type: Kind of trailing window, for example trailing_90d.
  window_start: First business date of the window.
  buyer_count: Members with at least one occasion in the window.
  two_occasion_count: Members with at least two occasions in the window.
  two_order_count: Members with at least two orders in the window.
  bought_again_count: Buyers who also bought in the days after, for as many days as the window has.
  retained_count: Buyers who also bought in the days before, for as many days as the window has.
  former_buyer_count: Members who bought in those days before, whether in the window or not.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: two_occasion_count <= two_order_count and two_order_count <= buyer_count
  - holds: bought_again_count <= buyer_count and retained_count <= buyer_count
  - holds: retained_count <= former_buyer_count
---*/
with

windows as (
    select
        window_type,
        window_start,
        window_end,
        window_days,
        anchor_month
    from raw.windows
    where anchor_month is not null
),

spans as (
    select distinct window_days
    from windows
),

-- Gaps are known by the limit that they do not exceed: a window's length, or twice it.
occasions as (
    select
        scope_key,
        business_date,
        previous_on,
        next_on,
        order_count >= 2 as is_double,
        case
            when business_date - previous_on <= 30 then 30
            when business_date - previous_on <= 60 then 60
            when business_date - previous_on <= 90 then 90
            when business_date - previous_on <= 180 then 180
            when business_date - previous_on <= 360 then 360
            when business_date - previous_on <= 365 then 365
            when business_date - previous_on <= 730 then 730
            else 9999
        end as before_limit,
        case
            when next_on - business_date <= 30 then 30
            when next_on - business_date <= 60 then 60
            when next_on - business_date <= 90 then 90
            when next_on - business_date <= 180 then 180
            when next_on - business_date <= 360 then 360
            when next_on - business_date <= 365 then 365
            when next_on - business_date <= 730 then 730
            else 9999
        end as after_limit,
        case
            when next_on - previous_on <= 30 then 30
            when next_on - previous_on <= 60 then 60
            when next_on - previous_on <= 90 then 90
            when next_on - previous_on <= 180 then 180
            when next_on - previous_on <= 360 then 360
            when next_on - previous_on <= 365 then 365
            when next_on - previous_on <= 730 then 730
            else 9999
        end as around_limit
    from intermediate.occasions
),

own as (
    select
        scope_key,
        business_date,
        is_double,
        before_limit,
        after_limit,
        count(*) as member_count
    from occasions
    group by scope_key, business_date, is_double, before_limit, after_limit
),

formers as (
    select
        scope_key,
        previous_on,
        is_double,
        before_limit,
        around_limit,
        count(*) as member_count
    from occasions
    where before_limit <= 365 and before_limit < around_limit
    group by scope_key, previous_on, is_double, before_limit, around_limit
),

followers as (
    select
        scope_key,
        next_on,
        around_limit,
        case when is_double then after_limit else around_limit end as order_limit,
        count(*) as member_count
    from occasions
    where around_limit <= 365 or (is_double and after_limit <= 365)
    group by
        scope_key,
        next_on,
        around_limit,
        case when is_double then after_limit else around_limit end
),

-- A date's own anchor is the first that is not before it; from the anchor of the date plus a
-- window's length it has left the window, and from plus two the window before that.
shifts as (
    select
        'here' as step,
        0 as lengths
    union all
    select
        'leaves' as step,
        1 as lengths
    union all
    select
        'leaves_twice' as step,
        2 as lengths
    union all
    select
        'ahead' as step,
        -1 as lengths
),

dates as (
    select distinct business_date
    from own
),

steps as (
    select
        dates.business_date,
        spans.window_days,
        shifts.step,
        min(windows.anchor_month) as anchor_month
    from dates
    cross join spans
    cross join shifts
    inner join windows
        on
            spans.window_days = windows.window_days
            and windows.window_end >= dates.business_date + shifts.lengths * spans.window_days
    group by dates.business_date, spans.window_days, shifts.step
),

own_spans as (
    select
        own.scope_key,
        own.business_date,
        spans.window_days,
        cast(sum(own.member_count) as bigint) as buyers,
        cast(sum(
            case when own.before_limit <= spans.window_days then own.member_count else 0 end
        ) as bigint) as repeats,
        cast(sum(
            case when own.before_limit <= 2 * spans.window_days then own.member_count else 0 end
        ) as bigint) as wide_repeats,
        cast(sum(
            case
                when own.is_double or own.before_limit <= spans.window_days then own.member_count
                else 0
            end
        ) as bigint) as reorders,
        cast(sum(
            case when own.after_limit <= spans.window_days then own.member_count else 0 end
        ) as bigint) as returns,
        cast(sum(
            case when own.after_limit <= 2 * spans.window_days then own.member_count else 0 end
        ) as bigint) as wide_returns,
        cast(sum(
            case
                when own.is_double and own.after_limit > spans.window_days then own.member_count
                else 0
            end
        ) as bigint) as lonely_doubles
    from own
    cross join spans
    group by own.scope_key, own.business_date, spans.window_days
),

changes as (
    select
        own_spans.scope_key,
        own_spans.window_days,
        steps.anchor_month,
        case steps.step
            when 'here' then own_spans.buyers - own_spans.repeats
            when 'leaves' then own_spans.returns - own_spans.buyers
            else 0
        end as buyers,
        case steps.step when 'here' then own_spans.repeats else 0 end as repeaters,
        case steps.step
            when 'here' then own_spans.reorders
            when 'leaves' then -own_spans.lonely_doubles
            else 0
        end as reorderers,
        case steps.step
            when 'here' then own_spans.returns - own_spans.repeats
            when 'ahead' then own_spans.wide_repeats - own_spans.repeats
            when 'leaves' then own_spans.returns - own_spans.wide_returns
            else 0
        end as returners,
        case steps.step
            when 'here' then own_spans.wide_repeats - own_spans.repeats
            when 'leaves' then own_spans.returns - own_spans.repeats
            when 'leaves_twice' then own_spans.returns - own_spans.wide_returns
            else 0
        end as kept,
        case steps.step
            when 'leaves' then own_spans.buyers - own_spans.repeats
            when 'leaves_twice' then own_spans.returns - own_spans.buyers
            else 0
        end as formers
    from own_spans
    inner join steps
        on
            own_spans.business_date = steps.business_date
            and own_spans.window_days = steps.window_days
    union all
    select
        formers.scope_key,
        steps.window_days,
        steps.anchor_month,
        0 as buyers,
        -formers.member_count as repeaters,
        case when formers.is_double then 0 else -formers.member_count end as reorderers,
        0 as returners,
        0 as kept,
        0 as formers
    from formers
    inner join steps
        on
            formers.previous_on = steps.business_date
            and steps.step = 'leaves'
            and formers.before_limit <= steps.window_days
            and formers.around_limit > steps.window_days
    union all
    select
        followers.scope_key,
        steps.window_days,
        steps.anchor_month,
        0 as buyers,
        case
            when followers.around_limit <= steps.window_days then -followers.member_count else 0
        end as repeaters,
        case
            when followers.order_limit <= steps.window_days then -followers.member_count else 0
        end as reorderers,
        0 as returners,
        0 as kept,
        0 as formers
    from followers
    inner join steps
        on followers.next_on = steps.business_date and steps.step = 'here'
),

changed as (
    select
        scope_key,
        window_days,
        anchor_month,
        sum(buyers) as buyers,
        sum(repeaters) as repeaters,
        sum(reorderers) as reorderers,
        sum(returners) as returners,
        sum(kept) as kept,
        sum(formers) as formers
    from changes
    group by scope_key, window_days, anchor_month
),

scopes as (
    select distinct scope_key from own
),

counted as (
    select
        scopes.scope_key,
        windows.window_type,
        windows.window_start,
        sum(changed.buyers) over anchors as buyer_count,
        sum(changed.repeaters) over anchors as two_occasion_count,
        sum(changed.reorderers) over anchors as two_order_count,
        sum(changed.returners) over anchors as bought_again_count,
        sum(changed.kept) over anchors as retained_count,
        sum(changed.formers) over anchors as former_buyer_count
    from scopes
    cross join windows
    left join changed
        on
            scopes.scope_key = changed.scope_key
            and windows.window_days = changed.window_days
            and windows.anchor_month = changed.anchor_month
    window anchors as (
        partition by scopes.scope_key, windows.window_type
        order by windows.anchor_month
        rows unbounded preceding
    )
)

select
    scope_key,
    window_type,
    window_start,
    cast(buyer_count as bigint) as buyer_count,
    cast(two_occasion_count as bigint) as two_occasion_count,
    cast(two_order_count as bigint) as two_order_count,
    cast(bought_again_count as bigint) as bought_again_count,
    cast(retained_count as bigint) as retained_count,
    cast(former_buyer_count as bigint) as former_buyer_count
from counted
where buyer_count > 0 or former_buyer_count > 0
