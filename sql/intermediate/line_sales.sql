/*---
description: >
  What the lines of valid orders come to, by order: pieces, and the amounts from which discounts and
  margins are made. Empty where there are no lines.
grain: [sale_key]
columns:
  sale_key: The order, of a purchase the one that stands for it.
  place_key: Where it was sold.
  business_date: Local date of payment.
  units: Pieces; empty where no line tells them.
  list_amount: Price before any discount, of lines that tell it and what was paid.
  listed_amount: Paid for these lines, in the data set's currency.
  full_price_amount: Paid for those of them that were sold at list price or above.
  cost_amount: Cost of the goods, of lines that tell it and what was paid.
  costed_amount: Paid for these lines.
checks:
  - not_null: [sale_key, place_key, business_date]
  - unique: [sale_key]
---*/
select
    told.sale_key,
    told.place_key,
    told.business_date,
    cast(sum(lines.quantity) as bigint) as units,
    cast(coalesce(sum(
        case when lines.amount is not null then lines.list_amount end
    ), 0) as decimal(18, 2)) as list_amount,
    cast(coalesce(sum(
        case when lines.list_amount is not null then lines.amount end
    ), 0) as decimal(18, 2)) as listed_amount,
    cast(coalesce(sum(
        case when lines.amount >= lines.list_amount then lines.amount end
    ), 0) as decimal(18, 2)) as full_price_amount,
    cast(coalesce(sum(
        case when lines.amount is not null then lines.cost_amount end
    ), 0) as decimal(18, 2)) as cost_amount,
    cast(coalesce(sum(
        case when lines.cost_amount is not null then lines.amount end
    ), 0) as decimal(18, 2)) as costed_amount
from staging.order_lines as lines
inner join intermediate.told_orders as told on lines.order_key = told.order_key
where told.is_valid
group by told.sale_key, told.place_key, told.business_date
