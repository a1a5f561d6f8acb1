/*---
description: >
  Orders and net sales of each month with control totals, as they would be counted by each set of
  rules. Sets are evaluated as a whole, so that rules which touch the same orders do not add up
  twice.
grain: [rule_set, month]
columns:
  rule_set: The rules; none for the data set's own.
  month: First date of the month.
  order_count: Orders by these rules.
  net_amount: Net sales by these rules, in the data set's currency.
checks:
  - not_null: [rule_set, month, order_count, net_amount]
  - unique: [rule_set, month]
---*/
with

cells as (
    select
        cells.*,
        neighbours.month as utc_month
    from intermediate.control_cells as cells
    left join raw.utc_months as neighbours
        on
            (extract(year from cells.month) * 12 + extract(month from cells.month))
            + cells.month_shift
            = extract(year from neighbours.month) * 12 + extract(month from neighbours.month)
),

counted as (
    select
        rules.rule_set,
        case when rules.counts_utc_dates then cells.utc_month else cells.month end as month,
        case when cells.box = 'return' then 0 else cells.order_count end as order_count,
        case
            when cells.box = 'return' and rules.ignores_refunds then 0
            when rules.ignores_refunds then cells.paid_amount
            else cells.net_amount
        end as net_amount
    from cells
    cross join raw.rule_sets as rules
    where
        (
            cells.box = 'valid'
            or cells.box = 'return'
            or (cells.box = 'zero' and rules.keeps_zero_amounts)
            or (cells.box = 'refunded' and rules.ignores_refunds)
            or (cells.box = 'duplicate' and rules.counts_duplicates)
            or (cells.box = 'unpaid' and rules.counts_unpaid)
            or (cells.box = 'test' and rules.counts_tests)
        )
        and not (cells.is_guest and rules.leaves_guests_out)
)

select
    rules.rule_set,
    months.month,
    cast(coalesce(sum(counted.order_count), 0) as bigint) as order_count,
    cast(coalesce(sum(counted.net_amount), 0) as decimal(18, 2)) as net_amount
from raw.utc_months as months
cross join raw.rule_sets as rules
left join counted on months.month = counted.month and rules.rule_set = counted.rule_set
where rules.rule_set <> 'unexplained'
group by rules.rule_set, months.month
