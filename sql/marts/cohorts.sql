/*---
description:
  en: >
    Members by the month, quarter or week of their first occasion, and what remained of them in each
    such period after.
  zh: 按首次购买的月、季、周划分的同期群，及其此后各期的留存、累计复购与消费。
grain: [cohort_type, cohort_start, age]
columns:
  cohort_type: month, quarter or week.
  cohort_start: First date of the period of the members' first occasion.
  age: Periods since then; 0 is the cohort's own.
  cohort_size: Members of the cohort.
  active_count: Those who bought in that period; empty until it has ended.
  retention_rate: Active over size.
  repurchased_count: >
    Those who bought a second time, in whatever period, by the end of that one; two orders on the
    first date are enough where orders count.
  cumulative_repurchase_rate: Repurchased over size.
  net_amount: Net amount less returns of that period, in the data set's currency.
  cumulative_net_amount_per_member: Net amount from the first period to this one, per member.
  is_censored: The cohort may hold members whose real first occasion lies before the data.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [cohort_type, cohort_start, age, cohort_size]
  - unique: [cohort_type, cohort_start, age]
  - accepted: {cohort_type: [month, quarter, week]}
  - holds: active_count is null or active_count <= cohort_size
  - holds: repurchased_count is null or repurchased_count <= cohort_size
---*/
with

parameters as (
    select * from raw.parameters
),

periods as (
    select
        window_type as cohort_type,
        window_start,
        window_end,
        position,
        is_complete
    from raw.windows
    where window_type = 'month' or window_type = 'quarter' or window_type = 'week'
),

dates as (
    select
        dates.business_date,
        periods.cohort_type,
        periods.position
    from intermediate.window_dates as dates
    inner join periods
        on dates.window_type = periods.cohort_type and dates.window_start = periods.window_start
),

ends as (
    select
        dates.business_date,
        max(case when periods.cohort_type = 'month' then periods.window_end end) as month_end,
        max(case when periods.cohort_type = 'quarter' then periods.window_end end) as quarter_end,
        max(case when periods.cohort_type = 'week' then periods.window_end end) as week_end
    from dates
    inner join periods
        on dates.cohort_type = periods.cohort_type and dates.position = periods.position
    group by dates.business_date
),

firsts as (
    select
        member_key,
        first_order_on
    from intermediate.member_scores
),

occasions as (
    select
        occasions.business_date,
        occasions.previous_on,
        occasions.next_on,
        occasions.first_on,
        occasions.order_count
    from intermediate.occasions as occasions
    inner join intermediate.scopes as scopes
        on occasions.scope_key = scopes.scope_key and scopes.scope_type = 'all'
),

-- The last occasion of a period stands for the member in it.
visits as (
    select
        occasions.first_on as first_order_on,
        occasions.business_date,
        count(
            case
                when occasions.next_on is null or occasions.next_on > ends.month_end then 1
            end
        ) as month_count,
        count(
            case
                when occasions.next_on is null or occasions.next_on > ends.quarter_end then 1
            end
        ) as quarter_count,
        count(
            case
                when occasions.next_on is null or occasions.next_on > ends.week_end then 1
            end
        ) as week_count
    from occasions
    inner join ends on occasions.business_date = ends.business_date
    group by occasions.first_on, occasions.business_date
),

seconds as (
    select
        occasions.business_date as first_order_on,
        case
            when parameters.counts_orders and occasions.order_count >= 2
                then occasions.business_date
            else occasions.next_on
        end as business_date,
        count(*) as member_count
    from occasions
    cross join parameters
    where occasions.previous_on is null
    group by
        occasions.business_date,
        case
            when parameters.counts_orders and occasions.order_count >= 2
                then occasions.business_date
            else occasions.next_on
        end
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
        firsts.first_order_on,
        spent.business_date,
        sum(spent.net_amount) as net_amount
    from spent
    inner join firsts on spent.member_key = firsts.member_key
    group by firsts.first_order_on, spent.business_date
),

-- All by the two dates, so that members are read once whatever the kinds of period.
dated as (
    select
        first_order_on,
        business_date,
        month_count,
        quarter_count,
        week_count,
        0 as second_count,
        0 as net_amount
    from visits
    union all
    select
        first_order_on,
        business_date,
        0 as month_count,
        0 as quarter_count,
        0 as week_count,
        member_count as second_count,
        0 as net_amount
    from seconds
    where business_date is not null
    union all
    select
        first_order_on,
        business_date,
        0 as month_count,
        0 as quarter_count,
        0 as week_count,
        0 as second_count,
        net_amount
    from sales
),

summed as (
    select
        cohorts.cohort_type,
        cohorts.position as cohort_position,
        dates.position,
        sum(
            case
                when cohorts.cohort_type = 'month' then dated.month_count
                when cohorts.cohort_type = 'quarter' then dated.quarter_count
                else dated.week_count
            end
        ) as active_count,
        sum(dated.second_count) as second_count,
        sum(dated.net_amount) as net_amount
    from dated
    inner join dates as cohorts on dated.first_order_on = cohorts.business_date
    inner join dates
        on
            dated.business_date = dates.business_date
            and cohorts.cohort_type = dates.cohort_type
    group by cohorts.cohort_type, cohorts.position, dates.position
),

sizes as (
    select
        dates.cohort_type,
        dates.position as cohort_position,
        count(*) as cohort_size
    from firsts
    inner join dates on firsts.first_order_on = dates.business_date
    group by dates.cohort_type, dates.position
),

cells as (
    select
        sizes.cohort_type,
        cohorts.window_start as cohort_start,
        periods.position - cohorts.position as age,
        sizes.cohort_size,
        periods.is_complete,
        coalesce(summed.active_count, 0) as active_count,
        coalesce(summed.net_amount, 0) as net_amount,
        sum(coalesce(summed.second_count, 0)) over (
            partition by sizes.cohort_type, sizes.cohort_position order by periods.position
            rows between unbounded preceding and current row
        ) as repurchased_count,
        sum(coalesce(summed.net_amount, 0)) over (
            partition by sizes.cohort_type, sizes.cohort_position order by periods.position
            rows between unbounded preceding and current row
        ) as cumulative_net_amount
    from sizes
    inner join periods as cohorts
        on
            sizes.cohort_type = cohorts.cohort_type
            and sizes.cohort_position = cohorts.position
    inner join periods
        on
            sizes.cohort_type = periods.cohort_type
            and sizes.cohort_position <= periods.position
    left join summed
        on
            sizes.cohort_type = summed.cohort_type
            and sizes.cohort_position = summed.cohort_position
            and periods.position = summed.position
)

select
    cells.cohort_type,
    cells.cohort_start,
    cast(cells.age as integer) as age,
    cells.cohort_size,
    case when cells.is_complete then cast(cells.active_count as bigint) end as active_count,
    case
        when cells.is_complete then cast(cells.active_count as double) / cells.cohort_size
    end as retention_rate,
    case
        when cells.is_complete then cast(cells.repurchased_count as bigint)
    end as repurchased_count,
    case
        when cells.is_complete then cast(cells.repurchased_count as double) / cells.cohort_size
    end as cumulative_repurchase_rate,
    case when cells.is_complete then cast(cells.net_amount as decimal(18, 2)) end as net_amount,
    case
        when cells.is_complete then cast(cells.cumulative_net_amount as double) / cells.cohort_size
    end as cumulative_net_amount_per_member,
    cells.cohort_start < parameters.history_known_from as is_censored,
    parameters.as_of_date
from cells
cross join parameters
