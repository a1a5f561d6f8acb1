/*---
description: >
  Members who registered in a channel of stores at least 365 days before the as-of date and have not
  left, and those of them who have an identity in the online shop: one row, for the trailing 365
  days at the as-of date.
grain: [window_type, window_start]
columns:
  window_type: Kind of window; trailing_365d.
  window_start: First business date of the window.
  member_count: Members.
  online_count: Those of them who have an identity in the online shop.
checks:
  - not_null: [window_type, window_start, member_count, online_count]
  - holds: online_count <= member_count
---*/
with

named as (
    select count(case when is_offline then 1 end) > 0 as names_offline
    from raw.channels
),

counted as (
    select
        count(*) as member_count,
        count(case when members.has_online_identity then 1 end) as online_count
    from staging.members as members
    cross join raw.parameters as parameters
    cross join named
    left join raw.channels as channels on members.channel = channels.channel
    where
        members.is_in_member_file
        and not members.is_excluded
        and members.deregistered_on is null
        and members.registered_on <= parameters.as_of_date - 365
        and (coalesce(channels.is_offline, false) or not named.names_offline)
)

select
    windows.window_type,
    windows.window_start,
    counted.member_count,
    counted.online_count
from raw.windows as windows
inner join raw.parameters as parameters on windows.window_end = parameters.as_of_date
cross join counted
where windows.window_type = 'trailing_365d'
