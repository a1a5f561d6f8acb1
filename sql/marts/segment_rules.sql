/*---
description:
  en: The segment of each of the 125 cells of scores, and the position of the rule that claims it.
  zh: 125 个评分单元各自所属的分群，以及命中的规则序号。
grain: [r_score, f_score, m_score]
columns:
  rule_position: Position of the rule that claims the cell; the first match wins.
  segment: Code of the segment.
  segment_zh: Its Chinese name.
  segment_en: Its English name.
  r_score: Recency score of the cell.
  f_score: Frequency score of the cell.
  m_score: Spend score of the cell.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [rule_position, segment, r_score, f_score, m_score]
  - unique: [r_score, f_score, m_score]
---*/
select
    cells.rule_position,
    segments.segment,
    segments.segment_zh,
    segments.segment_en,
    cells.r_score,
    cells.f_score,
    cells.m_score,
    parameters.as_of_date
from raw.segment_cells as cells
inner join raw.segments as segments on cells.segment = segments.segment
cross join raw.parameters as parameters
