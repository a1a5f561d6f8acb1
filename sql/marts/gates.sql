/*---
description:
  en: The gates before publishing, one row each, with the finding that is furthest out of bounds. A
    closed gate stops the run, or warns, as the data set says.
  zh: 发布前的各道闸门，每道一行，并列出偏离最大的一项；关闭的闸门会阻止发布或给出警告，由数据集设置决定。
grain: [position]
columns:
  position: Place in lists.
  gate: Code of the gate.
  gate_zh: Its Chinese name.
  gate_en: Its English name.
  verdict: What a closed gate does; stop, warn or ignore.
  is_closed: Something is out of bounds.
  finding_count: Files, dates or stores that are out of bounds.
  subject: The first of them by name; empty where there is none.
  observed: What was found there.
  expected: What it is measured by.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [position, gate, verdict, is_closed, finding_count]
  - unique: [gate]
  - holds: not (is_closed and verdict = 'stop')
---*/
with

findings as (
    select
        gate,
        subject,
        observed,
        expected,
        row_number() over (partition by gate order by subject) as place,
        count(*) over (partition by gate) as finding_count
    from intermediate.gate_findings
)

select
    gates.position,
    gates.gate,
    gates.gate_zh,
    gates.gate_en,
    gates.verdict,
    findings.gate is not null as is_closed,
    coalesce(findings.finding_count, 0) as finding_count,
    findings.subject,
    findings.observed,
    findings.expected,
    parameters.as_of_date
from raw.gates as gates
left join findings on gates.gate = findings.gate and findings.place = 1
cross join raw.parameters as parameters
