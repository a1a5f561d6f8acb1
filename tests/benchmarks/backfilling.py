"""What a backfill of the sample costs as a multiple of one run, in processor time; nothing fails.

`make bench` runs it; results that were seen stand in `tests/benchmarks/README.md`.
"""

import argparse
import shutil
import sys
from pathlib import Path

from tests.benchmarks.speed import REGULARS, ROOT, SAMPLE, measure, run_fresh

MONTH_ENDS = 24


def main() -> None:
    """Measure one run, one month end and the sample's twelve, and what 24 come to.

    The sample has one year, so that a second one is taken to cost what the first did, but for the
    start, which a process pays once.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "benchmarks")
    work: Path = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    run = run_fresh(SAMPLE, work).cpu_seconds
    one, twelve = backfill(work, "2017-12"), backfill(work, "2017-01")
    each = (twelve - one) / 11
    total = one + (MONTH_ENDS - 1) * each
    sys.stdout.write(
        f"one run {run:.1f} s, one month end {one:.1f} s, each further one {each:.1f} s:"
        f" {MONTH_ENDS} month ends cost {total / run:.1f} runs\n"
    )


def backfill(work: Path, since: str) -> float:
    """Return the processor seconds of a backfill of the sample into an empty folder."""
    output = work / "backfilled"
    shutil.rmtree(output, ignore_errors=True)
    months = ["--since", since, "--until", "2017-12"]
    command = [REGULARS, "backfill", str(SAMPLE), *months, "--output", str(output)]
    return measure(command, work / "home").cpu_seconds


if __name__ == "__main__":
    main()
