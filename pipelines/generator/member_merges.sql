-- One row a merged member id; one in eight goes into the id merged just before: a chain.
with merged as (
    select
        member,
        draw(23, member) as chance,
        lag(member) over (order by member) as previous
    from range(100, getvariable('member_ids')) as ids (member)
    where draw(24, member) % 333 = 0 and member % 51 != 50
),

paired as (
    select
        member,
        chance,
        case
            when chance % 8 = 0 and previous is not null then previous
            else (bits(chance, 16) * member // 65536) // 51 * 51 + bits(chance, 32) % 50
        end as target
    from merged
)

select
    'M' || (1000000000 + member)::varchar as 旧会员号,
    'M' || (1000000000 + target)::varchar as 新会员号,
    -- After the shops closed on the day on which the younger of the two registered.
    make_timestamp(
        (
            getvariable('ends_at_s') - 1
            - (chance >> 20) % least(
                180 * 86400, getvariable('ends_at_s') - coalesce(days.midnight_s, 0) - 79200
            )
        ) * 1000000
    ) as 合并时间
from paired
asof left join days on paired.member >= days.members_before
where target < member
order by 合并时间, member
