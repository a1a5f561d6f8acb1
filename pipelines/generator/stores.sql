-- One row a store.
select
    store_id as 门店编号,
    city || store_type || substr(store_id, 2) || '店' as 门店名称,
    city as 城市,
    region as 区域,
    brand as 品牌,
    store_type as 门店类型,
    opened_on as 开业日期
from stores
order by store
