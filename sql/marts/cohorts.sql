/*---
description:
  en: Members by the month of their first occasion, and what remained of them in each month after.
  zh: 按首次购买月份划分的同期群，及其此后各月的留存与消费。
grain: [cohort_month, age_months]
columns:
  cohort_month: First day of the month of the members' first occasion.
  age_months: Months since then; 0 is the cohort's own month.
  cohort_size: Members of the cohort.
  active_count: Those who bought in that month; empty until the month has ended.
  retention_rate: Active over size.
  net_amount: Net amount less returns of that month, in the data set's currency.
  cumulative_net_amount_per_member: Net amount from the first month to this one, per member.
  is_censored: The cohort may hold members whose real first occasion lies before the data.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [cohort_month, age_months, cohort_size]
  - unique: [cohort_month, age_months]
  - holds: active_count is null or active_count <= cohort_size
---*/
with

months as (
    select
        window_start,
        window_end,
        position,
        is_complete
    from raw.windows
    where window_type = 'month'
),

occasions as (
    select
        occasions.member_key,
        occasions.business_date,
        occasions.next_on,
        months.window_end,
        months.position
    from intermediate.occasions as occasions
    inner join intermediate.scopes as scopes
        on occasions.scope_key = scopes.scope_key and scopes.scope_type = 'all'
    inner join intermediate.window_dates as dates
        on occasions.business_date = dates.business_date and dates.window_type = 'month'
    inner join months on dates.window_start = months.window_start
),

firsts as (
    select
        scores.member_key,
        months.position as cohort_position
    from intermediate.member_scores as scores
    inner join intermediate.window_dates as dates
        on scores.first_order_on = dates.business_date and dates.window_type = 'month'
    inner join months on dates.window_start = months.window_start
),

actives as (
    select
        firsts.cohort_position,
        occasions.position,
        count(
            case
                when occasions.next_on is null or occasions.next_on > occasions.window_end then 1
            end
        ) as active_count
    from occasions
    inner join firsts on occasions.member_key = firsts.member_key
    group by firsts.cohort_position, occasions.position
),

spent as (
    select
        member_key,
        business_date,
        net_amount
    from intermediate.member_days
    union all
    select
        member_key,
        business_date,
        net_amount
    from intermediate.returns
),

sales as (
    select
        firsts.cohort_position,
        months.position,
        sum(days.net_amount) as net_amount
    from spent as days
    inner join firsts on days.member_key = firsts.member_key
    inner join intermediate.window_dates as dates
        on days.business_date = dates.business_date and dates.window_type = 'month'
    inner join months on dates.window_start = months.window_start
    group by firsts.cohort_position, months.position
),

sizes as (
    select
        cohort_position,
        count(*) as cohort_size
    from firsts
    group by cohort_position
),

cells as (
    select
        cohorts.window_start as cohort_month,
        ages.position - 1 as age_months,
        sizes.cohort_size,
        coalesce(months.is_complete, false) as is_mature,
        coalesce(actives.active_count, 0) as active_count,
        coalesce(sales.net_amount, 0) as net_amount,
        sum(coalesce(sales.net_amount, 0)) over (
            partition by cohorts.position order by ages.position
        ) as cumulative_net_amount
    from sizes
    inner join months as cohorts on sizes.cohort_position = cohorts.position
    cross join months as ages
    left join months on cohorts.position + ages.position - 1 = months.position
    left join actives
        on
            sizes.cohort_position = actives.cohort_position
            and cohorts.position + ages.position - 1 = actives.position
    left join sales
        on
            sizes.cohort_position = sales.cohort_position
            and cohorts.position + ages.position - 1 = sales.position
)

select
    cells.cohort_month,
    cast(cells.age_months as integer) as age_months,
    cells.cohort_size,
    case when cells.is_mature then cells.active_count end as active_count,
    case
        when cells.is_mature then cast(cells.active_count as double) / cells.cohort_size
    end as retention_rate,
    case when cells.is_mature then cast(cells.net_amount as decimal(18, 2)) end as net_amount,
    case
        when cells.is_mature then cast(cells.cumulative_net_amount as double) / cells.cohort_size
    end as cumulative_net_amount_per_member,
    cells.cohort_month < parameters.history_known_from as is_censored,
    parameters.as_of_date
from cells
cross join raw.parameters as parameters
