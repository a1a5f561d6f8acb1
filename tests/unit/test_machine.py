"""That a limit of the machine is one sentence, and that nothing else is taken for one."""

import errno
import sqlite3

import duckdb
import pytest

from pipelines.machine import explain_limit


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_full_disk_is_named_with_its_place(code: int) -> None:
    limit = explain_limit(OSError(code, "whatever", "/data/out"))
    assert str(limit) == "The disk is full at /data/out; make room and run again."


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/data/out"),
            "/data/out: Permission denied; correct this and run again.",
        ),
        (
            duckdb.IOException('IO Error: Could not write file "x": No space left on device'),
            "The disk is full at the output folder; make room and run again.",
        ),
        (
            sqlite3.OperationalError("database or disk is full"),
            "The disk is full at Dagster's home; make room and run again.",
        ),
        (
            duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block"),
            "There is too little memory for this run; free some and run again.",
        ),
        (
            duckdb.IOException("IO Error: Could not read file\nsecond line"),
            "The engine cannot read or write a file: IO Error: Could not read file; run again.",
        ),
    ],
)
def test_other_limits_are_one_sentence(error: Exception, sentence: str) -> None:
    limit = explain_limit(error)
    assert limit is not None
    assert (str(limit), limit.exit_code) == (sentence, 1)


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(errno.ENOENT, "No such file"), KeyError("x"), duckdb.BinderException("x")],
)
def test_defects_of_the_program_are_no_limits(error: Exception) -> None:
    assert explain_limit(error) is None
