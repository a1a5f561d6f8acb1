/*---
description: >
  New members whom another member brought, by scope and window; no row where there are none. A
  store's members are those whose home store it is.
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the numbers are about; all, store, channel or city.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window.
  window_start: First business date of the window.
  referred_count: Members registered within the window who have a referrer.
checks:
  - not_null: [scope_type, scope, window_type, window_start, referred_count]
  - unique: [scope_type, scope, window_type, window_start]
---*/
with

days as (
    select
        registered_on,
        home_store_id,
        channel,
        city,
        count(*) as referred_count
    from staging.members
    where has_referrer and is_in_member_file and not is_excluded and registered_on is not null
    group by registered_on, home_store_id, channel, city
),

scope_days as (
    select
        scopes.scope_type,
        scopes.scope,
        days.registered_on,
        sum(days.referred_count) as referred_count
    from days
    inner join intermediate.scopes as scopes
        on
            case scopes.scope_type
                when 'all' then 'all'
                when 'store' then days.home_store_id
                when 'channel' then days.channel
                when 'city' then days.city
            end = scopes.scope
    group by scopes.scope_type, scopes.scope, days.registered_on
),

dates as (
    select distinct registered_on from scope_days
),

windows_of_dates as (
    select
        dates.registered_on,
        windows.window_type,
        windows.window_start,
        windows.is_for_scopes
    from dates
    inner join raw.windows as windows
        on dates.registered_on between windows.window_start and windows.window_end
)

select
    scope_days.scope_type,
    scope_days.scope,
    windows_of_dates.window_type,
    windows_of_dates.window_start,
    cast(sum(scope_days.referred_count) as bigint) as referred_count
from scope_days
inner join windows_of_dates
    on
        scope_days.registered_on = windows_of_dates.registered_on
        and (windows_of_dates.is_for_scopes or scope_days.scope_type = 'all')
group by
    scope_days.scope_type,
    scope_days.scope,
    windows_of_dates.window_type,
    windows_of_dates.window_start
