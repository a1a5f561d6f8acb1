/*---
description:
  en: >
    Estimated share of lost members who come back within 365 days of being lost, over all the
    history.
  zh: 流失会员在流失后365天内回归的比例（基于全部历史的 Kaplan–Meier 估计）。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Share of the lost who return, zh: 流失回归率}
  unit: share
  better: neither
  version: 1
  family: lifecycle
  position: 423
  windows: [trailing_365d]
  scopes: [all, brand]
  looks_back: true
  moves_on: true
  source: Kaplan and Meier 1958, Journal of the American Statistical Association 53, 457-481
  note:
    en: >
      Members who were lost lately count for as long as they have been watched. A high share
      says that four cycles are too soon to call somebody lost.
    zh: 近期流失的会员按已观察的时间计入。比例偏高说明四个周期判定流失过早。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Times that a member was lost, times the estimated share.
    zh: 会员流失的次数，乘以估计的回归比例。
  denominator:
    en: Times that a member was lost by the as-of date.
    zh: 截至统计日会员流失的次数。
  null_reason: Why there is no value; immature while nobody was watched for 365 days.
checks:
  - holds: numerator <= denominator
---*/
with

returns as (
    select * from intermediate.lost_returns
)

select
    scopes.scope_type,
    scopes.scope,
    windows.window_type,
    windows.window_start,
    coalesce(returns.loss_count, 0) * returns.return_share as numerator,
    coalesce(returns.loss_count, 0) as denominator,
    case
        when returns.loss_count > 0 and returns.return_share is null then 'immature'
    end as null_reason
from intermediate.scopes as scopes
inner join raw.windows as windows on windows.window_type = 'trailing_365d'
inner join raw.parameters as parameters on windows.window_end = parameters.as_of_date
left join returns on scopes.scope_key = returns.scope_key
where scopes.scope_type in ('all', 'brand')
