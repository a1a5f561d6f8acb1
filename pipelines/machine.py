"""What this machine or container offers to a run.

Only limits are read here; no result depends on them.
"""

import os
from pathlib import Path

CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
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
