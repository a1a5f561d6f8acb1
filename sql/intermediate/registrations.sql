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

window_ends as (
    select distinct window_end from raw.windows
),

registered as (
    select
        scoped.scope_key,
        window_ends.window_end,
        sum(scoped.member_count) as registered_count
    from scoped
    inner join window_ends
        on coalesce(scoped.registered_on, window_ends.window_end) <= window_ends.window_end
    group by scoped.scope_key, window_ends.window_end
),

newly_registered as (
    select
        scoped.scope_key,
        windows.window_type,
        windows.window_start,
        sum(scoped.member_count) as registered_new_count
    from scoped
    inner join raw.windows as windows
        on scoped.registered_on between windows.window_start and windows.window_end
    group by scoped.scope_key, windows.window_type, windows.window_start
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
