/*---
description: >
  Members who were not lost before a window and are at its end, and who were lost before it and
  came back within it. A member may be lost, come back and be lost again inside one window: who is
  lost at its end is counted at the end of his last stretch, if he was not lost before the window.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope, of all or of a brand.
  window_type: Kind of window.
  window_start: First business date of the window.
  churned_count: Members not lost the day before the window and lost at its end.
  won_back_count: Members lost for no more than 365 days before the window who bought in it.
checks:
  - not_null: [scope_key, window_type, window_start, churned_count, won_back_count]
---*/
with

windows as (
    select
        dates.business_date,
        windows.window_type,
        windows.window_start,
        windows.window_end,
        windows.is_for_scopes
    from intermediate.window_dates as dates
    inner join raw.windows as windows
        on dates.window_type = windows.window_type and dates.window_start = windows.window_start
    where windows.is_complete
),

scopes as (
    select
        cycles.scope_key,
        cycles.lost_after_days,
        scopes.scope_type = 'all' as is_whole
    from intermediate.scope_cycles as cycles
    inner join intermediate.scopes as scopes on cycles.scope_key = scopes.scope_key
),

-- No window has more than 366 dates, so what lies further off is the same for all.
stretches as (
    select
        spells.scope_key,
        greatest(spells.first_on, spells.lost_on - 366) as first_on,
        spells.lost_on,
        case when spells.back_on <= spells.lost_on + 366 then spells.back_on end as back_on,
        count(*) as member_count
    from intermediate.active_spells as spells
    inner join raw.calendar as calendar on spells.lost_on = calendar.date
    group by
        spells.scope_key,
        greatest(spells.first_on, spells.lost_on - 366),
        spells.lost_on,
        case when spells.back_on <= spells.lost_on + 366 then spells.back_on end
),

returns as (
    select
        earlier.scope_key,
        greatest(earlier.first_on, later.lost_on - 366) as first_on,
        earlier.lost_on,
        later.first_on as again_on,
        later.lost_on as lost_again_on,
        case when later.back_on <= later.lost_on + 366 then later.back_on end as back_on,
        count(*) as member_count
    from intermediate.active_spells as earlier
    inner join intermediate.active_spells as later
        on
            earlier.scope_key = later.scope_key
            and earlier.member_key = later.member_key
            and earlier.back_on <= later.first_on
            and earlier.lost_on + 366 > later.lost_on
    inner join raw.calendar as calendar on later.lost_on = calendar.date
    group by
        earlier.scope_key,
        greatest(earlier.first_on, later.lost_on - 366),
        earlier.lost_on,
        later.first_on,
        later.lost_on,
        case when later.back_on <= later.lost_on + 366 then later.back_on end
),

counted as (
    select
        stretches.scope_key,
        windows.window_type,
        windows.window_start,
        stretches.member_count as churned_count,
        0 as won_back_count
    from stretches
    inner join scopes on stretches.scope_key = scopes.scope_key
    inner join windows
        on
            stretches.lost_on = windows.business_date
            and stretches.first_on < windows.window_start
            and (scopes.is_whole or windows.is_for_scopes)
    where stretches.back_on is null or stretches.back_on > windows.window_end
    union all
    select
        returns.scope_key,
        windows.window_type,
        windows.window_start,
        returns.member_count as churned_count,
        0 as won_back_count
    from returns
    inner join scopes on returns.scope_key = scopes.scope_key
    inner join windows
        on
            returns.lost_on = windows.business_date
            and returns.first_on < windows.window_start
            and returns.lost_again_on <= windows.window_end
            and (scopes.is_whole or windows.is_for_scopes)
    where returns.back_on is null or returns.back_on > windows.window_end
    union all
    select
        dates.scope_key,
        windows.window_type,
        windows.window_start,
        0 as churned_count,
        dates.member_count as won_back_count
    from intermediate.repeat_dates as dates
    inner join scopes on dates.scope_key = scopes.scope_key
    inner join windows
        on
            dates.next_on = windows.business_date
            and dates.business_date + scopes.lost_after_days + 1 < windows.window_start
            and dates.business_date + scopes.lost_after_days + 366 >= windows.window_start
            and (scopes.is_whole or windows.is_for_scopes)
)

select
    scope_key,
    window_type,
    window_start,
    cast(sum(churned_count) as bigint) as churned_count,
    cast(sum(won_back_count) as bigint) as won_back_count
from counted
group by scope_key, window_type, window_start
