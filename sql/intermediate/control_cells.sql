/*---
description: >
  Orders of the months with control totals, counted by all that another system might judge in
  another way, so that any set of its rules can be added up from few rows. Empty without totals.
grain: [month, month_shift, box, is_guest]
columns:
  month: First date of the business month.
  month_shift: Months by which UTC's month differs.
  box: valid, the reason for which the orders do not count, or duplicate.
  is_guest: Without a member.
  order_count: Orders.
  paid_amount: Paid before refunds, in the data set's currency.
  net_amount: Net amount, in the data set's currency.
checks:
  - not_null: [month, month_shift, box, is_guest]
---*/
with

months as (
    select month from raw.utc_months
),

judged as (
    select
        months.month,
        orders.month_shift,
        orders.member_key is null as is_guest,
        coalesce(orders.invalid_reason, 'valid') as box,
        1 as order_count,
        orders.paid_amount,
        orders.net_amount
    from staging.orders as orders
    inner join months on cast(date_trunc('month', orders.business_date) as date) = months.month
),

repeated as (
    select
        row_of_file.order_id,
        row_of_file.business_date,
        row_of_file.member_id,
        row_of_file.row_count as order_count,
        row_of_file.row_count * row_of_file.paid_amount as paid_amount
    from staging.repeated_order_rows as row_of_file
    inner join raw.order_statuses as statuses on row_of_file.status = statuses.status
    where statuses.is_paid and not row_of_file.is_test
    union all
    select
        versions.order_id,
        versions.business_date,
        versions.member_id,
        -1 as order_count,
        -versions.paid_amount as paid_amount
    from staging.repeated_orders as versions
    inner join raw.order_statuses as statuses on versions.status = statuses.status
    where
        versions.version = 1
        and not versions.is_tied
        and statuses.is_paid
        and not versions.is_test
),

duplicates as (
    select
        months.month,
        special.month_shift,
        repeated.member_id is null as is_guest,
        'duplicate' as box,
        repeated.order_count,
        repeated.paid_amount,
        repeated.paid_amount as net_amount
    from repeated
    inner join months on cast(date_trunc('month', repeated.business_date) as date) = months.month
    left join staging.special_orders as special on repeated.order_id = special.order_id
),

together as (
    select
        month,
        month_shift,
        box,
        is_guest,
        order_count,
        paid_amount,
        net_amount
    from judged
    union all
    select
        month,
        month_shift,
        box,
        is_guest,
        order_count,
        paid_amount,
        net_amount
    from duplicates
)

select
    month,
    coalesce(month_shift, 0) as month_shift,
    box,
    is_guest,
    cast(sum(order_count) as bigint) as order_count,
    cast(sum(paid_amount) as decimal(18, 2)) as paid_amount,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount
from together
group by month, coalesce(month_shift, 0), box, is_guest
