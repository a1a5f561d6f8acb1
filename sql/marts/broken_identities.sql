/*---
description:
  en: >
    Where numbers that must add up do not: members and guests to all, new, retained and reactivated
    buyers to all buyers, later orders to orders less buyers, segments to all members, boxes of the
    waterfall to all rows and amounts read. Always empty in what is published.
  zh: 应当平衡却未平衡的数字：会员加散客等于全部，新客、留存与召回相加等于购买会员，复购订单等于订单减购买人数，
    分群合计等于全体会员，漏斗各项合计等于读入的行数与金额。已发布的快照中恒为空。
grain: [identity, scope_type, scope, window_type, window_start]
columns:
  identity: What does not add up.
  scope_type: What the numbers are about.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window; all where there is no window.
  window_start: First business date of the window; the as-of date where there is no window.
  difference: By how much the parts miss the whole.
checks:
  - holds: difference = 0
---*/
with

parts as (
    select
        scope_type,
        scope,
        window_type,
        window_start,
        case
            when metric = 'orders' or metric = 'orders_member' or metric = 'orders_guest'
                then 'orders of members and guests'
            when
                metric = 'net_sales'
                or metric = 'net_sales_member'
                or metric = 'net_sales_guest'
                then 'sales of members and guests'
            else 'buyers by lifecycle'
        end as identity,
        case
            when
                metric = 'orders' or metric = 'net_sales' or metric = 'active_members'
                then -numerator
            else numerator
        end as amount
    from marts.kpi
    where
        null_reason is null
        and (
            metric = 'orders'
            or metric = 'orders_member'
            or metric = 'orders_guest'
            or metric = 'net_sales'
            or metric = 'net_sales_member'
            or metric = 'net_sales_guest'
            or metric = 'active_members'
            or metric = 'lifecycle_new'
            or metric = 'lifecycle_retained'
            or metric = 'lifecycle_reactivated'
        )
),

balances as (
    select
        identity,
        scope_type,
        scope,
        window_type,
        window_start,
        cast(sum(amount) as double) as difference
    from parts
    group by identity, scope_type, scope, window_type, window_start
    -- A metric that is not published in a window has no say there.
    having count(*) = case when identity = 'buyers by lifecycle' then 4 else 3 end
    union all
    select
        'later orders of buyers' as identity,
        repeated.scope_type,
        repeated.scope,
        repeated.window_type,
        repeated.window_start,
        cast(
            repeated.denominator - buyers.numerator - repeated.numerator as double
        ) as difference
    from marts.kpi as repeated
    inner join marts.kpi as buyers
        on
            repeated.scope_type = buyers.scope_type
            and repeated.scope = buyers.scope
            and repeated.window_type = buyers.window_type
            and repeated.window_start = buyers.window_start
    where repeated.metric = 'repeat_order_share' and buyers.metric = 'active_members'
    union all
    select
        'members by segment' as identity,
        'all' as scope_type,
        'all' as scope,
        'all' as window_type,
        as_of_date as window_start,
        round(sum(member_share) - 1, 9) as difference
    from marts.segment_summary
    where member_share is not null
    group by as_of_date
    union all
    select
        'rows of the waterfall' as identity,
        'all' as scope_type,
        'all' as scope,
        'all' as window_type,
        as_of_date as window_start,
        cast(sum(case when step = 'read' then -row_count else row_count end) as double)
            as difference
    from marts.population_waterfall
    group by as_of_date
    union all
    select
        'amounts of the waterfall' as identity,
        'all' as scope_type,
        'all' as scope,
        'all' as window_type,
        as_of_date as window_start,
        cast(sum(case when step = 'read' then -gross_amount else gross_amount end) as double)
            as difference
    from marts.population_waterfall
    group by as_of_date
)

select
    identity,
    scope_type,
    scope,
    window_type,
    window_start,
    difference
from balances
where difference <> 0
