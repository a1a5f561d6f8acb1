/*---
description: >
  Hashes of the member numbers that may stand in the member file more than once. Two different
  numbers may share one, so whoever uses it compares the numbers themselves.
grain: [member_hash]
columns:
  member_hash: Hash of a member number.
---*/
select hash(member_id) as member_hash
from raw.members
group by hash(member_id)
having count(*) > 1
