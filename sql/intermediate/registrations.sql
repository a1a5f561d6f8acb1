/*---
description: Registered members at the end of each window, and those who registered in it, by scope.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope; a store's members are those whose home store it is.
  window_type: Kind of window.
  window_start: First business date of the window.
  registered_count: Members registered at the window's end, those without a date included.
  registered_new_count: Members registered within the window.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: registered_count >= 0 and registered_new_count >= 0
---*/
with

scopes as (
    select * from intermediate.scopes
),

changes as (
    select
        registered_on as changed_on,
        home_store_id,
        channel,
        city,
        count(*) as joined_count,
        0 as left_count
    from staging.members
    where is_in_member_file and not is_excluded
    group by registered_on, home_store_id, channel, city
    union all
    select
        deregistered_on as changed_on,
        home_store_id,
        channel,
        city,
        0 as joined_count,
        count(*) as left_count
    from staging.members
    where is_in_member_file and not is_excluded and deregistered_on is not null
    group by deregistered_on, home_store_id, channel, city
),

scoped as (
    select
        scopes.scope_key,
        changes.changed_on,
        sum(changes.joined_count) as joined_count,
        sum(changes.left_count) as left_count
    from changes
    inner join scopes
        on
            case scopes.scope_type
                when 'all' then 'all'
                when 'store' then changes.home_store_id
                when 'channel' then changes.channel
                when 'city' then changes.city
            end = scopes.scope
    group by scopes.scope_key, changes.changed_on
),

dates as (
    select distinct changed_on from scoped
),

window_ends as (
    select distinct window_end from raw.windows
),

ends_of_dates as (
    select
        dates.changed_on,
        window_ends.window_end
    from dates
    inner join window_ends
        on coalesce(dates.changed_on, window_ends.window_end) <= window_ends.window_end
),

windows_of_dates as (
    select
        dates.changed_on,
        windows.window_type,
        windows.window_start
    from dates
    inner join raw.windows as windows
        on dates.changed_on between windows.window_start and windows.window_end
),

registered as (
    select
        scoped.scope_key,
        ends_of_dates.window_end,
        sum(scoped.joined_count - scoped.left_count) as registered_count
    from scoped
    inner join ends_of_dates
        on scoped.changed_on is not distinct from ends_of_dates.changed_on
    group by scoped.scope_key, ends_of_dates.window_end
),

newly_registered as (
    select
        scoped.scope_key,
        windows_of_dates.window_type,
        windows_of_dates.window_start,
        sum(scoped.joined_count) as registered_new_count
    from scoped
    inner join windows_of_dates on scoped.changed_on = windows_of_dates.changed_on
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
