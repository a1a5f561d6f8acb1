/*---
description: >
  Members who bought in each trailing window of each scope. A window ends at an anchor: a month end,
  or the as-of date, which stands for the end of its month. What an occasion adds to the windows is
  the same for all anchors between two: its own date, the date at which it or the one before leaves
  the window, or the next occasion. So only where that begins and where it ends is counted, and
  sums up to an anchor give the members; no occasion is spread over the windows it lies in.
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
    from intermediate.occasions
),

-- Dates that share all their anchors are one stretch.
edges as (
    select windows.window_end + 1 - shifts.lengths * windows.window_days as edge
    from windows
    cross join shifts
    union
    select min(business_date) as edge
    from dates
),

stretches as (
    select
        dates.business_date,
        max(edges.edge) as stretch_start
    from dates
    inner join edges on dates.business_date >= edges.edge
    group by dates.business_date
),

starts as (
    select distinct stretch_start
    from stretches
),

steps as (
    select
        starts.stretch_start,
        spans.window_days,
        shifts.step,
        min(windows.anchor_month) as anchor_month
    from starts
    cross join spans
    cross join shifts
    inner join windows
        on
            spans.window_days = windows.window_days
            and windows.window_end >= starts.stretch_start + shifts.lengths * spans.window_days
    group by starts.stretch_start, spans.window_days, shifts.step
),

-- The limits are the lengths of the windows and twice these. Sums of flags are counts, made faster
-- than counts of cases.
own as (
    select
        occasions.scope_key,
        stretches.stretch_start,
        occasions.order_count >= 2 as is_double,
        count(*) as buyers,
        sum(cast(occasions.business_date - occasions.previous_on <= 30 as integer))
            as repeats_30,
        sum(cast(occasions.business_date - occasions.previous_on <= 60 as integer))
            as repeats_60,
        sum(cast(occasions.business_date - occasions.previous_on <= 90 as integer))
            as repeats_90,
        sum(cast(occasions.business_date - occasions.previous_on <= 180 as integer))
            as repeats_180,
        sum(cast(occasions.business_date - occasions.previous_on <= 360 as integer))
            as repeats_360,
        sum(cast(occasions.business_date - occasions.previous_on <= 365 as integer))
            as repeats_365,
        sum(cast(occasions.business_date - occasions.previous_on <= 730 as integer))
            as repeats_730,
        sum(cast(occasions.next_on - occasions.business_date <= 30 as integer))
            as returns_30,
        sum(cast(occasions.next_on - occasions.business_date <= 60 as integer))
            as returns_60,
        sum(cast(occasions.next_on - occasions.business_date <= 90 as integer))
            as returns_90,
        sum(cast(occasions.next_on - occasions.business_date <= 180 as integer))
            as returns_180,
        sum(cast(occasions.next_on - occasions.business_date <= 360 as integer))
            as returns_360,
        sum(cast(occasions.next_on - occasions.business_date <= 365 as integer))
            as returns_365,
        sum(cast(occasions.next_on - occasions.business_date <= 730 as integer))
            as returns_730
    from intermediate.occasions as occasions
    inner join stretches on occasions.business_date = stretches.business_date
    group by occasions.scope_key, stretches.stretch_start, occasions.order_count >= 2
),

-- By the date of the occasion before: it leaves the window while this one is the latest in it.
former as (
    select
        occasions.scope_key,
        stretches.stretch_start,
        occasions.order_count >= 2 as is_double,
        sum(cast(
            occasions.business_date - occasions.previous_on <= 30
            and coalesce(occasions.next_on - occasions.previous_on, 9999) > 30 as integer
        )) as leavers_30,
        sum(cast(
            occasions.business_date - occasions.previous_on <= 90
            and coalesce(occasions.next_on - occasions.previous_on, 9999) > 90 as integer
        )) as leavers_90,
        sum(cast(
            occasions.business_date - occasions.previous_on <= 180
            and coalesce(occasions.next_on - occasions.previous_on, 9999) > 180 as integer
        )) as leavers_180,
        sum(cast(
            occasions.business_date - occasions.previous_on <= 365
            and coalesce(occasions.next_on - occasions.previous_on, 9999) > 365 as integer
        )) as leavers_365
    from intermediate.occasions as occasions
    inner join stretches on occasions.previous_on = stretches.business_date
    group by occasions.scope_key, stretches.stretch_start, occasions.order_count >= 2
),

-- By the date of the occasion after, which takes the place of this one as the latest.
following as (
    select
        occasions.scope_key,
        stretches.stretch_start,
        occasions.order_count >= 2 as is_double,
        sum(cast(occasions.next_on - occasions.previous_on <= 30 as integer))
            as repeats_30,
        sum(cast(occasions.next_on - occasions.previous_on <= 90 as integer))
            as repeats_90,
        sum(cast(occasions.next_on - occasions.previous_on <= 180 as integer))
            as repeats_180,
        sum(cast(occasions.next_on - occasions.previous_on <= 365 as integer))
            as repeats_365,
        sum(cast(occasions.next_on - occasions.business_date <= 30 as integer))
            as returns_30,
        sum(cast(occasions.next_on - occasions.business_date <= 90 as integer))
            as returns_90,
        sum(cast(occasions.next_on - occasions.business_date <= 180 as integer))
            as returns_180,
        sum(cast(occasions.next_on - occasions.business_date <= 365 as integer))
            as returns_365
    from intermediate.occasions as occasions
    inner join stretches on occasions.next_on = stretches.business_date
    group by occasions.scope_key, stretches.stretch_start, occasions.order_count >= 2
),

own_spans as (
    select
        own.scope_key,
        own.stretch_start,
        own.is_double,
        spans.window_days,
        own.buyers,
        cast(coalesce(case spans.window_days
            when 30 then own.repeats_30
            when 90 then own.repeats_90
            when 180 then own.repeats_180
            else own.repeats_365
        end, 0) as bigint) as repeats,
        cast(coalesce(case spans.window_days
            when 30 then own.repeats_60
            when 90 then own.repeats_180
            when 180 then own.repeats_360
            else own.repeats_730
        end, 0) as bigint) as wide_repeats,
        cast(coalesce(case spans.window_days
            when 30 then own.returns_30
            when 90 then own.returns_90
            when 180 then own.returns_180
            else own.returns_365
        end, 0) as bigint) as returns,
        cast(coalesce(case spans.window_days
            when 30 then own.returns_60
            when 90 then own.returns_180
            when 180 then own.returns_360
            else own.returns_730
        end, 0) as bigint) as wide_returns
    from own
    cross join spans
),

former_spans as (
    select
        former.scope_key,
        former.stretch_start,
        former.is_double,
        spans.window_days,
        cast(coalesce(case spans.window_days
            when 30 then former.leavers_30
            when 90 then former.leavers_90
            when 180 then former.leavers_180
            else former.leavers_365
        end, 0) as bigint) as leavers
    from former
    cross join spans
),

following_spans as (
    select
        following.scope_key,
        following.stretch_start,
        following.is_double,
        spans.window_days,
        cast(coalesce(case spans.window_days
            when 30 then following.repeats_30
            when 90 then following.repeats_90
            when 180 then following.repeats_180
            else following.repeats_365
        end, 0) as bigint) as repeats,
        cast(coalesce(case spans.window_days
            when 30 then following.returns_30
            when 90 then following.returns_90
            when 180 then following.returns_180
            else following.returns_365
        end, 0) as bigint) as returns
    from following
    cross join spans
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
        case
            when steps.step = 'here' and own_spans.is_double then own_spans.buyers
            when steps.step = 'here' then own_spans.repeats
            when steps.step = 'leaves' and own_spans.is_double
                then own_spans.returns - own_spans.buyers
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
            own_spans.stretch_start = steps.stretch_start
            and own_spans.window_days = steps.window_days
    union all
    select
        former_spans.scope_key,
        former_spans.window_days,
        steps.anchor_month,
        0 as buyers,
        -former_spans.leavers as repeaters,
        case when former_spans.is_double then 0 else -former_spans.leavers end as reorderers,
        0 as returners,
        0 as kept,
        0 as formers
    from former_spans
    inner join steps
        on
            former_spans.stretch_start = steps.stretch_start
            and former_spans.window_days = steps.window_days
            and steps.step = 'leaves'
    union all
    select
        following_spans.scope_key,
        following_spans.window_days,
        steps.anchor_month,
        0 as buyers,
        -following_spans.repeats as repeaters,
        case
            when following_spans.is_double then -following_spans.returns
            else -following_spans.repeats
        end as reorderers,
        0 as returners,
        0 as kept,
        0 as formers
    from following_spans
    inner join steps
        on
            following_spans.stretch_start = steps.stretch_start
            and following_spans.window_days = steps.window_days
            and steps.step = 'here'
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

-- Added up by a join: running sums over thousands of short partitions were seen to take longer.
counted as (
    select
        scopes.scope_key,
        windows.window_type,
        windows.window_start,
        sum(changed.buyers) as buyer_count,
        sum(changed.repeaters) as two_occasion_count,
        sum(changed.reorderers) as two_order_count,
        sum(changed.returners) as bought_again_count,
        sum(changed.kept) as retained_count,
        sum(changed.formers) as former_buyer_count
    from scopes
    cross join windows
    left join changed
        on
            scopes.scope_key = changed.scope_key
            and windows.window_days = changed.window_days
            and windows.anchor_month >= changed.anchor_month
    group by scopes.scope_key, windows.window_type, windows.window_start
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
