"""A shop of sixty orders to try runs on, and a run of it step by step, without Dagster.

What a run must never do stands in the tests that import this; no number is worked out here.
"""

import csv
import datetime
import multiprocessing
import os
import random
import resource
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipelines.errors import RegularsError
from pipelines.machine import explain_limit
from pipelines.runs import Run, RunRequest, start_run
from pipelines.snapshots import Snapshot, find_damage, open_snapshot, read_pointer

Row = dict[str, str]
FIRST_DAY = datetime.datetime(2024, 1, 3, 0, 20)
SETTINGS = """\
name: small_shop
timezone: Asia/Shanghai
currency: CNY
languages: [en]
files:
  orders: {path: "orders*.csv"}
  refunds: {path: "refunds*.csv"}
  members: {path: "members*.csv"}
  member_merges: {path: "merges*.csv"}
scopes: [store, channel]
clusters: {count: 3}
"""


@dataclass
class Shop:
    """The rows of each file, and dataset.yaml; change them before they are written."""

    orders: list[Row]
    refunds: list[Row]
    members: list[Row]
    merges: list[Row]
    settings: str = SETTINGS

    @property
    def tables(self) -> dict[str, list[Row]]:
        """The rows by file name without its ending."""
        return {
            "orders": self.orders,
            "refunds": self.refunds,
            "members": self.members,
            "merges": self.merges,
        }

    def write(self, folder: Path) -> Path:
        """Write the data set's folder and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            write_rows(folder / f"{name}.csv", rows)
        (folder / "dataset.yaml").write_text(self.settings, encoding="utf-8")
        return folder

    def write_permuted(self, folder: Path, seed: int) -> Path:
        """Write the same files with their rows shuffled."""
        chance = random.Random(seed)
        self.write(folder)
        for name, rows in self.tables.items():
            write_rows(folder / f"{name}.csv", chance.sample(rows, len(rows)))
        return folder

    def write_disturbed(self, folder: Path, seed: int, repeats: int = 0) -> Path:
        """Write the same rows shuffled, in two files a table, some of the rows in both."""
        chance = random.Random(seed)
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            shuffled = chance.sample(rows, len(rows))
            half = len(rows) // 2
            write_rows(folder / f"{name}_a.csv", shuffled[: half + repeats])
            write_rows(folder / f"{name}_b.csv", shuffled[half:])
        (folder / "dataset.yaml").write_text(self.settings, encoding="utf-8")
        return folder


def open_shop() -> Shop:
    """Return a shop with members, guests, refunds, merges, two stores and two channels.

    Payments crowd around midnight, where a wrong time zone would move them to another day.
    """
    orders = [make_order(place) for place in range(60)]
    refunds = [
        {
            "refund_id": f"R{place}",
            "order_id": f"{place:05}",
            "refunded_at": write_time(FIRST_DAY + datetime.timedelta(days=2 * place + 3)),
            "amount": "12.40" if place % 2 else orders[place]["paid_amount"],
        }
        for place in (5, 16, 31, 44)
    ]
    members = [
        {
            "member_id": f"00{number}",
            "registered_at": write_time(FIRST_DAY + datetime.timedelta(days=5 * number)),
            "tier": ("gold", "silver")[number % 2],
        }
        for number in range(1, 14)
    ]
    merges = [
        {"member_id": "002", "merged_into": "003", "merged_at": "2024-03-01 10:00:00"},
        {"member_id": "003", "merged_into": "005", "merged_at": "2024-04-01 10:00:00"},
    ]
    return Shop(orders, refunds, members, merges)


def make_order(place: int) -> Row:
    """Return the order of a place in the shop's history, two days after the one before."""
    paid_at = FIRST_DAY + datetime.timedelta(days=2 * place, minutes=-45 * (place % 2))
    number = (place * place + 3 * place) % 17
    return {
        "order_id": f"{place:05}",
        "paid_at": write_time(paid_at),
        "paid_amount": f"{20 + 7 * (place % 11)}.{place % 10}0",
        "member_id": "" if number in (0, 8) else f"00{number}",
        "status": "cancelled" if place == 20 else "paid",
        "store_id": f"S{1 + place % 2}",
        "channel": ("app", "till")[place % 3 % 2],
    }


def write_time(moment: datetime.datetime) -> str:
    """Return a local time as the shop's exports write it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def run_shop(request: RunRequest, skips_checks: bool = False) -> tuple[Snapshot, bool]:
    """Run as the job does, step by step; return the snapshot and whether it is a new one."""
    with start_run(request) as run:
        return take_steps(run, skips_checks)


def take_steps(run: Run, skips_checks: bool = False) -> tuple[Snapshot, bool]:
    """Take the steps of a run that has started."""
    prepare(run, skips_checks)
    if run.snapshot is not None:
        return run.snapshot, False
    return run.publish(), True


def prepare(run: Run, skips_checks: bool = False) -> None:
    """Take all steps but the last; nothing more is made where the inputs are published."""
    run.land()
    run.fill()
    if run.find_unchanged() is not None:
        return
    for name in run.catalogue.order:
        run.build(name)
        if name in run.catalogue.models and not skips_checks:
            run.inspect(name)
    run.export()
    run.write_reports()


def hash_files(snapshot: Snapshot) -> dict[str, str]:
    """Return the sha256 of every table and report of a snapshot."""
    return {name: file["sha256"] for name, file in snapshot.manifest["files"].items()}


def find_state(output: Path) -> tuple[str | None, dict[str, str]]:
    """Return what is published, after making sure that all of it is whole."""
    pointer = read_pointer(output)
    for as_of in pointer.by_as_of:
        assert find_damage(open_snapshot(output, as_of)) == []
    assert pointer.current in pointer.by_as_of.values()
    return pointer.current, pointer.by_as_of


@dataclass(frozen=True)
class Job:
    """A run in a process of its own: what for, and what its environment and limits are."""

    request: RunRequest
    environment: dict[str, str] = field(default_factory=dict)
    file_size_bytes: int | None = None

    def start(self) -> BaseProcess:
        """Start the process; it exits as `regulars run` would, or with 10 if it published."""
        # The starter keeps the environment that it was started with, that of another test.
        job = replace(self, environment={**os.environ, **self.environment})
        process = find_starter().Process(target=work, args=(job,))
        process.start()
        return process

    def finish(self) -> int | None:
        """Run to the end and return the exit code, negative for a signal."""
        process = self.start()
        process.join()
        return process.exitcode


PUBLISHED, UNCHANGED = 10, 0


@cache
def find_starter() -> ForkServerContext:
    """Return a way to start processes that have the heavy libraries already."""
    starter = multiprocessing.get_context("forkserver")
    starter.set_forkserver_preload(
        [__name__, "pipelines.report.html", "pipelines.report.workbook", "sklearn.cluster"]
    )
    return starter


def work(job: Job) -> None:
    """Do a job; what is printed on the way is of no interest."""
    os.environ.update(job.environment)
    if job.file_size_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_size_bytes, job.file_size_bytes))
    try:
        _, is_new = run_shop(job.request, skips_checks=True)
        code = PUBLISHED if is_new else UNCHANGED
    except RegularsError as error:
        code = error.exit_code
    except Exception as error:
        limit = explain_limit(error) or explain_limit(error.__context__ or error)
        code = 70 if limit is None else limit.exit_code
    os._exit(code)
