/*---
description:
  en: Share of net sales that is credited to a shopping guide.
  zh: 净销售额中归属导购的比例。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Guide sales share, zh: 导购销售占比}
  unit: share
  better: higher
  version: 1
  family: service
  position: 840
  needs: [orders.guide_id]
  source: Practice of retail reporting
  note:
    en: >
      In the channels that the data set names as those of guides, else in all; returns are taken off
      on both sides.
    zh: 只计数据集设置的导购渠道，未设置时计全部渠道；分子分母都已减退货。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Net sales with a guide, less returns.
    zh: 归属导购的净销售额，已减退货。
  denominator:
    en: Net sales of the same channels, less returns.
    zh: 相同渠道的净销售额，已减退货。
---*/
with

facts as (
    select * from intermediate.order_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    guide_net_amount as numerator,
    guided_net_amount as denominator
from facts
