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

windows as (
    select
        window_type,
        window_start,
        window_end,
        is_for_scopes
    from raw.windows
),

members as (
    select
        homes.home_key,
        members.registered_on,
        members.deregistered_on
    from staging.members as members
    inner join intermediate.homes as homes
        on
            members.home_store_id is not distinct from homes.home_store_id
            and members.channel is not distinct from homes.channel
            and members.city is not distinct from homes.city
    where members.is_in_member_file and not members.is_excluded
),

changes as (
    select
        home_key,
        registered_on as changed_on,
        count(*) as joined_count,
        0 as left_count
    from members
    group by home_key, registered_on
    union all
    select
        home_key,
        deregistered_on as changed_on,
        0 as joined_count,
        count(*) as left_count
    from members
    where deregistered_on is not null
    group by home_key, deregistered_on
),

scoped as (
    select
        scopes.scope_key,
        scopes.scope_type = 'all' as is_whole,
        changes.changed_on,
        sum(changes.joined_count) as joined_count,
        sum(changes.left_count) as left_count
    from changes
    inner join intermediate.home_scopes as home_scopes on changes.home_key = home_scopes.home_key
    inner join scopes on home_scopes.scope_key = scopes.scope_key
    group by scopes.scope_key, scopes.scope_type, changes.changed_on
),

dates as (
    select distinct changed_on
    from scoped
    where changed_on is not null
),

owning as (
    select distinct
        scope_key,
        is_whole
    from scoped
),

ends as (
    select distinct
        owning.scope_key,
        owning.is_whole,
        windows.window_end
    from owning
    inner join windows on owning.is_whole or windows.is_for_scopes
),

-- The first end of a window at which a change counts; it does so at all later ones. A member
-- without a date counts from the start.
steps as (
    select
        dates.changed_on,
        ends.is_whole,
        min(ends.window_end) as window_end
    from dates
    inner join ends on dates.changed_on <= ends.window_end
    group by dates.changed_on, ends.is_whole
    union all
    select
        cast(null as date) as changed_on,
        is_whole,
        min(window_end) as window_end
    from ends
    group by is_whole
),

changed as (
    select
        scoped.scope_key,
        steps.window_end,
        sum(scoped.joined_count - scoped.left_count) as change_count
    from scoped
    inner join steps
        on
            scoped.is_whole = steps.is_whole
            and scoped.changed_on is not distinct from steps.changed_on
    group by scoped.scope_key, steps.window_end
),

registered as (
    select
        ends.scope_key,
        ends.is_whole,
        ends.window_end,
        sum(changed.change_count) over (
            partition by ends.scope_key order by ends.window_end rows unbounded preceding
        ) as registered_count
    from ends
    left join changed
        on
            ends.scope_key = changed.scope_key
            and ends.window_end = changed.window_end
),

-- Dates between two edges of windows lie in the same ones; the whole has a window for each date.
edges as (
    select window_start as edge from windows
    where is_for_scopes
    union
    select window_end + 1 as edge from windows
    where is_for_scopes
),

stretch_dates as (
    select
        dates.changed_on,
        true as is_whole,
        dates.changed_on as stretch_start
    from dates
    union all
    select
        dates.changed_on,
        false as is_whole,
        max(edges.edge) as stretch_start
    from dates
    inner join edges on dates.changed_on >= edges.edge
    group by dates.changed_on
),

stretches as (
    select
        scoped.scope_key,
        scoped.is_whole,
        stretch_dates.stretch_start,
        sum(scoped.joined_count) as joined_count
    from scoped
    inner join stretch_dates
        on
            scoped.is_whole = stretch_dates.is_whole
            and scoped.changed_on = stretch_dates.changed_on
    group by scoped.scope_key, scoped.is_whole, stretch_dates.stretch_start
),

starts as (
    select distinct
        is_whole,
        stretch_start
    from stretches
),

stretch_windows as (
    select
        starts.is_whole,
        starts.stretch_start,
        windows.window_type,
        windows.window_start
    from starts
    inner join windows
        on
            starts.stretch_start between windows.window_start and windows.window_end
            and (starts.is_whole or windows.is_for_scopes)
),

newly_registered as (
    select
        stretches.scope_key,
        stretch_windows.window_type,
        stretch_windows.window_start,
        sum(stretches.joined_count) as registered_new_count
    from stretches
    inner join stretch_windows
        on
            stretches.is_whole = stretch_windows.is_whole
            and stretches.stretch_start = stretch_windows.stretch_start
    group by stretches.scope_key, stretch_windows.window_type, stretch_windows.window_start
)

select
    registered.scope_key,
    windows.window_type,
    windows.window_start,
    cast(coalesce(registered.registered_count, 0) as bigint) as registered_count,
    cast(coalesce(newly_registered.registered_new_count, 0) as bigint) as registered_new_count
from registered
inner join windows
    on
        registered.window_end = windows.window_end
        and (registered.is_whole or windows.is_for_scopes)
left join newly_registered
    on
        registered.scope_key = newly_registered.scope_key
        and windows.window_type = newly_registered.window_type
        and windows.window_start = newly_registered.window_start
where registered.registered_count is not null
