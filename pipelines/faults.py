"""Named points at which a test may kill the process, to show that a killed run heals.

Nothing happens unless the environment variable REGULARS_FAULT names the point.
"""

import os
import signal

FAULT_POINTS = (
    "landing_copied",
    "files_parsed",
    "models_built",
    "tables_exported",
    "report_written",
    "manifest_written",
    "snapshot_renamed",
    "pointer_written",
)
ERASURE_FAULT_POINTS = (
    "erasure_noted",
    "erasure_landing_written",
    "erasure_ledger_written",
    "erasure_snapshots_written",
    "erasure_pointer_written",
    "erasure_quarantine_written",
)
# Reached by runs of data sets from which somebody was erased.
KEEPING_OUT_FAULT_POINTS = ("erased_kept_out",)


def reach_fault_point(name: str) -> None:
    """Kill this process at once, as a power cut would, if the environment asks for it here."""
    if name not in (*FAULT_POINTS, *ERASURE_FAULT_POINTS, *KEEPING_OUT_FAULT_POINTS):
        raise ValueError(f"{name!r} is not a fault point")
    if os.environ.get("REGULARS_FAULT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
