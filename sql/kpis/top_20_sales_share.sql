/*---
description:
  en: >
    Share of the member net sales that comes from the fifth of the buyers who spent most in the
    window.
  zh: 窗口内消费最高的 20% 购买会员贡献的净销售额占会员净销售额的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Sales share of the top 20 %, zh: 二八集中度}
  unit: share
  better: neither
  version: 1
  family: growth
  position: 1030
  needs: [orders.member_id]
  windows: [month, quarter, half, year, trailing_365d]
  scopes: [all]
  source: Pareto rule, the 80/20 of retail practice
  note:
    en: >
      The fifth is rounded up. The longer the window, the higher; the 365 days are told for
      the as-of date only.
    zh: 人数向上取整；窗口越长数值通常越高；近 365 天仅在统计日计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net sales of the fifth of the buyers who spent most.
    zh: 消费最高的 20% 购买会员的净销售额。
  denominator:
    en: Net sales of all buyers, members with a valid order in the window.
    zh: 全部购买会员（窗口内有有效订单的会员）的净销售额。
---*/
with

buyers as (
    select * from intermediate.top_buyers
)

select
    'all' as scope_type,
    'all' as scope,
    windows.window_type,
    windows.window_start,
    coalesce(buyers.top_net_amount, 0) as numerator,
    coalesce(buyers.net_amount, 0) as denominator
from raw.windows as windows
cross join raw.parameters as parameters
left join buyers
    on
        windows.window_type = buyers.window_type
        and windows.window_start = buyers.window_start
where
    windows.window_type = 'month'
    or windows.window_type = 'quarter'
    or windows.window_type = 'half'
    or windows.window_type = 'year'
    or (windows.window_type = 'trailing_365d' and windows.window_end = parameters.as_of_date)
