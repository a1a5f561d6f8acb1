-- One row an exported order row, in time order. Rows first_row to last_row - 1.
with numbered as (
    select number - is_copy(number)::bigint as number
    from range(getvariable('first_row'), getvariable('last_row')) as numbers (number)
    where
        not getvariable('refunds_only')
        or (draw(9, number) % 1000 < 26 and not is_copy(number))
),

drawn as (
    select
        number,
        number // getvariable('orders_per_unit') as unit,
        draw(2, number) as who,
        draw(3, number) as habit,
        draw(4, number) as place,
        draw(5, number) as basket
    from numbered
),

timed as (
    select
        drawn.*,
        units.*exclude (unit),
        slots.slot,
        units.starts_ms
        + (
            (units.ends_ms - units.starts_ms)
            * ((drawn.number % getvariable('orders_per_unit')) * 256 + (drawn.habit & 255))
        ) // (getvariable('orders_per_unit') * 256) as at_ms,
        units.members_now // getvariable('block_size') as block_count,
        least(
            units.members_now - units.members_at_opening,
            greatest(4, 4 * (units.members_next - units.members_now))
        ) as newcomers
    from drawn
    inner join units on drawn.unit = units.unit
    inner join slots on bits(drawn.habit, 32) = slots.entry
),

-- Who buys. Members stand in blocks by registration; a slot of a block is a level of activity.
-- Even slots keep their member, odd ones change hands twice a year: members come and lapse.
chosen as (
    select
        *,
        bits(who, 0) < id_share as has_id,
        bits(who, 16) < getvariable('enrolment_share') and newcomers > 0 as is_enrolment,
        ((who >> 32) * block_count) >> 31 as block
    from timed
),

placed as (
    select
        *,
        block * getvariable('block_size')
        + (
            (
                2 * (
                    (
                        (slot >> 1) * getvariable('slot_step')
                        + draw(
                            11,
                            block * 64
                            + (slot & 1) * (1 + (day_number + draw(10, block) % 182) // 182)
                        ) % 1000000
                    ) % (getvariable('block_size') // 2)
                )
                + (slot & 1)
            ) * getvariable('block_step')
            + draw(12, block) % 1000000
        ) % getvariable('block_size') as regular
    from chosen
),

named as (
    select
        *,
        case
            when is_cashier_day and draw(6, number) % 500 = 0
                then draw(6, number) // 500 % getvariable('staff_cards')
                * getvariable('staff_step')
            when not has_id then null
            when is_enrolment then members_now - 1 - ((bits(who, 32) * newcomers) >> 16)
            else regular
        end as member
    from placed
),

visited as (
    select
        named.*,
        case
            when named.member is not null and bits(named.place, 0) < 52000
                then home_store(named.member, areas.store_count)
            else pick_store(named.place, named.store_count)
        end as store
    from named
    left join areas
        on (named.member * 4096) // getvariable('member_ids') = areas.area
),

priced as (
    select
        visited.*,
        stores.store_id,
        stores.city,
        stores.brand,
        case
            when visited.member is null
                then
                    case
                        when bits(visited.basket, 0) < 45000 then '门店'
                        when bits(visited.basket, 0) < 64000 then '外卖'
                        else '小程序'
                    end
            when bits(visited.basket, 0) < 36000 then '小程序'
            when bits(visited.basket, 0) < 53000 then '门店'
            else '外卖'
        end as channel,
        case
            when bits(visited.basket, 16) < 37000 then 1
            when bits(visited.basket, 16) < 54500 then 2
            when bits(visited.basket, 16) < 60500 then 3
            when bits(visited.basket, 16) < 63500 then 4
            when bits(visited.basket, 16) < 65400 then 5 + (visited.basket & 3)
            else 12 + (visited.basket & 31)
        end as units,
        900
        + 100 * (bits(visited.basket, 32) % 10 + bits(visited.basket, 32) // 10 % 9)
        - 10 * (bits(visited.basket, 32) & 1)
        + 500 * stores.is_second_brand as price_cents,
        draw(7, visited.number) as extra
    from visited
    inner join stores on visited.store = stores.store
),

paid as (
    select
        *,
        units * price_cents as list_cents,
        case
            when bits(extra, 0) < 520 then units * price_cents
            when bits(extra, 16) < (
                case when member is null then 6000 else 20000 end
                + 9000 * is_promotion
            )
                then
                    case extra % 4
                        when 0 then 200
                        when 1 then 300
                        when 2 then 500
                        else 800
                    end
            else 0
        end as coupon_cents
    from priced
)

select
    number,
    member,
    midnight_s,
    midnight_s + at_ms // 1000 as paid_at_s,
    (date_number * 10000000000 + number)::varchar as order_id,
    'M' || (1000000000 + member)::varchar as member_id,
    make_timestamp((midnight_s + at_ms // 1000) * 1000000) as paid_at,
    list_cents - coupon_cents as paid_cents,
    coupon_cents,
    case
        when bits(place, 0) % 1000 < 21 then '已取消'
        when bits(place, 0) % 1000 < 24 then '已关闭'
        else '已完成'
    end as status,
    store_id,
    channel,
    brand,
    case
        when channel = '门店' and bits(extra, 32) < 40000
            then 'G' || substr(store_id, 2) || (1 + (extra & 3))::varchar
    end as guide_id,
    units,
    city
from paid
