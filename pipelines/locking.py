"""One run at a time for each data set: a lock that the kernel frees when its holder dies.

What the holder does stands in `pipelines.runs`.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import LockedError

LOCK = ".lock"


@contextmanager
def hold_lock(output: Path) -> Iterator[None]:
    """Hold the lock of an output folder.

    Raises LockedError where another process holds it. The file names the holder for people who
    look; only the kernel's lock counts, so a killed holder leaves nothing to clean up.
    """
    output.mkdir(parents=True, exist_ok=True)
    with (output / LOCK).open("a+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"Another run is at work in {output}; wait for it to end.") from None
        stream.seek(0)
        stream.truncate()
        stream.write(json.dumps({"pid": os.getpid(), "boot_id": read_boot_id()}))
        stream.flush()
        yield


def read_boot_id() -> str:
    """Return the kernel's id of this boot, or nothing where it has none."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="ascii").strip() if path.exists() else ""
