/*---
description: >
  The lines of the orders, as sold, each once. Repeated exports repeat lines: those with a number
  count once by it, whatever file they stand in; those without one count as they stand in one file
  of the order, that of the version of the order that wins, else the one with most of its lines.
  Equal lines of one file are two pieces scanned apart. What a line does not say of its product, the
  product file does.
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
        file_number
    from staging.repeated_orders
    where version = 1
),

files_of_orders as (
    select
        order_id,
        file_number,
        count(*) as line_count
    from repeated
    group by order_id, file_number
),

ranked_files as (
    select
        files_of_orders.order_id,
        files_of_orders.file_number,
        row_number() over (
            partition by files_of_orders.order_id
            order by
                case when winners.order_id is null then 1 else 0 end,
                files_of_orders.line_count desc,
                files_of_orders.file_number desc
        ) as place
    from files_of_orders
    left join winners
        on
            files_of_orders.order_id = winners.order_id
            and files_of_orders.file_number = winners.file_number
),

ranked as (
    select
        repeated.*,
        ranked_files.place as file_place,
        row_number() over (
            partition by repeated.order_id, repeated.line_id
            order by
                ranked_files.place,
                repeated.amount,
                repeated.quantity,
                repeated.sku,
                repeated.category,
                repeated.brand,
                repeated.list_amount,
                repeated.cost_amount
        ) as line_place
    from repeated
    inner join ranked_files
        on
            repeated.order_id = ranked_files.order_id
            and repeated.file_number = ranked_files.file_number
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
    from ranked
    where (line_id is null and file_place = 1) or (line_id is not null and line_place = 1)
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
