/*---
description:
  en: >
    The shopping guides, month by month over the whole roster: what they sell and what they share
    side by side. A sells as much as the 80th percentile of the guides of its kind of store, B1
    sells less, B2 shares without a sale, C does neither. The bar is that of the last quarter that
    was over before the month, so that a month's own results never move it.
  zh: >
    导购分层（按月，覆盖全部在册导购），销售与分享并列。A：净销售额达到同类型门店导购的
    80 分位；B1：有销售但未达到；B2：有分享无销售；C：既无分享也无销售。
    门槛取该月之前最近一个完整季度的分位数，当月业绩不会改变门槛。
grain: [month, guide_id]
columns:
  month: First date of the month.
  guide_id: The shop's number of the guide.
  store_id: Store of the guide, of the roster or else where most of the guide's orders are.
  store_type: Kind of that store, where known.
  is_on_roster: Stands in the guides file; other guides are known from orders or visits only.
  tier: A, B1, B2 or C; empty where null_reason says why.
  null_reason: >
    Why there is no tier; no_threshold where no guide of the kind of store sold in a whole quarter
    before, no_visits where it is not known who shares.
  net_amount: Net sales with the guide less returns, in the data set's currency.
  order_count: Valid orders with the guide.
  threshold_amount: Monthly net sales from which a guide of this kind of store is in tier A.
  share_count: Times that the guide shared something; empty without a file of visits.
  viewer_count: People who viewed what the guide shared.
  paying_user_count: People of those who paid.
  share_rate: Shares per viewer.
  conversion_rate: Share of the viewers who paid.
  is_complete: The month has ended by the as-of date.
checks:
  - not_null: [month, guide_id, is_on_roster, net_amount, order_count, is_complete]
  - unique: [month, guide_id]
  - accepted: {tier: [A, B1, B2, C]}
  - accepted: {null_reason: [no_threshold, no_visits]}
  - holds: (tier is null) = (null_reason is not null)
---*/
with

months as (
    select
        windows.window_start as month,
        windows.is_complete,
        max(quarters.window_start) as bar_start
    from raw.windows as windows
    left join raw.windows as quarters
        on
            quarters.window_type = 'quarter'
            and quarters.is_complete
            and not quarters.is_censored
            and windows.window_start > quarters.window_end
    where windows.window_type = 'month'
    group by windows.window_start, windows.is_complete
),

visits as (
    select
        guide_id,
        cast(date_trunc('month', visited_on) as date) as month,
        sum(viewers) as viewer_count,
        sum(paying_users) as paying_user_count,
        sum(shares) as share_count
    from staging.visits
    where guide_id is not null
    group by guide_id, cast(date_trunc('month', visited_on) as date)
),

visit_rows as (
    select count(*) as visit_count from visits
),

roster as (
    select
        guide_id,
        min(store_id) as store_id
    from raw.guides
    group by guide_id
),

main_stores as (
    select
        guide_id,
        store_id,
        row_number() over (
            partition by guide_id order by sum(order_count) desc, store_id
        ) as place
    from intermediate.guide_months
    group by guide_id, store_id
),

known as (
    select guide_id from roster
    union
    select guide_id from main_stores
    union
    select guide_id from visits
),

guides as (
    select
        known.guide_id,
        coalesce(roster.store_id, main_stores.store_id) as store_id,
        stores.store_type,
        roster.guide_id is not null as is_on_roster
    from known
    left join roster on known.guide_id = roster.guide_id
    left join main_stores on known.guide_id = main_stores.guide_id and main_stores.place = 1
    left join staging.stores as stores
        on coalesce(roster.store_id, main_stores.store_id) = stores.store_id
),

sales as (
    select
        guide_id,
        month,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount
    from intermediate.guide_months
    group by guide_id, month
),

-- One row a guide who sold in a month of a quarter: who sells nothing moves no bar.
selling as (
    select
        guides.store_type,
        cast(date_trunc('quarter', sales.month) as date) as bar_start,
        sales.net_amount,
        row_number() over (
            partition by guides.store_type, date_trunc('quarter', sales.month)
            order by sales.net_amount
        ) as place,
        count(*) over (
            partition by guides.store_type, date_trunc('quarter', sales.month)
        ) as selling_count
    from sales
    inner join guides on sales.guide_id = guides.guide_id
    where sales.order_count > 0
),

-- The percentile lies 0.8 (n - 1) places after the first; in fifths all stays exact.
neighbours as (
    select
        store_type,
        bar_start,
        max((4 * (selling_count - 1)) % 5) as fifths,
        max(
            case when place = floor(4 * (selling_count - 1) / 5) + 1 then net_amount end
        ) as lower_amount,
        max(
            case when place = floor(4 * (selling_count - 1) / 5) + 2 then net_amount end
        ) as upper_amount
    from selling
    group by store_type, bar_start
),

bars as (
    select
        store_type,
        bar_start,
        cast(
            (
                5 * lower_amount + fifths * (coalesce(upper_amount, lower_amount) - lower_amount)
            ) * cast(0.2 as decimal(2, 1)) as decimal(18, 3)
        ) as threshold_amount
    from neighbours
),

side_by_side as (
    select
        months.month,
        months.is_complete,
        guides.guide_id,
        guides.store_id,
        guides.store_type,
        guides.is_on_roster,
        coalesce(sales.order_count, 0) as order_count,
        coalesce(sales.net_amount, 0) as net_amount,
        bars.threshold_amount,
        visit_rows.visit_count > 0 as has_visits,
        case when visit_rows.visit_count > 0 then coalesce(visits.share_count, 0) end
            as share_count,
        case when visit_rows.visit_count > 0 then coalesce(visits.viewer_count, 0) end
            as viewer_count,
        case when visit_rows.visit_count > 0 then coalesce(visits.paying_user_count, 0) end
            as paying_user_count
    from months
    cross join guides
    cross join visit_rows
    left join sales on guides.guide_id = sales.guide_id and months.month = sales.month
    left join visits on guides.guide_id = visits.guide_id and months.month = visits.month
    left join bars
        on
            guides.store_type is not distinct from bars.store_type
            and months.bar_start = bars.bar_start
)

select
    month,
    guide_id,
    store_id,
    store_type,
    is_on_roster,
    case
        when order_count > 0 and net_amount >= threshold_amount then 'A'
        when order_count > 0 and threshold_amount is not null then 'B1'
        when order_count = 0 and share_count > 0 then 'B2'
        when order_count = 0 and has_visits then 'C'
    end as tier,
    case
        when order_count > 0 and threshold_amount is null then 'no_threshold'
        when order_count = 0 and not has_visits then 'no_visits'
    end as null_reason,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(order_count as bigint) as order_count,
    threshold_amount,
    cast(share_count as bigint) as share_count,
    cast(viewer_count as bigint) as viewer_count,
    cast(paying_user_count as bigint) as paying_user_count,
    case
        when viewer_count > 0 then cast(share_count as double) / cast(viewer_count as double)
    end as share_rate,
    case
        when viewer_count > 0
            then cast(paying_user_count as double) / cast(viewer_count as double)
    end as conversion_rate,
    is_complete
from side_by_side
