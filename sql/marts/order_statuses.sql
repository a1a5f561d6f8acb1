/*---
description:
  en: What each status of the exported orders was taken for. A status that nobody explains is not
    paid; explain it in dataset.yaml.
  zh: 订单各状态被如何理解；无人说明的状态不算已付款，请在 dataset.yaml 中说明。
grain: [status]
columns:
  status: Status as exported; empty text where a row has none.
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

counted as (
    select
        status,
        sum(row_count) as row_count,
        sum(gross_amount) as gross_amount
    from staging.order_words
    group by status
)

select
    coalesce(counted.status, '') as status,
    statuses.status_class,
    coalesce(statuses.is_paid, false) as is_paid,
    cast(counted.row_count as bigint) as row_count,
    cast(counted.gross_amount as decimal(18, 2)) as gross_amount,
    parameters.as_of_date
from counted
left join raw.order_statuses as statuses on counted.status = statuses.status
cross join raw.parameters as parameters
