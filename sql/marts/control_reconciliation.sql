/*---
description:
  en: The source system's own monthly totals beside these, and the fewest differing rules that
    explain the difference to the last order and cent.
  zh: 来源系统的月度合计与本系统的对比，以及能分毫不差地解释差异的最少口径差别。
grain: [month, measure]
columns:
  month: First date of the month.
  measure: orders or net_sales.
  source_value: What the source system reports, in orders or in the data set's currency.
  own_value: The same by the data set's own rules.
  difference: Source value minus own value.
  explained_by: Codes of the rules that the source system follows; none, or unexplained.
  explained_by_zh: The rules, in Chinese.
  explained_by_en: The rules, in English.
  is_complete: The month has ended by the as-of date and lies within the loaded history.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [month, measure, source_value, own_value, difference, explained_by, is_complete]
  - unique: [month, measure]
  - holds: (difference = 0) = (explained_by = 'none')
---*/
with

theirs as (
    select
        month,
        'orders' as measure,
        cast(max(orders) as decimal(18, 2)) as source_value
    from raw.control_totals
    where orders is not null
    group by month
    union all
    select
        month,
        'net_sales' as measure,
        cast(max(net_sales) as decimal(18, 2)) as source_value
    from raw.control_totals
    where net_sales is not null
    group by month
),

candidates as (
    select
        rule_set,
        month,
        'orders' as measure,
        cast(order_count as decimal(18, 2)) as own_value
    from intermediate.control_totals
    union all
    select
        rule_set,
        month,
        'net_sales' as measure,
        net_amount as own_value
    from intermediate.control_totals
),

explanations as (
    select
        theirs.month,
        theirs.measure,
        min(rules.position) as position
    from theirs
    inner join candidates
        on
            theirs.month = candidates.month
            and theirs.measure = candidates.measure
            and theirs.source_value = candidates.own_value
    inner join raw.rule_sets as rules on candidates.rule_set = rules.rule_set
    group by theirs.month, theirs.measure
),

unexplained as (
    select position from raw.rule_sets
    where rule_set = 'unexplained'
)

select
    theirs.month,
    theirs.measure,
    theirs.source_value,
    cast(coalesce(ours.own_value, 0) as decimal(18, 2)) as own_value,
    cast(theirs.source_value - coalesce(ours.own_value, 0) as decimal(18, 2)) as difference,
    rules.rule_set as explained_by,
    rules.rule_set_zh as explained_by_zh,
    rules.rule_set_en as explained_by_en,
    coalesce(windows.is_complete and not windows.is_censored, false) as is_complete,
    parameters.as_of_date
from theirs
left join candidates as ours
    on
        theirs.month = ours.month
        and theirs.measure = ours.measure
        and ours.rule_set = 'none'
cross join unexplained
left join explanations
    on
        theirs.month = explanations.month
        and theirs.measure = explanations.measure
inner join raw.rule_sets as rules
    on coalesce(explanations.position, unexplained.position) = rules.position
left join raw.windows as windows
    on
        theirs.month = windows.window_start
        and windows.window_type = 'month'
cross join raw.parameters as parameters
