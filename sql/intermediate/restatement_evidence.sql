/*---
description: >
  The dates of which the files say something else than they did for the snapshot before, by scope,
  and what happened: orders or refunds that came late, members who were merged, erased or excluded.
  Empty where there is no snapshot before.
grain: [scope_type, scope, business_date, cause]
columns:
  scope_type: What has changed, for example all, store or channel.
  scope: Which one of them; "all" for the whole data set.
  business_date: Date of the orders.
  cause: late_refund, late_order, merge, erased_member or exclusion.
checks:
  - not_null: [scope_type, scope, business_date, cause]
  - unique: [scope_type, scope, business_date, cause]
  - accepted: {cause: [late_refund, late_order, merge, erased_member, exclusion]}
---*/
with

former as (
    select * from raw.prior_snapshot
),

told as (
    select
        scopes.scope_type,
        scopes.scope,
        evidence.business_date,
        1 as sign,
        evidence.order_count,
        evidence.paid_amount,
        evidence.refunded_order_count,
        evidence.refunded_amount,
        evidence.excluded_order_count,
        evidence.uncounted_order_count,
        evidence.guest_order_count
    from intermediate.order_evidence as evidence
    inner join intermediate.scopes as scopes on evidence.scope_key = scopes.scope_key
    union all
    select
        scope_type,
        scope,
        business_date,
        -1 as sign,
        order_count,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        refunded_order_count,
        cast(refunded_amount as decimal(18, 2)) as refunded_amount,
        excluded_order_count,
        uncounted_order_count,
        guest_order_count
    from raw.prior_basis
),

differences as (
    select
        told.scope_type,
        told.scope,
        told.business_date,
        sum(told.sign * told.order_count) as order_difference,
        sum(told.sign * told.paid_amount) as paid_difference,
        sum(told.sign * told.refunded_order_count) as refunded_order_difference,
        sum(told.sign * told.refunded_amount) as refunded_difference,
        sum(told.sign * told.excluded_order_count) as excluded_difference,
        sum(told.sign * told.uncounted_order_count) as uncounted_difference,
        sum(told.sign * told.guest_order_count) as guest_difference
    from told
    inner join former on told.business_date <= former.prior_as_of
    group by told.scope_type, told.scope, told.business_date
),

merged as (
    select distinct members.member_key
    from raw.canonical_ids as canonical_ids
    inner join raw.prior_members as before on canonical_ids.member_id = before.member_id
    inner join staging.members as members on canonical_ids.canonical_id = members.member_id
),

merged_days as (
    select distinct
        place_scopes.scope_key,
        orders.business_date
    from staging.orders as orders
    inner join merged on orders.member_key = merged.member_key
    inner join intermediate.place_scopes as place_scopes
        on orders.place_key = place_scopes.place_key
    inner join former on orders.business_date <= former.prior_as_of
    where orders.is_valid or orders.invalid_reason = 'return'
)

select
    scope_type,
    scope,
    business_date,
    'late_refund' as cause
from differences
where refunded_difference <> 0 or refunded_order_difference <> 0
union all
select
    scope_type,
    scope,
    business_date,
    'late_order' as cause
from differences
where order_difference <> 0 or paid_difference <> 0 or uncounted_difference <> 0
union all
select
    differences.scope_type,
    differences.scope,
    differences.business_date,
    'erased_member' as cause
from differences
cross join former
where
    former.has_erased
    and differences.guest_difference > greatest(differences.order_difference, 0)
union all
select
    scope_type,
    scope,
    business_date,
    'exclusion' as cause
from differences
where excluded_difference <> 0
union all
select
    scopes.scope_type,
    scopes.scope,
    merged_days.business_date,
    'merge' as cause
from merged_days
inner join intermediate.scopes as scopes on merged_days.scope_key = scopes.scope_key
