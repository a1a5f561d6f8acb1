-- One row a guide: four in every store.
select
    'G' || substr(store_id, 2) || guide::varchar as 导购编号,
    store_id as 门店编号
from stores
cross join range(1, 5) as guides (guide)
order by store, guide
