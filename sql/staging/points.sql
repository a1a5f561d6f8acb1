/*---
description: >
  The movements of points up to the as-of date under their canonical members, identical rows made
  one. Members on the exclusion list are left out. What a movement is follows from the word of the
  export; where nobody explains the word, the kind is empty and the movement counts nowhere.
grain: [movement, no key of its own]
columns:
  member_id: The canonical member's number.
  moved_on: Local date of the movement, with the shop's own start of day.
  word: Kind as exported, in small letters.
  point_kind: earn, redeem, expire or adjust; empty where nobody explains the word.
  points: Points, negative where they leave; a reversal of earned points is an earn below zero.
checks:
  - not_null: [member_id, moved_on, word, points]
  - accepted: {point_kind: [earn, redeem, expire, adjust]}
---*/
with

movements as (
    select
        movements.member_id,
        movements.moved_on,
        lower(trim(movements.kind)) as word,
        movements.points
    from raw.points as movements
    group by
        movements.member_id,
        movements.at,
        movements.moved_on,
        lower(trim(movements.kind)),
        movements.points,
        movements.order_id
),

canonical as (
    select
        coalesce(merged.canonical_id, movements.member_id) as member_id,
        movements.moved_on,
        movements.word,
        movements.points
    from movements
    left join raw.canonical_ids as merged on movements.member_id = merged.member_id
    cross join raw.parameters as parameters
    where movements.moved_on <= parameters.as_of_date
)

select
    canonical.member_id,
    canonical.moved_on,
    canonical.word,
    kinds.point_kind,
    canonical.points
from canonical
left join staging.excluded_members as excluded on canonical.member_id = excluded.member_id
left join raw.point_kinds as kinds on canonical.word = kinds.word
where excluded.member_id is null
