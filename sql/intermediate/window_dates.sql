/*---
description: The business dates that each window holds.
grain: [window_type, window_start, business_date]
columns:
  window_type: Kind of window.
  window_start: First business date of the window.
  business_date: A date of the window.
checks:
  - not_null: [window_type, window_start, business_date]
---*/
select
    windows.window_type,
    windows.window_start,
    calendar.date as business_date
from raw.windows as windows
inner join raw.calendar as calendar
    on calendar.date between windows.window_start and windows.window_end
