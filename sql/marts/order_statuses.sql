/*---
description:
  en: What each status of the exported orders was taken for. A status that nobody explains is not
    paid; explain it in dataset.yaml. Unknown words of few rows stand together, so that a row whose
    cells have slipped shows nothing of a person; doctor lists them.
  zh: 订单各状态被如何理解；无人说明的状态不算已付款，请在 dataset.yaml 中说明；
    行数很少的未知词合并为一行，以免错位的单元格泄露个人信息，明细见 doctor。
grain: [status]
columns:
  status: Status as exported; empty text where a row has none, (other) for rare unknown words.
  status_class: created, paid, shipped, done, refunded, cancelled or test; empty where unknown.
  is_paid: Orders with it count as paid.
  row_count: Order rows with it, before duplicates are left out.
  gross_amount: Amount paid on them, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [status, is_paid, row_count, gross_amount]
  - unique: [status]
---*/
with

parameters as (
    select * from raw.parameters
),

counted as (
    select
        status,
        sum(row_count) as row_count,
        sum(gross_amount) as gross_amount
    from staging.order_words
    group by status
),

explained as (
    select
        case
            when counted.status is null then ''
            when statuses.status is null and counted.row_count < parameters.small_number
                then '(other)'
            else counted.status
        end as status,
        statuses.status_class,
        coalesce(statuses.is_paid, false) as is_paid,
        counted.row_count,
        counted.gross_amount
    from counted
    cross join parameters
    left join raw.order_statuses as statuses on counted.status = statuses.status
)

select
    explained.status,
    explained.status_class,
    explained.is_paid,
    cast(sum(explained.row_count) as bigint) as row_count,
    cast(sum(explained.gross_amount) as decimal(18, 2)) as gross_amount,
    parameters.as_of_date
from explained
cross join parameters
group by
    explained.status, explained.status_class, explained.is_paid, parameters.as_of_date
