/*---
description: >
  Members registered at the end of each window who bought within it, by the scope they belong to and
  wherever they buy. All windows but days and weeks, which are for the whole data set, end with a
  month or at the as-of date: so an occasion stands for its member from the month in which both it
  and the registration have happened until that of the next occasion or of leaving.
grain: [scope_key, window_type, window_start]
columns:
  scope_key: The scope that the members belong to.
  window_type: Kind of window.
  window_start: First business date of the window.
  registered_buyer_count: Registered members with at least one occasion in the window.
checks:
  - not_null: [scope_key, window_type, window_start]
  - holds: registered_buyer_count >= 0
---*/
with

windows as (
    select
        window_type,
        window_start,
        window_end,
        is_for_scopes,
        date_trunc('month', window_end) as last_month
    from raw.windows
),

homes as (
    select
        members.member_key,
        homes.home_key,
        members.registered_on,
        members.deregistered_on,
        date_trunc('month', members.registered_on) as registered_month,
        date_trunc('month', members.deregistered_on) as left_month
    from staging.members as members
    inner join intermediate.homes as homes
        on
            members.home_store_id is not distinct from homes.home_store_id
            and members.channel is not distinct from homes.channel
            and members.city is not distinct from homes.city
    where members.is_in_member_file and not members.is_excluded
),

occasions as (
    select
        homes.home_key,
        occasions.business_date,
        occasions.next_on,
        homes.registered_on,
        homes.deregistered_on,
        homes.registered_month,
        homes.left_month
    from intermediate.occasions as occasions
    inner join intermediate.scopes as scopes
        on occasions.scope_key = scopes.scope_key and scopes.scope_type = 'all'
    inner join homes on occasions.member_key = homes.member_key
),

dates as (
    select
        dates.business_date,
        date_trunc('month', dates.business_date) as month_start,
        max(case when windows.is_for_scopes then windows.window_start end) as stretch_start,
        max(case when windows.window_type = 'week' then windows.window_end end) as week_end
    from intermediate.window_dates as dates
    inner join windows
        on
            dates.window_type = windows.window_type
            and dates.window_start = windows.window_start
    group by dates.business_date
),

-- Within a stretch no window begins, so its dates lie in the same windows as long as these last.
spells as (
    select
        occasions.home_key,
        dates.stretch_start,
        case
            when occasions.registered_month > dates.month_start then occasions.registered_month
            else dates.month_start
        end as from_month,
        case
            when occasions.left_month < coalesce(next_dates.month_start, date '9999-12-31')
                then occasions.left_month
            else coalesce(next_dates.month_start, date '9999-12-31')
        end as until_month
    from occasions
    inner join dates on occasions.business_date = dates.business_date
    left join dates as next_dates on occasions.next_on = next_dates.business_date
),

cells as (
    select
        home_key,
        stretch_start,
        from_month,
        until_month,
        count(*) as member_count
    from spells
    where from_month < until_month
    group by home_key, stretch_start, from_month, until_month
),

kinds as (
    select distinct
        stretch_start,
        from_month,
        until_month
    from cells
),

cell_windows as (
    select
        kinds.stretch_start,
        kinds.from_month,
        kinds.until_month,
        windows.window_type,
        windows.window_start
    from kinds
    inner join windows
        on
            windows.is_for_scopes
            and kinds.stretch_start >= windows.window_start
            and kinds.from_month <= windows.last_month
            and kinds.until_month > windows.last_month
),

by_home as (
    select
        cells.home_key,
        cell_windows.window_type,
        cell_windows.window_start,
        sum(cells.member_count) as member_count
    from cells
    inner join cell_windows
        on
            cells.stretch_start = cell_windows.stretch_start
            and cells.from_month = cell_windows.from_month
            and cells.until_month = cell_windows.until_month
    group by cells.home_key, cell_windows.window_type, cell_windows.window_start
),

by_date as (
    select
        occasions.business_date,
        count(
            case
                when
                    coalesce(occasions.registered_on <= occasions.business_date, true)
                    and coalesce(occasions.deregistered_on > occasions.business_date, true)
                    then 1
            end
        ) as day_count,
        count(
            case
                when
                    coalesce(occasions.next_on > dates.week_end, true)
                    and coalesce(occasions.registered_on <= dates.week_end, true)
                    and coalesce(occasions.deregistered_on > dates.week_end, true)
                    then 1
            end
        ) as week_count
    from occasions
    inner join dates on occasions.business_date = dates.business_date
    group by occasions.business_date
)

select
    home_scopes.scope_key,
    by_home.window_type,
    by_home.window_start,
    cast(sum(by_home.member_count) as bigint) as registered_buyer_count
from by_home
inner join intermediate.home_scopes as home_scopes on by_home.home_key = home_scopes.home_key
group by home_scopes.scope_key, by_home.window_type, by_home.window_start
union all
select
    scopes.scope_key,
    dates.window_type,
    dates.window_start,
    cast(
        sum(
            case dates.window_type when 'day' then by_date.day_count else by_date.week_count end
        ) as bigint
    ) as registered_buyer_count
from by_date
inner join intermediate.window_dates as dates on by_date.business_date = dates.business_date
inner join intermediate.scopes as scopes on scopes.scope_type = 'all'
where dates.window_type = 'day' or dates.window_type = 'week'
group by scopes.scope_key, dates.window_type, dates.window_start
