/*---
description:
  en: Valid orders and net sales of each business date, guests included; dates without an order have
    no row. The next run compares its dates with these.
  zh: 每个营业日的有效订单与净销售额（含散客）；没有订单的日期没有行。下一次运行会与此对照。
grain: [business_date]
columns:
  business_date: Local date of payment, with the shop's own start of day.
  order_count: Valid orders, guests included.
  member_order_count: Valid orders with a member, registered or identified.
  net_amount: Net sales, in the data set's currency.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [business_date, order_count, member_order_count, net_amount]
  - unique: [business_date]
---*/
select
    sales_days.business_date,
    sales_days.order_count,
    sales_days.member_order_count,
    sales_days.net_amount,
    parameters.as_of_date
from intermediate.sales_days as sales_days
inner join intermediate.scopes as scopes on sales_days.scope_key = scopes.scope_key
cross join raw.parameters as parameters
where scopes.scope_type = 'all'
