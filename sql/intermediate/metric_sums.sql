/*---
description: >
  What a metric is a sum of, where its numerator and denominator add up over orders, and whether
  orders have a say in it at all. Of the others, only the value as known now can be compared.
grain: [metric]
columns:
  metric: Code of the metric.
  numerator_of: What is summed; empty where it is no sum over orders.
  denominator_of: What it is divided by the sum of; empty for counts and sums.
  is_without_orders: Rests on files of members, points or visits, which no order or refund changes.
checks:
  - not_null: [metric, is_without_orders]
  - unique: [metric]
---*/
select
    metric,
    case
        when metric = 'orders' then 'orders'
        when metric = 'orders_member' then 'member_orders'
        when metric = 'orders_guest' then 'guest_orders'
        when metric = 'member_order_share' then 'registered_orders'
        when metric = 'net_sales' or metric = 'average_order_value' then 'sales'
        when
            metric = 'net_sales_member' or metric = 'average_order_value_member'
            then 'member_sales'
        when
            metric = 'net_sales_guest' or metric = 'average_order_value_guest'
            then 'guest_sales'
        when metric = 'member_sales_share' then 'registered_sales'
        when metric = 'refund_rate' then 'refunds'
        when metric = 'refund_order_rate' then 'refunded_orders'
    end as numerator_of,
    case
        when metric = 'average_order_value' or metric = 'member_order_share' then 'orders'
        when metric = 'average_order_value_member' then 'member_orders'
        when metric = 'average_order_value_guest' then 'guest_orders'
        when metric = 'member_sales_share' then 'sales'
        when metric = 'refund_rate' or metric = 'refund_order_rate' then 'paid'
    end as denominator_of,
    coalesce(
        metric = 'registered_members'
        or metric = 'new_members'
        or metric = 'referral_share'
        or metric = 'online_member_rate'
        or metric like 'points%'
        or family = 'traffic',
        false
    ) as is_without_orders
from raw.metrics
