/*---
description:
  en: >
    What each event brought: net sales of its date against an ordinary date, and the net of the
    seven dates before and after it, for purchases are put off before an event and brought forward
    by it.
  zh: 每场活动的效果：当日净销售额与平日基准相比的拉升，以及前后各七天的净效果（活动前的观望与活动后的透支都会抵消拉升）。
grain: [event_on, event]
columns:
  event_on: Date of the event.
  event: Name of the event; empty text where the calendar has none.
  is_holiday: The date is a public holiday, so that not all of the uplift is the event's.
  net_amount: Net sales of the date, in the data set's currency.
  baseline_amount: >
    Median of the eight latest same weekdays before that were no event and no holiday; empty below
    four of them.
  baseline_day_count: Weekdays that the baseline rests on.
  uplift_amount: Net sales less baseline.
  uplift_rate: Uplift as a share of the baseline; empty where that is not above 0.
  null_reason: Why there is no uplift, no_baseline.
  net_effect_amount: >
    Sum of net sales less baseline over the date and the seven before and after it, each with its
    own baseline.
  net_effect_null_reason: Why there is none; immature until seven days after, or no_baseline.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [event_on, event, net_amount, baseline_day_count]
  - unique: [event_on, event]
  - holds: (uplift_amount is null) = (null_reason is not null)
  - holds: (net_effect_amount is null) = (net_effect_null_reason is not null)
---*/
with

events as (
    select distinct
        date as event_on,
        coalesce(trim(event), '') as event
    from raw.events
),

dates as (
    select distinct event_on
    from events
),

around as (
    select
        dates.event_on,
        count(days.baseline_amount) as day_count,
        sum(days.net_amount - days.baseline_amount) as net_effect_amount
    from dates
    inner join intermediate.day_baselines as days
        on days.business_date between dates.event_on - 7 and dates.event_on + 7
    group by dates.event_on
)

select
    events.event_on,
    events.event,
    days.is_holiday,
    days.net_amount,
    days.baseline_amount,
    days.baseline_day_count,
    days.net_amount - days.baseline_amount as uplift_amount,
    case
        when days.baseline_amount > 0
            then
                cast(days.net_amount - days.baseline_amount as double)
                / cast(days.baseline_amount as double)
    end as uplift_rate,
    case when days.baseline_amount is null then 'no_baseline' end as null_reason,
    case
        when around.day_count = 15 then cast(around.net_effect_amount as decimal(18, 3))
    end as net_effect_amount,
    case
        when events.event_on + 7 > parameters.as_of_date then 'immature'
        when around.day_count < 15 then 'no_baseline'
    end as net_effect_null_reason,
    parameters.as_of_date
from events
inner join intermediate.day_baselines as days on events.event_on = days.business_date
inner join around on events.event_on = around.event_on
cross join raw.parameters as parameters
