/*---
description:
  en: >
    The published numbers that are others now than in the snapshot before, for windows that were
    complete then, and why. The cause is what the files say otherwise of the window's own dates, or
    else of the dates before it, or else of those after. Numbers that were immature and are known
    now are not restated.
  zh: 与上一快照相比已发生变化的已发布数字（仅限当时已完整的窗口）及其原因；原因依据窗口内日期的证据判断，
    其次为此前日期，再次为此后日期。此前因未成熟而为空、现已有值的不属更正。
grain: [metric, scope_type, scope, window_type, window_start]
columns:
  metric: Code of the metric; its definition stands in metrics.
  scope_type: What the number is about, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  window_type: Kind of window, for example month or trailing_90d.
  window_start: First business date of the window.
  window_end: Last business date of the window.
  old_value: The number as it was published before; empty where it had none.
  new_value: The number as it is published now; empty where it has none.
  change: New value minus old value, in the metric's unit; empty where one of them is.
  old_numerator: What was counted or summed before.
  new_numerator: What is counted or summed now.
  old_denominator: What it was divided by before; empty for counts and sums.
  new_denominator: What it is divided by now; empty for counts and sums.
  old_null_reason: Why the number was empty before.
  new_null_reason: Why it is empty now; not_published where it is not published any more.
  cause: Codes of the causes, joined by +; other where there is no evidence of any.
  cause_zh: The causes, in Chinese.
  cause_en: The causes, in English.
  prior_as_of: Last business date of the snapshot before.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [metric, scope_type, scope, window_type, window_start, cause, prior_as_of]
  - unique: [metric, scope_type, scope, window_type, window_start]
  - holds: prior_as_of < as_of_date and window_end <= prior_as_of
---*/
with

former as (
    select * from raw.prior_snapshot
),

restated as (
    select
        before.metric,
        before.scope_type,
        before.scope,
        before.window_type,
        before.window_start,
        before.window_end,
        before.value as old_value,
        kpi.value as new_value,
        before.numerator as old_numerator,
        cast(kpi.numerator as double) as new_numerator,
        before.denominator as old_denominator,
        cast(kpi.denominator as double) as new_denominator,
        before.null_reason as old_null_reason,
        case when kpi.metric is null then 'not_published' else kpi.null_reason end
            as new_null_reason,
        coalesce(
            metrics.version <> before.definition_version, true
        ) as has_changed_definition,
        coalesce(sums.is_without_orders, false) as is_without_orders
    from raw.prior_kpi as before
    inner join raw.windows as windows
        on
            before.window_type = windows.window_type
            and before.window_start = windows.window_start
    left join marts.kpi as kpi
        on
            before.metric = kpi.metric
            and before.scope_type = kpi.scope_type
            and before.scope = kpi.scope
            and before.window_type = kpi.window_type
            and before.window_start = kpi.window_start
    left join raw.metrics as metrics on before.metric = metrics.metric
    left join intermediate.metric_sums as sums on before.metric = sums.metric
    where
        before.is_complete
        and not coalesce(metrics.moves_on, false)
        and coalesce(before.null_reason <> 'immature', true)
        and (
            kpi.metric is null
            or before.value is distinct from kpi.value
            or before.null_reason is distinct from kpi.null_reason
        )
),

places as (
    select distinct
        scope_type,
        scope,
        window_type,
        window_start,
        window_end
    from restated
),

near as (
    select distinct
        evidence.scope_type,
        evidence.scope,
        dates.window_type,
        dates.window_start,
        evidence.cause
    from intermediate.restatement_evidence as evidence
    inner join intermediate.window_dates as dates on evidence.business_date = dates.business_date
),

spans as (
    select
        scope_type,
        scope,
        cause,
        min(business_date) as first_on,
        max(business_date) as last_on
    from intermediate.restatement_evidence
    group by scope_type, scope, cause
),

found as (
    select
        places.scope_type,
        places.scope,
        places.window_type,
        places.window_start,
        near.cause,
        1 as distance
    from places
    inner join near
        on
            places.scope_type = near.scope_type
            and places.scope = near.scope
            and places.window_type = near.window_type
            and places.window_start = near.window_start
    union all
    select
        places.scope_type,
        places.scope,
        places.window_type,
        places.window_start,
        spans.cause,
        case when spans.first_on < places.window_start then 2 else 3 end as distance
    from places
    inner join spans on places.scope_type = spans.scope_type and places.scope = spans.scope
    where spans.first_on < places.window_start or spans.last_on > places.window_end
    union all
    select
        places.scope_type,
        places.scope,
        places.window_type,
        places.window_start,
        spans.cause,
        4 as distance
    from places
    inner join spans on spans.scope_type = 'all'
    where places.scope_type <> 'all'
),

nearest as (
    select
        scope_type,
        scope,
        window_type,
        window_start,
        min(distance) as distance
    from found
    group by scope_type, scope, window_type, window_start
),

chosen as (
    select distinct
        found.scope_type,
        found.scope,
        found.window_type,
        found.window_start,
        found.cause,
        found.distance
    from found
    inner join nearest
        on
            found.scope_type = nearest.scope_type
            and found.scope = nearest.scope
            and found.window_type = nearest.window_type
            and found.window_start = nearest.window_start
            and found.distance = nearest.distance
),

evident as (
    select
        chosen.scope_type,
        chosen.scope,
        chosen.window_type,
        chosen.window_start,
        chosen.distance,
        cast(sum(causes.bits) as integer) as bits
    from chosen
    inner join raw.restatement_causes as causes on chosen.cause = causes.cause
    group by
        chosen.scope_type,
        chosen.scope,
        chosen.window_type,
        chosen.window_start,
        chosen.distance
),

newly_merged as (
    select count(*) > 0 as has_merged
    from raw.canonical_ids as canonical_ids
    inner join raw.prior_members as before on canonical_ids.member_id = before.member_id
),

known_bits as (
    select
        max(case when cause = 'merge' then bits end) as merge_bits,
        max(case when cause = 'erased_member' then bits end) as erased_bits,
        max(case when cause = 'changed_setting' then bits end) as setting_bits,
        max(case when cause = 'changed_definition' then bits end) as definition_bits
    from raw.restatement_causes
),

weighed as (
    select
        restated.*,
        former.prior_as_of,
        evident.distance,
        case
            when former.has_changed_settings then known_bits.setting_bits
            else 0
        end as setting_bits,
        case
            when restated.has_changed_definition then known_bits.definition_bits
            else 0
        end as definition_bits,
        case
            when restated.is_without_orders then 0
            else coalesce(evident.bits, 0)
        end as evident_bits,
        case when newly_merged.has_merged then known_bits.merge_bits else 0 end as merge_bits,
        case when former.has_erased then known_bits.erased_bits else 0 end as erased_bits
    from restated
    cross join former
    cross join newly_merged
    cross join known_bits
    left join evident
        on
            restated.scope_type = evident.scope_type
            and restated.scope = evident.scope
            and restated.window_type = evident.window_type
            and restated.window_start = evident.window_start
),

decided as (
    select
        weighed.*,
        case
            when weighed.setting_bits > 0 then weighed.setting_bits + weighed.definition_bits
            when weighed.definition_bits > 0 and weighed.distance = 1
                then weighed.definition_bits + weighed.evident_bits
            when weighed.definition_bits > 0 then weighed.definition_bits
            when weighed.evident_bits > 0 then weighed.evident_bits
            else weighed.merge_bits + weighed.erased_bits
        end as bits
    from weighed
)

select
    decided.metric,
    decided.scope_type,
    decided.scope,
    decided.window_type,
    decided.window_start,
    decided.window_end,
    decided.old_value,
    decided.new_value,
    decided.new_value - decided.old_value as change,
    decided.old_numerator,
    decided.new_numerator,
    decided.old_denominator,
    decided.new_denominator,
    decided.old_null_reason,
    decided.new_null_reason,
    causes.cause,
    causes.cause_zh,
    causes.cause_en,
    decided.prior_as_of,
    parameters.as_of_date
from decided
inner join raw.restatement_causes as causes on decided.bits = causes.bits
cross join raw.parameters as parameters
