/*---
description:
  en: What each kind of the exported movements of points was taken for; kinds that nobody explains
    count in no figure. Empty where there is no points file.
  zh: 积分流水各类型被如何理解；无人说明的类型不计入任何指标。没有积分流水时为空。
grain: [word]
columns:
  word: Kind as exported, in small letters; (other) for rare unknown words.
  point_kind: What it was taken for; earn, redeem, expire, adjust, or unknown.
  is_known: Somebody explained the word.
  row_count: Movements with it, identical rows counted once.
  points: Sum of their points.
  as_of_date: Last business date of the snapshot.
checks:
  - not_null: [word, point_kind, is_known, row_count, points]
  - unique: [word]
---*/
with

parameters as (
    select * from raw.parameters
),

counted as (
    select
        word,
        point_kind,
        count(*) as row_count,
        sum(points) as points
    from staging.points
    group by word, point_kind
),

explained as (
    select
        case
            when counted.point_kind is null and counted.row_count < parameters.small_number
                then '(other)'
            else counted.word
        end as word,
        coalesce(counted.point_kind, 'unknown') as point_kind,
        counted.point_kind is not null as is_known,
        counted.row_count,
        counted.points
    from counted
    cross join parameters
)

select
    explained.word,
    explained.point_kind,
    explained.is_known,
    cast(sum(explained.row_count) as bigint) as row_count,
    cast(sum(explained.points) as bigint) as points,
    parameters.as_of_date
from explained
cross join parameters
group by explained.word, explained.point_kind, explained.is_known, parameters.as_of_date
