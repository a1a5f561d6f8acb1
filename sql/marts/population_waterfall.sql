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
  gross_amount: Amount paid on them before refunds, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [position, step, row_count, gross_amount]
  - unique: [position]
  - unique: [step]
  - holds: row_count >= 0
---*/
with

parsed as (
    select
        count(*) as row_count,
        coalesce(sum(paid_amount), 0) as gross_amount
    from raw.orders
),

rejected as (
    select
        count(*) as row_count,
        coalesce(sum(amount), 0) as gross_amount
    from raw.rejects
    where source_table = 'orders'
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

kept_in_all as (
    select
        coalesce(sum(row_count), 0) as row_count,
        coalesce(sum(gross_amount), 0) as gross_amount
    from kept
),

tied as (
    select
        count(*) as row_count,
        coalesce(sum(versions.paid_amount), 0) as gross_amount
    from staging.repeated_orders as versions
    inner join staging.repeated_orders as winners
        on versions.order_id = winners.order_id and winners.version = 1
    where winners.is_tied
),

boxes as (
    select
        'read' as step,
        parsed.row_count + rejected.row_count as row_count,
        parsed.gross_amount + rejected.gross_amount as gross_amount
    from parsed
    cross join rejected
    union all
    select
        'quarantined' as step,
        row_count,
        gross_amount
    from rejected
    union all
    select
        'duplicate' as step,
        parsed.row_count - tied.row_count - kept_in_all.row_count as row_count,
        parsed.gross_amount - tied.gross_amount - kept_in_all.gross_amount as gross_amount
    from parsed
    cross join tied
    cross join kept_in_all
    union all
    select
        'conflicting' as step,
        row_count,
        gross_amount
    from tied
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
