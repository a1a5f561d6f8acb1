-- One row a member id ever issued, in order of registration, the few that the file lacks included.
with spans as (
    select
        getvariable('early_members') * day // getvariable('early_days') as members_now,
        getvariable('early_members') * (day + 1) // getvariable('early_days') as members_next,
        getvariable('starts_at_s') - 86400 * (getvariable('early_days') - day) as midnight_s,
        9 * 3600000 as starts_ms,
        22 * 3600000 as ends_ms
    from range(0, getvariable('early_days')) as early (day)
    union all
    select
        members_now,
        members_next,
        midnight_s,
        starts_ms,
        ends_ms
    from units
    order by members_now
),

-- Unnested where it is selected: a lateral join would lose the order.
issued as (
    select
        *,
        unnest(range(members_now, members_next)) as member
    from spans
),

registered as (
    select
        member,
        midnight_s
        + (
            starts_ms
            + (ends_ms - starts_ms) * (member - members_now) // (members_next - members_now)
        ) // 1000 as registered_at_s
    from issued
),

drawn as (
    select
        registered.*,
        draw(22, registered.member) as trait,
        registered.member // getvariable('block_size') as block,
        registered.member % getvariable('block_size') as place,
        stores.store_id,
        stores.city
    from registered
    left join areas
        on (registered.member * 4096) // getvariable('member_ids') = areas.area
    left join stores on home_store(registered.member, areas.store_count) = stores.store
),

-- The way back from a place in a block to its slot, as in order_rows.
unshuffled as (
    select
        *,
        (
            (place + 1000000 * getvariable('block_size') - draw(12, block) % 1000000)
            * getvariable('block_step_back')
        ) % getvariable('block_size') as shuffled
    from drawn
),

ranked as (
    select
        *,
        (
            (
                (shuffled >> 1) + 1000000 * (getvariable('block_size') // 2)
                - draw(
                    11,
                    block * 64
                    + (shuffled & 1)
                    * (1 + (getvariable('last_day') + draw(10, block) % 182) // 182)
                ) % 1000000
            ) * getvariable('slot_step_back') % (getvariable('block_size') // 2)
        ) * 2000 // getvariable('block_size') as activity_rank
    from unshuffled
)

select
    member,
    member % 51 = 50 as is_missing,
    'M' || (1000000000 + member)::varchar as member_id,
    make_timestamp(registered_at_s * 1000000) as registered_at,
    store_id,
    city,
    case
        when bits(trait, 0) < 36000 then '小程序'
        when bits(trait, 0) < 58000 then '门店'
        else '外卖'
    end as channel,
    case
        when activity_rank < 10 then '黑金'
        when activity_rank < 60 then '金卡'
        when activity_rank < 220 then '银卡'
        else '普通'
    end as tier,
    case
        when bits(trait, 16) < 8000 and member > 100
            then 'M' || (1000000000 + (bits(trait, 32) * (member - 50)) // 65536)::varchar
    end as referrer_id
from ranked
