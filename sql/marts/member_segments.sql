/*---
description:
  en: The segment of each member; those who never bought have a segment of their own and no score.
  zh: 每位会员所属的分群；从未购买的会员单独成群，不参与评分。
grain: [member_id]
columns:
  member_id: The shop's number of the canonical member.
  segment: Code of the segment.
  segment_zh: Its Chinese name.
  segment_en: Its English name.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [member_id, segment, segment_zh, segment_en, as_of_date]
  - unique: [member_id]
---*/
select
    members.member_id,
    segments.segment,
    segments.segment_zh,
    segments.segment_en,
    parameters.as_of_date
from staging.members as members
left join intermediate.member_scores as scores on members.member_key = scores.member_key
left join raw.segment_cells as cells
    on
        scores.r_score = cells.r_score
        and scores.f_score = cells.f_score
        and scores.m_score = cells.m_score
inner join raw.segments as segments
    on coalesce(cells.segment, 'never_bought') = segments.segment
cross join raw.parameters as parameters
where
    not members.is_excluded
    and (
        (members.is_in_member_file and members.deregistered_on is null)
        or scores.member_key is not null
    )
