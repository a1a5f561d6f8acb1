/*---
description:
  en: >
    Growth of net sales over the stores open in both periods, against the dates of last year
    that lie as far from the Spring Festival as those of this year.
  zh: 可比门店净销售额增长率，去年的对比日期按与春节的距离对齐。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: "Same-store sales growth, aligned by Spring Festival", zh: 可比门店增长率(春节对齐)}
  unit: share
  better: higher
  version: 1
  family: growth
  position: 1020
  needs: [stores.opened_on, orders.store_id]
  windows: [month, quarter]
  scopes: [all, brand, city, region, store_type]
  source: Comparable-store sales, holiday-aligned as in reports on the first quarter in China
  note:
    en: >
      For January to March and the first quarter; the period of last year is shifted by the
      days between the two festivals, so that both hold as many dates before and after it.
    zh: 适用于一至三月及第一季度；去年的期间按两年春节相差的天数平移，使节前、节后的天数一致。
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
where alignment = 'spring_festival'
