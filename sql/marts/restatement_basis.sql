/*---
description:
  en: >
    What the files said of the orders of each business date in each scope, whether they count or
    not. The next run compares it with its own, to tell why a published number has changed.
  zh: 各口径各营业日原始订单的情况（无论是否有效）；下一次运行据此判断已发布数字变化的原因。
grain: [scope_type, scope, business_date]
columns:
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  business_date: Local date of payment, with the shop's own start of day.
  order_count: Orders, duplicates removed.
  paid_amount: Paid for them, in the data set's currency.
  refunded_order_count: Orders that do not count because all of them was refunded.
  refunded_amount: Refunds taken off the orders, in the data set's currency.
  excluded_order_count: Orders of members on the exclusion list.
  uncounted_order_count: Orders that do not count for any other reason.
  guest_order_count: Orders without a member.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [scope_type, scope, business_date, order_count]
  - unique: [scope_type, scope, business_date]
---*/
select
    scopes.scope_type,
    scopes.scope,
    evidence.business_date,
    evidence.order_count,
    evidence.paid_amount,
    evidence.refunded_order_count,
    evidence.refunded_amount,
    evidence.excluded_order_count,
    evidence.uncounted_order_count,
    evidence.guest_order_count,
    parameters.as_of_date
from intermediate.order_evidence as evidence
inner join intermediate.scopes as scopes on evidence.scope_key = scopes.scope_key
cross join raw.parameters as parameters
