"""What this machine or container offers to a run, and what it says when that is too little.

Only limits are read here; no result depends on them.
"""

import errno
import os
import sqlite3
from pathlib import Path

from pipelines.errors import MachineError

CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL_WORDS = ("No space left", "File too large", "Disk quota exceeded")
ENGINE_SHARE = 0.4
ENGINE_CEILING_BYTES = 3 << 30


def read_memory_bytes() -> int:
    """Return the memory of the machine, or of the container where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in CGROUP_LIMITS:
        path = Path(name)
        if path.is_file() and (text := path.read_text(encoding="ascii").strip()).isdigit():
            total = min(total, int(text))
    return total


def choose_engine_memory() -> int:
    """Return the bytes that the engine may take: a share of the memory, and no more than needed.

    Beyond the ceiling more memory was not seen to make a run faster.
    """
    return min(int(read_memory_bytes() * ENGINE_SHARE), ENGINE_CEILING_BYTES)


def explain_limit(error: BaseException) -> MachineError | None:
    """Return an error that says which limit of the machine was met, or None for another failure.

    A file that is not there is no limit of the machine.
    """
    import duckdb

    if isinstance(error, OSError) and error.errno is not None:
        place = str(error.filename or "the output folder")
        if error.errno in DISK_FULL:
            return explain_full_disk(place)
        if error.errno != errno.ENOENT:
            return MachineError(f"{place}: {os.strerror(error.errno)}; correct this and run again.")
    if isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error):
        return explain_full_disk("Dagster's home")
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return MachineError("There is too little memory for this run; free some and run again.")
    if isinstance(error, duckdb.IOException):
        message = str(error).splitlines()[0]
        if any(words in message for words in DISK_FULL_WORDS):
            return explain_full_disk("the output folder")
        return MachineError(f"The engine cannot read or write a file: {message}; run again.")
    return None


def explain_full_disk(place: str) -> MachineError:
    """Return the error of a disk that is full at a place."""
    return MachineError(f"The disk is full at {place}; make room and run again.")
