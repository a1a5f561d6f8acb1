/*---
description: >
  The lines of the orders, as sold, each once. Repeated exports repeat lines: those with a number
  count once by it, whatever file they stand in. Of an order in several versions only the lines in
  the file of the winning one count; otherwise those of all files do, for an export may be cut
  inside an order, and a line stands as often as in the file that has it most often. Equal lines of
  one file are two pieces scanned apart. What a line does not say of its product, the product file
  does.
grain: [line, no key of its own]
columns:
  order_key: The order, an integer that lives only inside one run.
  category: Product category.
  brand: Brand of the product.
  quantity: Pieces.
  amount: Paid for the line, in the data set's currency, before refunds.
  list_amount: Price of the line before any discount.
  cost_amount: Cost of the goods.
checks:
  - not_null: [order_key]
---*/
with

repeated as (
    select
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.category,
        lines.brand,
        lines.quantity,
        lines.amount,
        lines.list_amount,
        lines.cost_amount,
        lines.file_number
    from raw.order_lines as lines
    inner join
        staging.repeated_line_hashes
            as twins
        on hash(lines.order_id) = twins.order_hash
),

winners as (
    select
        order_id,
        max(case when version = 1 then file_number end) as file_number
    from staging.repeated_orders
    group by order_id
    having max(version) > 1
),

placed as (
    select
        repeated.*,
        winners.order_id is null or repeated.file_number = winners.file_number as is_current,
        row_number() over (
            partition by
                repeated.order_id,
                repeated.file_number,
                repeated.line_id,
                repeated.sku,
                repeated.category,
                repeated.brand,
                repeated.quantity,
                repeated.amount,
                repeated.list_amount,
                repeated.cost_amount
            order by repeated.file_number
        ) as place_in_file
    from repeated
    left join winners on repeated.order_id = winners.order_id
),

unnumbered as (
    select
        order_id,
        sku,
        category,
        brand,
        quantity,
        amount,
        list_amount,
        cost_amount
    from placed
    where line_id is null and is_current
    group by
        order_id,
        sku,
        category,
        brand,
        quantity,
        amount,
        list_amount,
        cost_amount,
        place_in_file
),

numbered as (
    select
        placed.*,
        row_number() over (
            partition by placed.order_id, placed.line_id
            order by
                case when placed.is_current then 0 else 1 end,
                -placed.file_number,
                placed.amount,
                placed.quantity,
                placed.sku,
                placed.category,
                placed.brand,
                placed.list_amount,
                placed.cost_amount
        ) as line_place
    from placed
    where placed.line_id is not null
),

read_once as (
    select
        lines.order_id,
        lines.sku,
        lines.category,
        lines.brand,
        lines.quantity,
        lines.amount,
        lines.list_amount,
        lines.cost_amount
    from raw.order_lines as lines
    left join
        staging.repeated_line_hashes
            as twins
        on hash(lines.order_id) = twins.order_hash
    where twins.order_hash is null
    union all
    select
        order_id,
        sku,
        category,
        brand,
        quantity,
        amount,
        list_amount,
        cost_amount
    from unnumbered
    union all
    select
        order_id,
        sku,
        category,
        brand,
        quantity,
        amount,
        list_amount,
        cost_amount
    from numbered
    where line_place = 1
)

select
    special.order_key,
    coalesce(read_once.category, products.category) as category,
    coalesce(read_once.brand, products.brand) as brand,
    read_once.quantity,
    read_once.amount,
    read_once.list_amount,
    read_once.cost_amount
from read_once
inner join staging.special_orders as special on read_once.order_id = special.order_id
left join staging.products as products on read_once.sku = products.sku
