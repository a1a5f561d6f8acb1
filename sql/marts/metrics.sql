/*---
description:
  en: The definition of each metric, as it stood when the snapshot was made.
  zh: 各指标在本次快照中的定义。
grain: [metric]
columns:
  metric: Code of the metric.
  name_en: Its English name.
  name_zh: Its Chinese name.
  definition_en: What it says, in English.
  definition_zh: What it says, in Chinese.
  note_en: What to mind, in English.
  note_zh: What to mind, in Chinese.
  numerator_en: What is counted or summed, in English.
  numerator_zh: What is counted or summed, in Chinese.
  denominator_en: What it is divided by, in English.
  denominator_zh: What it is divided by, in Chinese.
  family: Topic that the metric belongs to.
  source: Where the definition comes from.
  unit: share, count, amount or ratio.
  better: Which direction is good; higher, lower or neither.
  version: Version of the definition.
  position: Place in lists.
  looks_back: Needs a past; flagged as censored while that is not in the data.
  windows: Kinds of window that it is for; empty where it is for all.
  scopes: Kinds of scope that it is for; empty where it is for all.
  needs: Inputs that it needs, as tables or table.column; one of those joined by | is enough.
  missing: Inputs that it needs and the data set does not have; such a metric has no rows.
  is_available: Nothing that it needs is missing.
checks:
  - not_null: [metric, name_en, name_zh, definition_en, definition_zh, unit, version]
  - unique: [metric]
---*/
select
    metric,
    name_en,
    name_zh,
    definition_en,
    definition_zh,
    note_en,
    note_zh,
    numerator_en,
    numerator_zh,
    denominator_en,
    denominator_zh,
    family,
    source,
    unit,
    better,
    version,
    position,
    looks_back,
    windows,
    scopes,
    needs,
    missing,
    missing is null as is_available
from raw.metrics
