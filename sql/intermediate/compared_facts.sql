/*---
description: >
  What the metrics that add up over orders are compared with, known as long after its end as the
  later window is: for a complete window what is to be added to the earlier window's numerator and
  denominator, for one under way the whole of the same number of dates.
grain: [scope_type, scope, window_type, window_start, comparison, metric]
columns:
  scope_type: What the numbers are about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window.
  window_start: First business date of the later window.
  comparison: How the later window is compared.
  metric: Code of the metric.
  numerator: To be added to the numerator, or the whole of it.
  denominator: To be added to the denominator, or the whole of it; empty for counts and sums.
checks:
  - not_null: [scope_type, scope, window_type, window_start, comparison, metric]
  - unique: [scope_type, scope, window_type, window_start, comparison, metric]
---*/
with

parts as (
    select
        days.scope_key,
        pairs.window_type,
        pairs.window_start,
        pairs.comparison,
        days.order_count,
        days.net_amount,
        days.member_order_count,
        days.member_net_amount,
        days.registered_order_count,
        days.registered_net_amount,
        0 as refunded_count,
        0 as refunded_amount
    from intermediate.sales_days as days
    inner join intermediate.window_pairs as pairs
        on
            days.business_date between pairs.compared_start and pairs.compared_end
            and pairs.is_to_date
    union all
    select
        scope_key,
        window_type,
        window_start,
        comparison,
        order_count,
        net_amount,
        member_order_count,
        member_net_amount,
        registered_order_count,
        registered_net_amount,
        -refunded_count as refunded_count,
        -refunded_amount as refunded_amount
    from intermediate.late_refunds
),

facts as (
    select
        scope_key,
        window_type,
        window_start,
        comparison,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount,
        sum(member_order_count) as member_order_count,
        sum(member_net_amount) as member_net_amount,
        sum(registered_order_count) as registered_order_count,
        sum(registered_net_amount) as registered_net_amount,
        sum(refunded_count) as refunded_count,
        sum(refunded_amount) as refunded_amount
    from parts
    group by scope_key, window_type, window_start, comparison
)

select
    scopes.scope_type,
    scopes.scope,
    facts.window_type,
    facts.window_start,
    facts.comparison,
    metrics.metric,
    cast(
        case
            when metrics.numerator_of = 'orders' then facts.order_count
            when metrics.numerator_of = 'member_orders' then facts.member_order_count
            when
                metrics.numerator_of = 'guest_orders'
                then facts.order_count - facts.member_order_count
            when metrics.numerator_of = 'registered_orders' then facts.registered_order_count
            when metrics.numerator_of = 'sales' then facts.net_amount
            when metrics.numerator_of = 'member_sales' then facts.member_net_amount
            when
                metrics.numerator_of = 'guest_sales'
                then facts.net_amount - facts.member_net_amount
            when metrics.numerator_of = 'registered_sales' then facts.registered_net_amount
            when metrics.numerator_of = 'refunds' then facts.refunded_amount
            when metrics.numerator_of = 'refunded_orders' then facts.refunded_count
        end as decimal(18, 2)
    ) as numerator,
    cast(
        case
            when metrics.denominator_of = 'orders' then facts.order_count
            when metrics.denominator_of = 'member_orders' then facts.member_order_count
            when
                metrics.denominator_of = 'guest_orders'
                then facts.order_count - facts.member_order_count
            when metrics.denominator_of = 'sales' then facts.net_amount
            when metrics.denominator_of = 'paid' then 0
        end as decimal(18, 2)
    ) as denominator
from facts
inner join intermediate.scopes as scopes on facts.scope_key = scopes.scope_key
inner join intermediate.metric_sums as metrics on metrics.numerator_of is not null
