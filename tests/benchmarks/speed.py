"""Speed as ratios measured side by side in one run; nothing here passes or fails.

`make bench` runs it; results that were seen stand in `tests/benchmarks/README.md`.
"""

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "data_samples" / "complete_journey"
REGULARS = str(Path(sys.executable).with_name("regulars"))
IMPORTS = "import dagster, great_expectations, sklearn.cluster, duckdb"
BARE = """
import duckdb, sys
connection = duckdb.connect(config={{"memory_limit": "8GB"}})
connection.execute('''
    create temp table bare as
    select {member}, max({time}), count(*), sum({amount}) from read_parquet({files!r}) group by 1
''')
"""


@dataclass(frozen=True)
class Cost:
    """What one process cost: wall and processor seconds, and peak resident memory in GB."""

    seconds: float
    cpu_seconds: float
    peak_gb: float


def measure(command: Sequence[str], home: Path) -> Cost:
    """Run a command to its end and return its cost; its own children count."""
    environment = os.environ | {"DAGSTER_HOME": str(home)}
    started = time.monotonic()
    process = os.posix_spawn(
        command[0],
        list(command),
        environment,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(process, 0)
    seconds = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024**2)


def run_fresh(dataset: Path, work: Path) -> Cost:
    """Run a data set into an empty output folder and return the cost of the whole command."""
    output = work / "output"
    shutil.rmtree(output, ignore_errors=True)
    return measure([REGULARS, "run", str(dataset), "--output", str(output)], work / "home")


def compare_fixed(work: Path, times: int) -> Cost:
    """Print the sample's run against the bare imports, paired, and return the median run."""
    python = [sys.executable, "-c", IMPORTS]
    measure(python, work / "home")
    run_fresh(SAMPLE, work)
    pairs = [(measure(python, work / "home"), run_fresh(SAMPLE, work)) for _ in range(times)]
    ratios = [run.seconds / imports.seconds for imports, run in pairs]
    report("sample run / imports", ratios, f"{pairs[0][1].peak_gb:.2f} GB")
    return sorted((run for _, run in pairs), key=lambda run: run.seconds)[times // 2]


def compare_marginal(dataset: Path, sample: Cost, work: Path, times: int) -> None:
    """Print the cost of a data set over the sample's, against the bare grouping of its orders."""
    orders = yaml.safe_load((dataset / "dataset.yaml").read_text("utf-8"))["files"]["orders"]
    columns = orders["columns"]
    code = BARE.format(
        member=columns["member_id"],
        time=columns["paid_at"],
        amount=columns["paid_amount"],
        files=str(dataset / orders["path"]),
    )
    ratios, cpu_ratios, notes = [], [], ""
    for _ in range(times):
        empty = measure([sys.executable, "-c", "import duckdb"], work / "home")
        bare = measure([sys.executable, "-c", code], work / "home")
        run = run_fresh(dataset, work)
        ratios.append((run.seconds - sample.seconds) / (bare.seconds - empty.seconds))
        cpu_ratios.append(
            (run.cpu_seconds - sample.cpu_seconds) / (bare.cpu_seconds - empty.cpu_seconds)
        )
        notes = (
            f"run {run.seconds:.0f} s, {run.peak_gb:.2f} GB;"
            f" bare {bare.seconds - empty.seconds:.1f} s, {bare.peak_gb:.2f} GB"
        )
    report(f"({dataset.name} - sample) / bare", ratios, notes)
    report(f"({dataset.name} - sample) / bare, processor time", cpu_ratios, "")


def report(label: str, ratios: Sequence[float], notes: str) -> None:
    """Print a ratio's median and range."""
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    sys.stdout.write(f"{label:<52} {middle:6.2f}  ({low:.2f} to {high:.2f})  {notes}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure the fixed cost, the catalogue check and the marginal cost of generated data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="*", default=[4_000_000, 20_000_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "benchmarks")
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    sample = compare_fixed(work, arguments.times)
    checks = [measure([REGULARS, "check"], work / "home").seconds for _ in range(arguments.times)]
    report("regulars check, seconds", checks, "")
    for orders in arguments.orders:
        dataset = work / f"tea_house_{orders}"
        if not (dataset / "dataset.yaml").exists():
            shutil.rmtree(dataset, ignore_errors=True)
            size = ["--members", str(orders * 28 // 100), "--orders", str(orders)]
            measure([REGULARS, "generate", str(dataset), *size], work / "home")
        compare_marginal(dataset, sample, work, arguments.times)


if __name__ == "__main__":
    main()
