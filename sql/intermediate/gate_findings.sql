/*---
description: >
  What speaks against publishing: one row per gate and file, date or store that is out of bounds.
  A file is compared with the usual one of its source, as long as the dates it covers, and with
  itself the night before; a date with the four weeks before it, mostly with its own weekday of
  each, and with what the night before published of it. Fewer than ten orders a day may be none by
  chance, and where a weekday of the four had none the shop may be closed: both are left alone. A
  twin is another order of the same moment, member, amount and store; only a doubled export gives
  most orders one. A number is reused where its versions differ in date and in amount, which a
  change of status makes of an order that was not paid before, but hardly of another. Refund totals
  without dates are found where the orders reach beyond the as-of date: they may be of later.
grain: [gate, subject]
columns:
  gate: Code of the gate.
  subject: File, date, store, or orders for all of them.
  observed: What was found; a share, a count or a mean amount, as the gate's sentence says.
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
        pattern,
        byte_count,
        row_count,
        accepted_count,
        quarantined_count,
        is_refused,
        coalesce(datediff('day', first_on, last_on) + 1, 1) as day_count
    from raw.files
    where is_used
),

ranked as (
    select
        source_table,
        pattern,
        row_count,
        cast(row_count as double) / day_count as daily_count,
        row_number() over (
            partition by source_table, pattern order by row_count, file_name
        ) as place,
        row_number() over (
            partition by source_table, pattern
            order by cast(row_count as double) / day_count, file_name
        ) as daily_place,
        count(*) over (partition by source_table, pattern) as file_count
    from files
),

usual_sizes as (
    select
        source_table,
        pattern,
        max(case when place = floor((file_count + 1) / 2) then row_count end) as usual_count,
        max(
            case when daily_place = floor((file_count + 1) / 2) then daily_count end
        ) as usual_daily_count
    from ranked
    where file_count >= 5
    group by source_table, pattern
),

sized as (
    select
        files.subject,
        files.row_count,
        cast(
            greatest(
                coalesce(
                    least(usual.usual_count, usual.usual_daily_count * files.day_count), 0
                ),
                coalesce(former.row_count, 0)
            ) as double
        ) as expected_count,
        coalesce(files.row_count = former.row_count, false) as is_known
    from files
    left join usual_sizes as usual
        on files.source_table = usual.source_table and files.pattern = usual.pattern
    left join raw.prior_files as former
        on files.source_table = former.source_table and files.file_name = former.file_name
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
        cast(sum(days.order_count) as double) as past_orders,
        cast(sum(days.net_amount) as double) as past_amount,
        count(case when datediff('day', days.business_date, calendar.date) % 7 = 0 then 1 end)
            as weekday_count,
        avg(
            case
                when datediff('day', days.business_date, calendar.date) % 7 = 0
                    then days.order_count
            end
        ) as weekday_orders,
        min(
            case
                when datediff('day', days.business_date, calendar.date) % 7 = 0
                    then days.order_count
            end
        ) as fewest_orders,
        max(
            case
                when datediff('day', days.business_date, calendar.date) % 7 = 0
                    then days.order_count
            end
        ) as most_orders
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
        wanted.past_orders,
        wanted.past_amount,
        wanted.weekday_orders,
        wanted.fewest_orders,
        wanted.most_orders,
        wanted.weekday_count = 4 and wanted.weekday_orders >= 10 as is_expected,
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
            when
                abs(cast(coalesce(days.net_amount, 0) as double) - former.net_amount)
                > 0.5 * abs(former.net_amount)
                then 1
            else 0
        end as is_changed,
        datediff('day', former.business_date, max(former.business_date) over ()) as age_days
    from raw.prior_days as former
    left join days on former.business_date = days.business_date and days.scope_type = 'all'
),

recent_dates as (
    select
        calendar.date,
        calendar.date = parameters.as_of_date as is_newest
    from raw.calendar as calendar
    cross join parameters
    where datediff('day', calendar.date, parameters.as_of_date) <= 28
),

alike as (
    select
        recent_dates.is_newest,
        count(distinct coalesce(orders.parent_order_id, orders.order_id)) as order_count
    from raw.orders as orders
    inner join recent_dates on orders.business_date = recent_dates.date
    group by
        recent_dates.is_newest,
        orders.business_date,
        coalesce(orders.paid_at, orders.created_at),
        orders.member_id,
        orders.paid_amount,
        orders.store_id
),

twins as (
    select
        cast(
            sum(case when is_newest and order_count > 1 then order_count else 0 end) as double
        ) as new_twins,
        cast(sum(case when is_newest then order_count else 0 end) as double) as new_orders,
        cast(
            sum(case when not is_newest and order_count > 1 then order_count else 0 end) as double
        ) as past_twins,
        cast(sum(case when is_newest then 0 else order_count end) as double) as past_orders
    from alike
),

reused as (
    select versions.order_id
    from staging.repeated_orders as versions
    left join raw.order_statuses as statuses on versions.status = statuses.status
    where coalesce(statuses.status_class, 'paid') <> 'created'
    group by versions.order_id
    having count(distinct versions.business_date) > 1 and count(distinct versions.paid_amount) > 1
),

reuse as (
    select count(*) as number_count from reused
),

order_rows as (
    select coalesce(sum(row_count), 0) as row_count from files
    where source_table = 'orders'
),

allowances as (
    select
        gates.gate,
        floor(greatest(2, gates.limit_value * order_rows.row_count)) as allowed_count
    from gates
    cross join order_rows
    where gates.gate = 'reused_numbers'
),

backfills as (
    select parameters.as_of_date
    from raw.files as files
    cross join parameters
    where files.source_table = 'orders' and files.is_used
    group by parameters.as_of_date
    having max(files.last_on) > parameters.as_of_date
),

refunded as (
    select
        refunded_amount,
        refunded_amount as undated_amount
    from intermediate.order_days
    union all
    select
        0 as refunded_amount,
        -amount as undated_amount
    from intermediate.refunds_of_orders
),

undated as (
    select
        sum(refunded.refunded_amount) as refunded_amount,
        sum(refunded.undated_amount) as undated_amount
    from refunded
    cross join backfills
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
        files.quarantined_count > gates.limit_value * files.row_count
        and (files.quarantined_count > gates.free_rows or files.accepted_count = 0)
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
    where
        row_count = 0
        and not is_refused
        and (byte_count = 0 or source_table in ('orders', 'members'))
    union all
    select
        gates.gate,
        sized.subject,
        cast(sized.row_count as double) as observed,
        sized.expected_count as expected
    from sized
    inner join gates on gates.gate = 'shrunk_file'
    where not sized.is_known and sized.row_count < gates.limit_value * sized.expected_count
    union all
    select
        allowances.gate,
        'orders' as subject,
        cast(reuse.number_count as double) as observed,
        cast(allowances.allowed_count as double) as expected
    from allowances
    cross join reuse
    where reuse.number_count > allowances.allowed_count
    union all
    select
        'missing_day' as gate,
        cast(date as varchar) as subject,
        0 as observed,
        weekday_orders as expected
    from compared
    where scope_type = 'all' and is_expected and order_count = 0
    union all
    select
        'missing_store' as gate,
        scope as subject,
        0 as observed,
        weekday_orders as expected
    from compared
    where scope_type = 'store' and is_newest and is_expected and order_count = 0
    union all
    select
        gates.gate,
        cast(parameters.as_of_date as varchar) as subject,
        twins.new_twins / twins.new_orders as observed,
        twins.past_twins / twins.past_orders as expected
    from twins
    cross join parameters
    inner join gates on gates.gate = 'doubled_day'
    where
        twins.new_orders >= 20
        and twins.past_orders >= 100
        and twins.new_twins > gates.limit_value * twins.new_orders
        and twins.new_twins / twins.new_orders > 2 * twins.past_twins / twins.past_orders
    union all
    select
        gates.gate,
        cast(compared.date as varchar) as subject,
        cast(compared.order_count as double) as observed,
        cast(
            case
                when compared.order_count > compared.most_orders then compared.most_orders
                else compared.fewest_orders
            end as double
        ) as expected
    from compared
    inner join gates on gates.gate = 'unusual_day'
    where
        compared.scope_type = 'all'
        and compared.is_newest
        and compared.is_expected
        and compared.weekday_orders >= 20
        and compared.order_count > 0
        and (
            compared.order_count > gates.limit_value * compared.most_orders
            or compared.order_count * gates.limit_value < compared.fewest_orders
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
    union all
    select
        gates.gate,
        'orders' as subject,
        cast(undated.undated_amount as double)
        / cast(undated.refunded_amount as double) as observed,
        0 as expected
    from undated
    inner join gates on gates.gate = 'undated_refunds'
    where undated.undated_amount > 0
)

select
    findings.gate,
    findings.subject,
    cast(findings.observed as double) as observed,
    cast(findings.expected as double) as expected
from findings
inner join gates on findings.gate = gates.gate
where gates.verdict <> 'ignore'
