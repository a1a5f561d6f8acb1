/*---
description:
  en: >
    Growth of net sales against the same period last year, over the stores that were open in
    both periods.
  zh: 与去年同期相比的净销售额增长率，仅含两个期间均在营业的门店。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Same-store sales growth, zh: 可比门店增长率}
  unit: share
  better: higher
  version: 1
  family: growth
  position: 1010
  needs: [stores.opened_on, orders.store_id]
  windows: [week, month, quarter, half, year]
  scopes: [all, brand, city, region, store_type]
  source: Comparable-store sales as listed retailers report them
  note:
    en: >
      Opened on or before the first date of last year's period, and not closed before the end
      of this one; weeks are compared with those 364 days ago. Empty until the period has
      ended.
    zh: 门店须在去年同期首日或之前开业，且在本期结束前未闭店；周与 364 天前的周相比。期间结束之前不计算。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net sales of the stores open in both periods, less those of last year.
    zh: 两个期间均营业的门店的净销售额，减去其去年同期净销售额。
  denominator:
    en: Last year's net sales of these stores.
    zh: 这些门店的去年同期净销售额。
  null_reason: Why the number is empty, where it is.
---*/
with

facts as (
    select * from intermediate.same_store_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    net_amount - compared_amount as numerator,
    compared_amount as denominator,
    null_reason
from facts
where alignment = 'date'
