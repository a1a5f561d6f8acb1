/*---
description:
  en: Where the buyers of each window came from, and how many of the former ones stayed away.
  zh: 各窗口购买会员的来源（新增、留存、召回）以及流失的上期会员数。
grain: [scope_type, scope, window_type, window_start]
columns:
  scope_type: What the number is about; "new" is meant within it.
  scope: Which one of them.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  buyer_count: Members with at least one occasion.
  new_count: Buyers whose first occasion ever lies in the window.
  retained_count: Buyers who also bought in the window before.
  reactivated_count: Buyers who had bought earlier, but not in the window before.
  lapsed_count: Buyers of the window before who did not buy in this one.
  is_shown: >
    The kind of window that reports show, the shortest calendar one from a month on that is at least
    a purchase cycle long; a shorter one would call members lapsed who are merely not due.
  is_complete: The window has ended by the as-of date.
  is_censored: A new buyer may be one whose history begins before the loaded data.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [scope_type, scope, window_type, window_start, buyer_count]
  - holds: buyer_count = new_count + retained_count + reactivated_count
  - holds: reactivated_count >= 0 and lapsed_count >= 0
---*/
select
    facts.scope_type,
    facts.scope,
    facts.window_type,
    facts.window_start,
    windows.window_end,
    facts.buyer_count,
    facts.new_count,
    facts.retained_count,
    facts.buyer_count - facts.new_count - facts.retained_count as reactivated_count,
    facts.former_buyer_count - facts.retained_count as lapsed_count,
    facts.window_type = parameters.lifecycle_window as is_shown,
    windows.is_complete,
    facts.window_start < parameters.history_known_from as is_censored,
    parameters.as_of_date
from intermediate.window_facts as facts
inner join raw.windows as windows
    on
        facts.window_type = windows.window_type
        and facts.window_start = windows.window_start
cross join raw.parameters as parameters
