-- One row: of the buyers among the orders, the share with completed orders on two dates or more.
with visits as (
    select
        member,
        count(distinct midnight_s) as occasion_count
    from order_rows
    where member is not null and status = '已完成' and paid_cents > 0
    group by member
)

select avg((occasion_count >= 2)::integer) as repurchase_rate
from visits
