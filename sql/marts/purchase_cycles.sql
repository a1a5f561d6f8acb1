/*---
description:
  en: >
    How many days a member takes from one occasion to the next, by scope: what the history
    proposes, and what is in use until a person promotes the proposal.
  zh: 各口径的会员购买周期（天）：由历史数据拟合的建议值，以及当前使用的值；建议值须由人确认后才启用。
grain: [scope_type, scope]
columns:
  scope_type: all, brand, or category where order lines tell it.
  scope: Which one of them; "all" for the whole data set.
  fitted_cycle: >
    Days; the median, over members with at least two occasions in the scope, of their own mean gap,
    which is the days from their first to their last occasion over the number of gaps. Empty
    without such members.
  repeater_count: Members with at least two occasions in the scope.
  history_days: Days from the first occasion of the scope to the as-of date, both included.
  is_proposed: >
    The history is at least four fitted cycles long and has at least five hundred such members, so
    that a person may promote the fitted cycle.
  cycle: Days of the cycle in use.
  lost_after: Days without an occasion after which a member is lost; four cycles in use.
  source: >
    Where the cycle in use comes from, which is promoted, preset (that of the kind of trade), or
    whole (that of the whole data set, for lack of one of its own).
  version: Version of the promoted cycles in use; empty for a preset.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [scope_type, scope, repeater_count, is_proposed, cycle, lost_after, source]
  - unique: [scope_type, scope]
  - accepted: {source: [promoted, preset, whole]}
  - holds: fitted_cycle is null or fitted_cycle >= 1
  - holds: is_proposed = false or fitted_cycle is not null
---*/
with

parameters as (
    select * from raw.parameters
),

whole as (
    select
        cycle_days,
        source,
        version
    from raw.purchase_cycles
    where scope_type = 'all'
),

brands as (
    select
        scope_key,
        scope_type,
        scope
    from intermediate.scopes
    where scope_type = 'brand'
),

category_days as (
    select distinct
        lines.category,
        told.member_key,
        told.business_date
    from staging.order_lines as lines
    inner join intermediate.told_orders as told on lines.order_key = told.order_key
    where lines.category is not null and told.is_valid and told.member_key is not null
),

histories as (
    select
        'all' as scope_type,
        'all' as scope,
        first_order_on,
        last_order_on,
        lifetime_occasion_count as occasion_count
    from intermediate.member_scores
    union all
    select
        brands.scope_type,
        brands.scope,
        min(occasions.business_date) as first_order_on,
        max(occasions.business_date) as last_order_on,
        count(*) as occasion_count
    from intermediate.occasions as occasions
    inner join brands on occasions.scope_key = brands.scope_key
    group by brands.scope_type, brands.scope, occasions.member_key
    union all
    select
        'category' as scope_type,
        category as scope,
        min(business_date) as first_order_on,
        max(business_date) as last_order_on,
        count(*) as occasion_count
    from category_days
    group by category, member_key
),

spans as (
    select
        scope_type,
        scope,
        date_diff('day', first_order_on, last_order_on) as span,
        occasion_count - 1 as gap_count,
        min(first_order_on) as first_on,
        count(*) as member_count
    from histories
    group by scope_type, scope, date_diff('day', first_order_on, last_order_on), occasion_count
),

beginnings as (
    select
        scope_type,
        scope,
        min(first_on) as first_on
    from spans
    group by scope_type, scope
),

ranked as (
    select
        scope_type,
        scope,
        cast(span as double) / gap_count as mean_gap,
        sum(member_count) over (
            partition by scope_type, scope
            order by cast(span as double) / gap_count, gap_count
            rows between unbounded preceding and current row
        ) as running_count,
        sum(member_count) over (partition by scope_type, scope) as repeater_count
    from spans
    where gap_count >= 1
),

-- The middle member, or the two on either side of the middle.
fitted as (
    select
        scope_type,
        scope,
        max(repeater_count) as repeater_count,
        (
            min(case when running_count >= floor((repeater_count + 1) / 2) then mean_gap end)
            + min(case when running_count >= floor(repeater_count / 2) + 1 then mean_gap end)
        ) / 2 as fitted_cycle
    from ranked
    group by scope_type, scope
),

rounded as (
    select
        beginnings.scope_type,
        beginnings.scope,
        cast(round(fitted.fitted_cycle, 2) as decimal(9, 2)) as fitted_cycle,
        cast(coalesce(fitted.repeater_count, 0) as bigint) as repeater_count,
        cast(
            date_diff('day', beginnings.first_on, parameters.as_of_date) + 1 as integer
        ) as history_days
    from beginnings
    left join fitted
        on beginnings.scope_type = fitted.scope_type and beginnings.scope = fitted.scope
    cross join parameters
)

select
    rounded.scope_type,
    rounded.scope,
    rounded.fitted_cycle,
    rounded.repeater_count,
    rounded.history_days,
    coalesce(
        rounded.history_days >= parameters.lost_after_cycles * rounded.fitted_cycle
        and rounded.repeater_count >= parameters.least_repeaters,
        false
    ) as is_proposed,
    coalesce(own.cycle_days, whole.cycle_days) as cycle,
    parameters.lost_after_cycles
    * coalesce(own.cycle_days, whole.cycle_days) as lost_after,
    case when own.cycle_days is null then 'whole' else own.source end as source,
    case when own.cycle_days is null then whole.version else own.version end as version,
    parameters.as_of_date
from rounded
cross join whole
cross join parameters
left join raw.purchase_cycles as own
    on rounded.scope_type = own.scope_type and rounded.scope = own.scope
