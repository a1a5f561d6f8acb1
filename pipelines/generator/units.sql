-- One row a unit: a short span of one day, in time order, holding orders_per_unit orders.
with spans as (
    select
        days.*,
        span.k as k,
        (span.k * 1048576) // days.unit_count as starts,
        ((span.k + 1) * 1048576) // days.unit_count as ends
    from days
    cross join lateral (select unnest(range(days.unit_count)) as k) as span
    where
        days.day_number between getvariable('first_day') and getvariable('last_day')
)

select
    spans.first_unit + spans.k as unit,
    spans.day_number,
    spans.date_number,
    spans.midnight_s,
    spans.id_share,
    spans.store_count,
    spans.is_promotion,
    spans.is_cashier_day,
    spans.members_before as members_at_opening,
    spans.members_before
    + (spans.new_members * spans.k) // spans.unit_count as members_now,
    spans.members_before
    + (spans.new_members * (spans.k + 1)) // spans.unit_count as members_next,
    opening.at_ms + ((opening.width_ms * (spans.starts & 1023)) >> 10) as starts_ms,
    closing.at_ms + ((closing.width_ms * (spans.ends & 1023)) >> 10) as ends_ms
from spans
inner join hours as opening
    on spans.profile = opening.profile and (spans.starts >> 10) = opening.position
inner join hours as closing
    on spans.profile = closing.profile and (spans.ends >> 10) = closing.position
order by unit
