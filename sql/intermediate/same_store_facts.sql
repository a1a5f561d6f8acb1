/*---
description: >
  Net sales of the stores that were open in a period and in the one of last year that it is compared
  with; opened on or before the first date of the one and not closed before the last date of the
  other. Stores whose opening date nobody tells are left out, and so are orders without a store.
grain: [alignment, scope_type, scope, window_type, window_start]
columns:
  alignment: date or spring_festival.
  scope_type: all, brand, city, region or store_type.
  scope: Which one of them.
  window_type: week, month, quarter, half or year.
  window_start: First business date of the period.
  store_count: Stores open in both periods.
  net_amount: Their net sales in the period, in the data set's currency.
  compared_amount: Their net sales in the period of last year.
  null_reason: Why nothing is compared.
checks:
  - not_null: [alignment, scope_type, scope, window_type, window_start, store_count]
  - unique: [alignment, scope_type, scope, window_type, window_start]
---*/
with

stores as (
    select distinct
        places.store_key,
        stores.opened_on,
        stores.closed_on
    from intermediate.store_places as places
    inner join staging.stores as stores on places.store_id = stores.store_id
    where stores.opened_on is not null
),

windows as (
    select * from intermediate.compared_windows
    where null_reason is null
),

comparable as (
    select
        windows.alignment,
        windows.window_type,
        windows.window_start,
        stores.store_key
    from windows
    inner join stores
        on
            windows.compared_start >= stores.opened_on
            and (stores.closed_on is null or windows.window_end <= stores.closed_on)
),

dates as (
    select
        windows.alignment,
        windows.window_type,
        windows.window_start,
        calendar.date as business_date,
        true as is_current
    from windows
    inner join raw.calendar as calendar
        on calendar.date between windows.window_start and windows.window_end
    union all
    select
        windows.alignment,
        windows.window_type,
        windows.window_start,
        calendar.date as business_date,
        false as is_current
    from windows
    inner join raw.calendar as calendar
        on calendar.date between windows.compared_start and windows.compared_end
),

days as (
    select
        days.store_key,
        days.business_date,
        days.net_amount
    from intermediate.store_days as days
    inner join stores on days.store_key = stores.store_key
),

summed as (
    select
        days.store_key,
        dates.alignment,
        dates.window_type,
        dates.window_start,
        sum(case when dates.is_current then days.net_amount else 0 end) as net_amount,
        sum(case when dates.is_current then 0 else days.net_amount end) as compared_amount
    from days
    inner join dates on days.business_date = dates.business_date
    group by days.store_key, dates.alignment, dates.window_type, dates.window_start
),

scoped as (
    select
        store_scopes.scope_type,
        store_scopes.scope,
        comparable.alignment,
        comparable.window_type,
        comparable.window_start,
        count(*) as store_count,
        sum(summed.net_amount) as net_amount,
        sum(summed.compared_amount) as compared_amount
    from comparable
    inner join intermediate.store_scopes as store_scopes
        on comparable.store_key = store_scopes.store_key
    left join summed
        on
            comparable.store_key = summed.store_key
            and comparable.alignment = summed.alignment
            and comparable.window_type = summed.window_type
            and comparable.window_start = summed.window_start
    group by
        store_scopes.scope_type,
        store_scopes.scope,
        comparable.alignment,
        comparable.window_type,
        comparable.window_start
),

scopes as (
    select
        scope_type,
        scope
    from intermediate.scopes
    where
        scope_type = 'all'
        or scope_type = 'brand'
        or scope_type = 'city'
        or scope_type = 'region'
        or scope_type = 'store_type'
)

select
    windows.alignment,
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    coalesce(scoped.store_count, 0) as store_count,
    cast(coalesce(scoped.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(scoped.compared_amount, 0) as decimal(18, 2)) as compared_amount,
    windows.null_reason
from intermediate.compared_windows as windows
inner join scopes on scopes.scope_type = 'all' or windows.window_type <> 'week'
left join scoped
    on
        windows.alignment = scoped.alignment
        and windows.window_type = scoped.window_type
        and windows.window_start = scoped.window_start
        and scopes.scope_type = scoped.scope_type
        and scopes.scope = scoped.scope
