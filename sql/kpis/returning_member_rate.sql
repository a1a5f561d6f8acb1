/*---
description:
  en: Share of a window's buyers who had bought before it, in the scope.
  zh: 购买会员中，窗口之前已在该口径购买过的会员占比。
grain: [scope_type, scope, window_type, window_start]
kpi:
  name: {en: Returning member rate, zh: 老客占比}
  unit: share
  better: higher
  version: 1
  family: members
  position: 253
  looks_back: true
  source: Practice of retail reporting
  members:
    of: buyers
    counted: previous_on is not null
  note:
    en: >
      As of the end of the window; one minus the new buyer share. Not the repurchase rate, which
      asks for two occasions within the window.
    zh: 以窗口结束时为准，与新客占比之和为 1；不同于复购率，后者要求窗口内购买两次。
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  numerator:
    en: Buyers whose first occasion lies before the window.
    zh: 首次购买早于窗口的购买会员数。
  denominator:
    en: Buyers, members with at least one occasion in the window.
    zh: 购买会员数，即窗口内至少购买过一次的会员数。
checks:
  - holds: numerator between 0 and denominator
---*/
with

facts as (
    select * from intermediate.window_facts
)

select
    scope_type,
    scope,
    window_type,
    window_start,
    buyer_count - new_count as numerator,
    buyer_count as denominator
from facts
