/*---
description: >
  What the occasions of one date add to every window that holds it, by scope: each figure is a sum
  over members' occasions, so that any window is the sum of its dates.
grain: [scope_key, business_date]
columns:
  scope_key: The scope; "first" and "next" are meant within it.
  business_date: Date of the occasions.
  occasion_count: Occasions, one per member who bought.
  first_count: Members whose first occasion ever it is.
  gap_count: Members who had bought before, so that a gap between occasions ends here.
  gap_sum: Days of those gaps.
  back_within_30_count: Of the first occasions, those followed by another within 30 days.
  back_within_60_count: Within 60 days.
  back_within_90_count: Within 90 days.
  back_within_180_count: Within 180 days.
  back_within_365_count: >
    Within 365 days. Where orders are what counts, two of them on the first date are enough for
    each of these.
checks:
  - not_null: [scope_key, business_date]
  - holds: first_count + gap_count = occasion_count and gap_sum >= gap_count
  - holds: back_within_30_count <= back_within_60_count
  - holds: back_within_60_count <= back_within_90_count
  - holds: back_within_90_count <= back_within_180_count
  - holds: back_within_180_count <= back_within_365_count and back_within_365_count <= first_count
---*/
with

parameters as (
    select * from raw.parameters
),

-- Days from a first occasion to the next; 0 where two orders on one date are enough.
occasions as (
    select
        occasions.scope_key,
        occasions.business_date,
        occasions.business_date - occasions.previous_on as gap_days,
        case
            when occasions.previous_on is not null then null
            when parameters.counts_orders and occasions.order_count >= 2 then 0
            else occasions.next_on - occasions.business_date
        end as back_days
    from intermediate.occasions as occasions
    cross join parameters
)

select
    scope_key,
    business_date,
    count(*) as occasion_count,
    count(*) - count(gap_days) as first_count,
    count(gap_days) as gap_count,
    cast(coalesce(sum(gap_days), 0) as bigint) as gap_sum,
    cast(coalesce(sum(cast(back_days <= 30 as integer)), 0) as bigint) as back_within_30_count,
    cast(coalesce(sum(cast(back_days <= 60 as integer)), 0) as bigint) as back_within_60_count,
    cast(coalesce(sum(cast(back_days <= 90 as integer)), 0) as bigint) as back_within_90_count,
    cast(coalesce(sum(cast(back_days <= 180 as integer)), 0) as bigint) as back_within_180_count,
    cast(coalesce(sum(cast(back_days <= 365 as integer)), 0) as bigint) as back_within_365_count
from occasions
group by scope_key, business_date
