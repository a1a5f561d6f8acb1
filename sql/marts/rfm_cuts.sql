/*---
description:
  en: The cut points behind the scores of this snapshot.
  zh: 本次快照评分所用的切点。
grain: [measure, score]
columns:
  measure: recency (days), frequency (occasions or orders) or monetary (currency).
  score: The score that reaching the cut gives.
  direction: at_most for recency, at_least for the others.
  cut: The cut point, in the measure's unit.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [measure, score, direction, cut]
  - unique: [measure, score]
---*/
select
    cuts.measure,
    cuts.score,
    cuts.direction,
    cuts.cut,
    parameters.as_of_date
from raw.rfm_cuts as cuts
cross join raw.parameters as parameters
