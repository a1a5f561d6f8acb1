-- One row a movement of points of the tenth of members whose ledger was exported; a month.
select
    会员号,
    支付时间 as 发生时间,
    case when 实付金额 > 0 then 'earn' else 'redeem' end as 类型,
    case when 实付金额 > 0 then floor(实付金额)::integer else -200 end as 积分,
    订单编号
from exported
where
    会员号 is not null
    and 订单状态 = '已完成'
    and draw(25, substr(会员号, 2)::bigint) % 10 = 0
