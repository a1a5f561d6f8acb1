-- One row an exported order row, in time order, as the chain's system writes it.
select
    order_id as 订单编号,
    member_id as 会员号,
    paid_at as 支付时间,
    paid_cents::decimal(16, 0) * 0.01::decimal(2, 2) as 实付金额,
    coupon_cents::decimal(16, 0) * 0.01::decimal(2, 2) as 优惠券金额,
    units::integer as 件数,
    status as 订单状态,
    store_id as 门店编号,
    channel as 渠道,
    brand as 品牌,
    city as 城市,
    guide_id as 导购编号
from order_rows
