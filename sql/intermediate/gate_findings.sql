/*---
description: >
  What speaks against publishing: one row per gate and file, date or store that is out of bounds.
  Files are compared with the other files of their table and with the night before; dates with the
  four weeks before them and with what the night before published of them.
grain: [gate, subject]
columns:
  gate: Code of the gate.
  subject: File, date or store.
  observed: What was found; a share, rows, orders or a mean amount, as the gate's sentence says.
  expected: What it is measured by.
checks:
  - not_null: [gate, subject, observed, expected]
  - unique: [gate, subject]
---*/
with

parameters as (
    select * from raw.parameters
),

gates as (
    select * from raw.gates
),

files as (
    select
        source_table,
        file_name,
        concat(source_table, ', ', file_name) as subject,
        row_count,
        quarantined_count,
        is_refused
    from raw.files
),

ranked as (
    select
        source_table,
        row_count,
        row_number() over (partition by source_table order by row_count, file_name) as place,
        count(*) over (partition by source_table) as file_count
    from files
),

usual_sizes as (
    select
        source_table,
        row_count as usual_count
    from ranked
    where place = floor((file_count + 1) / 2) and file_count >= 5
),

days as (
    select
        sales_days.business_date,
        scopes.scope_type,
        scopes.scope,
        sales_days.order_count,
        sales_days.net_amount
    from intermediate.sales_days as sales_days
    inner join intermediate.scopes as scopes on sales_days.scope_key = scopes.scope_key
    where scopes.scope_type in ('all', 'store')
),

wanted as (
    select
        calendar.date,
        days.scope_type,
        days.scope,
        count(*) as past_count,
        cast(sum(days.order_count) as double) as past_orders,
        cast(sum(days.net_amount) as double) as past_amount,
        avg(
            case
                when datediff('day', days.business_date, calendar.date) in (7, 14, 21, 28)
                    then days.order_count
            end
        ) as weekday_orders
    from raw.calendar as calendar
    cross join parameters
    inner join days
        on
            calendar.date > days.business_date
            and datediff('day', days.business_date, calendar.date) <= 28
    where
        datediff('day', calendar.date, parameters.as_of_date) <= 6
        and days.order_count > 0
    group by calendar.date, days.scope_type, days.scope
),

compared as (
    select
        wanted.date,
        wanted.scope_type,
        wanted.scope,
        wanted.past_count,
        wanted.past_orders,
        wanted.past_amount,
        wanted.weekday_orders,
        coalesce(days.order_count, 0) as order_count,
        cast(coalesce(days.net_amount, 0) as double) as net_amount,
        wanted.date = parameters.as_of_date as is_newest
    from wanted
    cross join parameters
    left join days
        on
            wanted.date = days.business_date
            and wanted.scope_type = days.scope_type
            and wanted.scope = days.scope
),

history as (
    select
        former.business_date,
        former.order_count as prior_orders,
        coalesce(days.order_count, 0) as order_count,
        case
            when abs(coalesce(days.order_count, 0) - former.order_count) > 0.01 * former.order_count
                then 1
            else 0
        end as is_changed,
        datediff('day', former.business_date, max(former.business_date) over ()) as age_days
    from raw.prior_days as former
    left join days on former.business_date = days.business_date and days.scope_type = 'all'
),

findings as (
    select
        gates.gate,
        files.subject,
        cast(files.quarantined_count as double) / files.row_count as observed,
        gates.limit_value as expected
    from files
    inner join gates on gates.gate = 'rejected'
    where
        files.quarantined_count > gates.free_rows
        and files.quarantined_count > gates.limit_value * files.row_count
    union all
    select
        'refused_file' as gate,
        subject,
        0 as observed,
        1 as expected
    from files
    where is_refused
    union all
    select
        'empty_file' as gate,
        subject,
        0 as observed,
        1 as expected
    from files
    where row_count = 0 and not is_refused and source_table in ('orders', 'members')
    union all
    select
        gates.gate,
        files.subject,
        cast(files.row_count as double) as observed,
        cast(
            greatest(coalesce(usual.usual_count, 0), coalesce(former.row_count, 0)) as double
        ) as expected
    from files
    inner join gates on gates.gate = 'shrunk_file'
    left join usual_sizes as usual on files.source_table = usual.source_table
    left join raw.prior_files as former
        on files.source_table = former.source_table and files.file_name = former.file_name
    where
        files.row_count
        < gates.limit_value
        * greatest(coalesce(usual.usual_count, 0), coalesce(former.row_count, 0))
    union all
    select
        'missing_day' as gate,
        cast(date as varchar) as subject,
        0 as observed,
        past_orders / 28 as expected
    from compared
    where scope_type = 'all' and past_count = 28 and order_count = 0
    union all
    select
        'missing_store' as gate,
        scope as subject,
        0 as observed,
        past_orders / 28 as expected
    from compared
    where scope_type = 'store' and is_newest and past_count = 28 and order_count = 0
    union all
    select
        gates.gate,
        cast(compared.date as varchar) as subject,
        cast(compared.order_count as double) as observed,
        compared.weekday_orders as expected
    from compared
    inner join gates on gates.gate = 'unusual_day'
    where
        compared.scope_type = 'all'
        and compared.is_newest
        and compared.past_count = 28
        and compared.weekday_orders >= 20
        and compared.order_count > 0
        and (
            compared.order_count > gates.limit_value * compared.weekday_orders
            or compared.order_count * gates.limit_value < compared.weekday_orders
        )
    union all
    select
        gates.gate,
        cast(compared.date as varchar) as subject,
        compared.net_amount / compared.order_count as observed,
        compared.past_amount / compared.past_orders as expected
    from compared
    inner join gates on gates.gate = 'unusual_amount'
    where
        compared.scope_type = 'all'
        and compared.is_newest
        and compared.order_count >= 20
        and compared.past_orders >= 100
        and compared.past_amount > 0
        and (
            compared.net_amount / compared.order_count
            > gates.limit_value * compared.past_amount / compared.past_orders
            or compared.net_amount / compared.order_count * gates.limit_value
            < compared.past_amount / compared.past_orders
        )
    union all
    select
        gates.gate,
        cast(max(history.business_date) as varchar) as subject,
        cast(sum(history.order_count) as double) as observed,
        cast(sum(history.prior_orders) as double) as expected
    from history
    inner join gates on gates.gate = 'lost_history'
    group by gates.gate, gates.limit_value
    having sum(history.order_count) < (1 - gates.limit_value) * sum(history.prior_orders)
    union all
    select
        gates.gate,
        cast(max(history.business_date) as varchar) as subject,
        cast(sum(history.is_changed) as double) / count(*) as observed,
        gates.limit_value as expected
    from history
    inner join gates on gates.gate = 'changed_history'
    where history.age_days between 3 and 30
    group by gates.gate, gates.limit_value
    having count(*) >= 14 and sum(history.is_changed) > gates.limit_value * count(*)
)

select
    findings.gate,
    findings.subject,
    cast(findings.observed as double) as observed,
    cast(findings.expected as double) as expected
from findings
inner join gates on findings.gate = gates.gate
where gates.verdict <> 'ignore'
