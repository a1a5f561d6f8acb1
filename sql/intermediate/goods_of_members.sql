/*---
description: >
  Which brands and categories members bought on each date, of the members who ever bought more than
  one of them: the others can never be buyers of two. The brand is that of the order or its store,
  and where neither tells it that of the line. Where there is one brand only, no order is read.
grain: [kind, member_key, business_date]
columns:
  kind: brand or category.
  member_key: Canonical member.
  business_date: Date of the occasion.
  first_key: First of what was bought on it, in the order of the names.
  last_key: Last of it; another one where two or more were bought.
checks:
  - not_null: [kind, member_key, business_date, first_key, last_key]
  - unique: [kind, member_key, business_date]
  - holds: first_key <= last_key
---*/
with

named as (
    select
        'brand' as kind,
        brand as name
    from staging.places
    where brand is not null
    union
    select
        'brand' as kind,
        brand as name
    from staging.order_lines
    where brand is not null
    union
    select
        'category' as kind,
        category as name
    from staging.order_lines
    where category is not null
),

keys as (
    select
        kind,
        name,
        cast(row_number() over (partition by kind order by name) as integer) as name_key,
        count(*) over (partition by kind) as name_count
    from named
),

choices as (
    select
        kind,
        name,
        name_key
    from keys
    where name_count > 1
),

place_brands as (
    select
        places.place_key,
        choices.name_key
    from staging.places as places
    inner join choices on places.brand = choices.name
    where choices.kind = 'brand'
),

of_lines as (
    select
        choices.kind,
        told.member_key,
        told.business_date,
        choices.name_key
    from staging.order_lines as lines
    inner join choices on lines.category = choices.name and choices.kind = 'category'
    inner join intermediate.told_orders as told on lines.order_key = told.order_key
    where told.is_valid and told.member_key is not null
    union all
    select
        choices.kind,
        told.member_key,
        told.business_date,
        choices.name_key
    from staging.order_lines as lines
    inner join choices on lines.brand = choices.name and choices.kind = 'brand'
    inner join intermediate.told_orders as told on lines.order_key = told.order_key
    inner join staging.places as places
        on told.place_key = places.place_key and places.brand is null
    where told.is_valid and told.member_key is not null
),

reaches as (
    select
        'brand' as kind,
        orders.member_key,
        min(place_brands.name_key) as first_key,
        max(place_brands.name_key) as last_key
    from staging.orders as orders
    inner join place_brands on orders.place_key = place_brands.place_key
    where orders.is_valid and orders.member_key is not null
    group by orders.member_key
    union all
    select
        kind,
        member_key,
        min(name_key) as first_key,
        max(name_key) as last_key
    from of_lines
    group by kind, member_key
),

crossing as (
    select
        kind,
        member_key
    from reaches
    group by kind, member_key
    having min(first_key) <> max(last_key)
),

days as (
    select
        crossing.kind,
        orders.member_key,
        orders.business_date,
        min(place_brands.name_key) as first_key,
        max(place_brands.name_key) as last_key
    from staging.orders as orders
    inner join place_brands on orders.place_key = place_brands.place_key
    inner join crossing
        on orders.member_key = crossing.member_key and crossing.kind = 'brand'
    where orders.is_valid
    group by crossing.kind, orders.member_key, orders.business_date
    union all
    select
        of_lines.kind,
        of_lines.member_key,
        of_lines.business_date,
        min(of_lines.name_key) as first_key,
        max(of_lines.name_key) as last_key
    from of_lines
    inner join crossing
        on of_lines.kind = crossing.kind and of_lines.member_key = crossing.member_key
    group by of_lines.kind, of_lines.member_key, of_lines.business_date
)

select
    kind,
    member_key,
    business_date,
    min(first_key) as first_key,
    max(last_key) as last_key
from days
group by kind, member_key, business_date
