/*---
description: >
  Net sales of the whole data set on each event's date and the seven dates before and after it, with
  what an ordinary date would have sold: the median of the eight latest same weekdays before that
  were no event and no holiday. Below four of them there is no baseline.
grain: [business_date]
columns:
  business_date: A date within seven days of an event.
  is_event: An event stands on it.
  is_holiday: It is a public holiday.
  net_amount: Net sales of the date, 0 where nothing was sold, in the data set's currency.
  baseline_day_count: Ordinary weekdays that the baseline rests on, eight at most.
  baseline_amount: Their median; empty below four of them.
checks:
  - not_null: [business_date, is_event, is_holiday, net_amount, baseline_day_count]
  - unique: [business_date]
---*/
with

events as (
    select distinct date as event_on
    from raw.events
),

holidays as (
    select distinct date as holiday_on
    from raw.holidays
),

sold as (
    select
        days.business_date,
        days.net_amount
    from intermediate.sales_days as days
    inner join intermediate.scopes as scopes on days.scope_key = scopes.scope_key
    where scopes.scope_type = 'all'
),

dates as (
    select
        calendar.date as business_date,
        extract(dow from calendar.date) as weekday,
        events.event_on is not null as is_event,
        holidays.holiday_on is not null as is_holiday,
        coalesce(sold.net_amount, 0) as net_amount
    from raw.calendar as calendar
    left join events on calendar.date = events.event_on
    left join holidays on calendar.date = holidays.holiday_on
    left join sold on calendar.date = sold.business_date
),

near as (
    select distinct
        dates.business_date,
        dates.weekday,
        dates.is_event,
        dates.is_holiday,
        dates.net_amount
    from dates
    inner join events
        on dates.business_date between events.event_on - 7 and events.event_on + 7
),

earlier as (
    select
        near.business_date,
        ordinary.net_amount,
        row_number() over (
            partition by near.business_date order by ordinary.business_date desc
        ) as age
    from near
    inner join dates as ordinary
        on near.weekday = ordinary.weekday and near.business_date > ordinary.business_date
    where not ordinary.is_event and not ordinary.is_holiday
),

ranked as (
    select
        business_date,
        net_amount,
        row_number() over (partition by business_date order by net_amount, age) as place,
        count(*) over (partition by business_date) as day_count
    from earlier
    where age <= 8
),

medians as (
    select
        business_date,
        day_count,
        cast(
            sum(case when 2 * place between day_count and day_count + 2 then net_amount end)
            as decimal(20, 2)
        ) as middle_amount,
        count(case when 2 * place between day_count and day_count + 2 then 1 end) as middle_count
    from ranked
    group by business_date, day_count
)

select
    near.business_date,
    near.is_event,
    near.is_holiday,
    cast(near.net_amount as decimal(18, 2)) as net_amount,
    coalesce(medians.day_count, 0) as baseline_day_count,
    case
        when medians.day_count >= 4
            then cast(
                medians.middle_amount * case when medians.middle_count = 1 then 1.0 else 0.5 end
                as decimal(18, 3)
            )
    end as baseline_amount
from near
left join medians on near.business_date = medians.business_date
