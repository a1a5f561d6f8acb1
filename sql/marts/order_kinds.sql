/*---
description:
  en: What each kind of the exported orders was taken for; a kind that nobody explains is a sale.
    Empty where the orders have no kind.
  zh: 订单各类型被如何理解；无人说明的类型按销售处理。订单没有类型列时为空。
grain: [word]
columns:
  word: Kind as exported.
  order_kind: What it was taken for, for example sale, deposit or gift_card.
  is_known: Somebody explained the word.
  row_count: Order rows with it, before duplicates are left out.
  gross_amount: Amount paid on them, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [word, order_kind, is_known, row_count, gross_amount]
  - unique: [word]
---*/
with

counted as (
    select
        order_kind as word,
        sum(row_count) as row_count,
        sum(gross_amount) as gross_amount
    from staging.order_words
    where order_kind is not null
    group by order_kind
)

select
    counted.word,
    coalesce(kinds.order_kind, 'sale') as order_kind,
    kinds.word is not null as is_known,
    cast(counted.row_count as bigint) as row_count,
    cast(counted.gross_amount as decimal(18, 2)) as gross_amount,
    parameters.as_of_date
from counted
left join raw.order_kinds as kinds on counted.word = kinds.word
cross join raw.parameters as parameters
