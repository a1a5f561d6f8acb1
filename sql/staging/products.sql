/*---
description: >
  The products of the product file, one row each. Where its rows differ, each attribute is the first
  by its own order, whatever the order of the rows.
grain: [sku]
columns:
  sku: Stock keeping unit.
  category: Product category.
  brand: Brand of the product.
checks:
  - not_null: [sku]
  - unique: [sku]
---*/
select
    sku,
    min(category) as category,
    min(brand) as brand
from raw.products
group by sku
