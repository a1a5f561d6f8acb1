/*---
description: >
  How many of those who were ever lost come back within 365 days of it, by the Kaplan-Meier
  estimate: members who may still come back count for as long as they have been watched.
grain: [scope_key]
columns:
  scope_key: The scope, of all or of a brand.
  loss_count: Times that a member was lost by the as-of date.
  return_share: Estimated share that comes back; empty while nobody was watched for 365 days.
checks:
  - not_null: [scope_key, loss_count]
  - holds: return_share is null or (0 <= return_share and return_share <= 1)
---*/
with

parameters as (
    select * from raw.parameters
),

losses as (
    select
        dates.scope_key,
        dates.business_date + cycles.lost_after_days + 1 as lost_on,
        dates.next_on,
        dates.member_count
    from intermediate.repeat_dates as dates
    inner join intermediate.scope_cycles as cycles on dates.scope_key = cycles.scope_key
),

waits as (
    select
        losses.scope_key,
        date_diff(
            'day', losses.lost_on, coalesce(losses.next_on, parameters.as_of_date)
        ) as wait_days,
        sum(losses.member_count) as member_count,
        sum(case when losses.next_on is not null then losses.member_count else 0 end)
            as back_count
    from losses
    cross join parameters
    where
        losses.lost_on <= parameters.as_of_date
        and (losses.next_on is null or losses.next_on > losses.lost_on)
    group by
        losses.scope_key,
        date_diff('day', losses.lost_on, coalesce(losses.next_on, parameters.as_of_date))
),

at_risk as (
    select
        scope_key,
        wait_days,
        back_count,
        sum(member_count) over (
            partition by scope_key order by wait_days desc
            rows between unbounded preceding and current row
        ) as risk_count,
        sum(member_count) over (partition by scope_key) as loss_count
    from waits
),

-- A product of the shares that stay away, as a sum of logarithms, which is exact so that the order
-- of the rows does not matter; nobody is left where all return.
survival as (
    select
        scope_key,
        max(loss_count) as loss_count,
        max(wait_days) as longest_wait,
        max(case when wait_days <= 365 and back_count = risk_count then 1 else 0 end) as is_over,
        exp(
            sum(
                case
                    when wait_days <= 365 and back_count < risk_count
                        then cast(
                            ln(1 - cast(back_count as double) / cast(risk_count as double))
                            as decimal(24, 15)
                        )
                    else 0
                end
            )
        ) as away_share
    from at_risk
    group by scope_key
)

select
    scope_key,
    cast(loss_count as bigint) as loss_count,
    case
        when is_over = 1 then 1.0
        when longest_wait >= 365 then greatest(1 - away_share, 0)
    end as return_share
from survival
