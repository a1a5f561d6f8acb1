-- One row a member of the member file, in order of registration.
select
    member_id as 会员号,
    registered_at as 注册时间,
    store_id as 所属门店,
    channel as 注册渠道,
    tier as 等级,
    city as 城市,
    referrer_id as 推荐人
from member_rows
where not is_missing
