-- One row a member id that stands for the till of a store, not for a person.
select
    'M' || (1000000000 + card * getvariable('staff_step'))::varchar as 会员号,
    '员工卡' as 原因
from range(0, getvariable('staff_cards')) as cards (card)
order by card
