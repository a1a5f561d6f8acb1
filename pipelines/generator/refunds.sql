-- One row a refund of a completed order, in time order, up to the end of the data.
with drawn as (
    select
        *,
        draw(8, number) as chance
    from order_rows
    where status = '已完成' and paid_cents > 0
),

refunded as (
    select
        number,
        order_id,
        make_timestamp(
            (
                paid_at_s
                + case
                    when bits(chance, 0) < 45000 then 60 + bits(chance, 16) // 6
                    when bits(chance, 0) < 59000 then 3600 + bits(chance, 16) * 9
                    else 3600 + bits(chance, 16) * 60
                end
            ) * 1000000
        ) as refunded_at,
        case
            when bits(chance, 32) < 30000 then paid_cents
            else greatest(1, (paid_cents * (20 + bits(chance, 32) % 60)) // 100)
        end as cents
    from drawn
)

select
    'R' || (1000000000 + number)::varchar as 退款编号,
    order_id as 订单编号,
    refunded_at as 退款时间,
    cents::decimal(16, 0) * 0.01::decimal(2, 2) as 退款金额
from refunded
where refunded_at < make_timestamp(getvariable('ends_at_s') * 1000000)
order by refunded_at, number
