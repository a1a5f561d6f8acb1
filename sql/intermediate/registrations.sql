/*---
description: Registered members at the end of each window, and those who registered in it, by scope.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope; a store's members are those whose home store it is.
  window_type: Kind of window.
  window_start: First business date of the window.
  registered_count: Members registered by the window's end, those without a date included.
  registered_new_count: Members registered within the window.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: registered_new_count <= registered_count
---*/
with

scopes as (
    select * from intermediate.scopes
),

days as (
    select
        registered_on,
        home_store_id,
        channel,
        city,
        count(*) as member_count
    from staging.members
    where is_in_member_file and not is_excluded
    group by registered_on, home_store_id, channel, city
),

scoped as (
    select
        scopes.scope_key,
        days.registered_on,
        sum(days.member_count) as member_count
    from days
    inner join scopes
        on
            case scopes.scope_type
                when 'all' then 'all'
                when 'store' then days.home_store_id
                when 'channel' then days.channel
                when 'city' then days.city
            end = scopes.scope
    group by scopes.scope_key, days.registered_on
),

dates as (
    select distinct registered_on from scoped
),

window_ends as (
    select distinct window_end from raw.windows
),

ends_of_dates as (
    select
        dates.registered_on,
        window_ends.window_end
    from dates
    inner join window_ends
        on coalesce(dates.registered_on, window_ends.window_end) <= window_ends.window_end
),

windows_of_dates as (
    select
        dates.registered_on,
        windows.window_type,
        windows.window_start
    from dates
    inner join raw.windows as windows
        on dates.registered_on between windows.window_start and windows.window_end
),

registered as (
    select
        scoped.scope_key,
        ends_of_dates.window_end,
        sum(scoped.member_count) as registered_count
    from scoped
    inner join ends_of_dates
        on scoped.registered_on is not distinct from ends_of_dates.registered_on
    group by scoped.scope_key, ends_of_dates.window_end
),

newly_registered as (
    select
        scoped.scope_key,
        windows_of_dates.window_type,
        windows_of_dates.window_start,
        sum(scoped.member_count) as registered_new_count
    from scoped
    inner join windows_of_dates on scoped.registered_on = windows_of_dates.registered_on
    group by scoped.scope_key, windows_of_dates.window_type, windows_of_dates.window_start
)

select
    registered.scope_key,
    windows.window_type,
    windows.window_start,
    cast(registered.registered_count as bigint) as registered_count,
    cast(coalesce(newly_registered.registered_new_count, 0) as bigint) as registered_new_count
from registered
inner join raw.windows as windows on registered.window_end = windows.window_end
left join newly_registered
    on
        registered.scope_key = newly_registered.scope_key
        and windows.window_type = newly_registered.window_type
        and windows.window_start = newly_registered.window_start
