"""That every hostile file is refused in one sentence, or each of its rows is as expected.

The files, what is hostile about them and what must become of them stand in `make_corpus`.
"""

import time
from collections import Counter
from pathlib import Path

import pytest

from pipelines.errors import InputError
from tests.hostile.cases import Case
from tests.hostile.make_corpus import list_cases, write_case
from tests.hostile.reading import check_conservation, is_one_sentence, read_folder

CASES = list_cases()
SLOWEST_SECONDS = 30


def test_corpus_is_as_large_as_promised() -> None:
    assert len(CASES) >= 160
    assert all(case.hostility for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_hostile_file_has_its_outcome(case: Case, tmp_path: Path) -> None:
    folder, started = write_case(case, tmp_path / "data"), time.monotonic()
    if case.refusal is not None:
        with pytest.raises(InputError) as caught:
            read_folder(folder, tmp_path / "work", case.table)
        assert is_one_sentence(str(caught.value))
        assert case.refusal in str(caught.value)
        assert time.monotonic() - started < SLOWEST_SECONDS
        return
    found = read_folder(folder, tmp_path / "work", case.table)
    rows = Counter(tuple(row[name] for name in case.columns) for row in found.rows)
    rejects = Counter((r["line"], r["column_name"], r["reason"]) for r in found.rejects)
    assert rejects == Counter((r.line, r.column, r.reason) for r in case.rejects)
    assert rows == Counter(case.rows)
    check_conservation(found)
