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

uses as (
    select
        order_id,
        business_date,
        member_id,
        status,
        order_kind,
        is_test,
        paid_amount,
        row_count
    from staging.repeated_order_rows
    union all
    select
        order_id,
        business_date,
        member_id,
        status,
        order_kind,
        is_test,
        paid_amount,
        -1 as row_count
    from staging.repeated_orders
    where version = 1 and not is_tied
),

explained as (
    select
        uses.*,
        statuses.is_paid,
        statuses.status_class,
        uses.paid_amount < 0 or coalesce(kinds.order_kind = 'return', false) as is_return
    from uses
    inner join raw.order_statuses as statuses on uses.status = statuses.status
    left join raw.order_kinds as kinds on uses.order_kind = kinds.word
    where not uses.is_test
),

repeated as (
    select
        order_id,
        business_date,
        member_id,
        case when is_return then 0 else row_count end as order_count,
        case when is_return then 0 else row_count * paid_amount end as paid_amount,
        row_count * case when is_return then -abs(paid_amount) else paid_amount end as net_amount
    from explained
    where is_paid or (is_return and status_class = 'refunded')
),

duplicates as (
    select
        months.month,
        special.month_shift,
        repeated.member_id is null as is_guest,
        'duplicate' as box,
        repeated.order_count,
        repeated.paid_amount,
        repeated.net_amount
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
