/*---
description:
  en: Where each order row of the input went, in rows and in money; the boxes after the first add up
    to it exactly.
  zh: 输入的每一行订单去了哪里，按行数与金额；首行等于其余各行之和。
grain: [position]
columns:
  position: Place in the waterfall.
  step: Code of the box; read is the whole, every other box is a part.
  step_zh: Its Chinese name.
  step_en: Its English name.
  row_count: Order rows in the box.
  gross_amount: Amount paid on them before refunds, in the data set's currency; that of parcels
    stands with the order they belong to.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [position, step, row_count, gross_amount]
  - unique: [position]
  - unique: [step]
  - holds: row_count >= 0
---*/
with

read_rows as (
    select
        coalesce(sum(row_count), 0) as row_count,
        coalesce(sum(continuation_count), 0) as continuation_count
    from raw.files
    where source_table = 'orders'
),

read_money as (
    select coalesce(sum(gross_amount), 0) as gross_amount
    from staging.order_words
),

rejected as (
    select
        count(*) as row_count,
        coalesce(sum(amount), 0) as gross_amount
    from raw.rejects
    where source_table = 'orders'
),

repeated as (
    select
        coalesce(sum(duplicate_count), 0) as duplicate_count,
        coalesce(sum(duplicate_amount), 0) as duplicate_amount,
        coalesce(sum(conflicting_count), 0) as conflicting_count,
        coalesce(sum(conflicting_amount), 0) as conflicting_amount
    from staging.order_duplicates
),

kept as (
    select
        case
            when not is_valid then invalid_reason
            when member_key is null then 'guest'
            when is_registered then 'registered'
            else 'identified'
        end as step,
        count(*) as row_count,
        sum(paid_amount) as gross_amount
    from staging.orders
    group by
        case
            when not is_valid then invalid_reason
            when member_key is null then 'guest'
            when is_registered then 'registered'
            else 'identified'
        end
),

boxes as (
    select
        'read' as step,
        read_rows.row_count,
        read_money.gross_amount + rejected.gross_amount as gross_amount
    from read_rows
    cross join read_money
    cross join rejected
    union all
    select
        'quarantined' as step,
        row_count,
        gross_amount
    from rejected
    union all
    select
        'continuation' as step,
        continuation_count as row_count,
        0 as gross_amount
    from read_rows
    union all
    select
        'duplicate' as step,
        duplicate_count as row_count,
        duplicate_amount as gross_amount
    from repeated
    union all
    select
        'conflicting' as step,
        conflicting_count as row_count,
        conflicting_amount as gross_amount
    from repeated
    union all
    select
        step,
        row_count,
        gross_amount
    from kept
)

select
    steps.position,
    steps.step,
    steps.step_zh,
    steps.step_en,
    cast(coalesce(boxes.row_count, 0) as bigint) as row_count,
    cast(coalesce(boxes.gross_amount, 0) as decimal(18, 2)) as gross_amount,
    parameters.as_of_date
from raw.waterfall_steps as steps
left join boxes on steps.step = boxes.step
cross join raw.parameters as parameters
