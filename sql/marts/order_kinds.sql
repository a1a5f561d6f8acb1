/*---
description:
  en: What each kind of the exported orders was taken for; a kind that nobody explains is a sale.
    Empty where the orders have no kind.
  zh: 订单各类型被如何理解；无人说明的类型按销售处理。订单没有类型列时为空。
grain: [word]
columns:
  word: Kind as exported; (other) for rare unknown words.
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

parameters as (
    select * from raw.parameters
),

counted as (
    select
        order_kind as word,
        sum(row_count) as row_count,
        sum(gross_amount) as gross_amount
    from staging.order_words
    where order_kind is not null
    group by order_kind
),

explained as (
    select
        case
            when kinds.word is null and counted.row_count < parameters.small_number then '(other)'
            else counted.word
        end as word,
        coalesce(kinds.order_kind, 'sale') as order_kind,
        kinds.word is not null as is_known,
        counted.row_count,
        counted.gross_amount
    from counted
    cross join parameters
    left join raw.order_kinds as kinds on counted.word = kinds.word
)

select
    explained.word,
    explained.order_kind,
    explained.is_known,
    cast(sum(explained.row_count) as bigint) as row_count,
    cast(sum(explained.gross_amount) as decimal(18, 2)) as gross_amount,
    parameters.as_of_date
from explained
cross join parameters
group by explained.word, explained.order_kind, explained.is_known, parameters.as_of_date
