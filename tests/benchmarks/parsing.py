"""Parsing text exports, as ratios to DuckDB reading them all as text; nothing here passes or fails.

`python -m tests.benchmarks.parsing --orders 20000000` measures orders in UTF-8 and GB18030.
"""

import argparse
import hashlib
import shutil
import sys
from pathlib import Path

from pipelines.dataset import load_dataset
from pipelines.engines.duckdb import quote_list, quote_text
from pipelines.ingest.landing import LandedFile
from pipelines.ingest.outcomes import connect_reader, make_room
from pipelines.ingest.tables import parse_files
from tests.benchmarks.speed import REGULARS, ROOT, Cost, measure, report

ENCODINGS = ("utf-8", "gb18030")
PATTERN = "orders_*.csv"


def do_nothing(folder: Path, work: Path) -> None:
    """Import what the others import, so that it can be taken off."""


def read_cells(folder: Path, work: Path) -> None:
    """Read all cells as text and look at each: the floor.

    Dialect and columns are given, so that nothing is guessed, and threads are DuckDB's own.
    """
    with connect_reader(None) as connection:
        names = connection.execute(f"from {name_source(folder)} limit 0").description
        looks = ", ".join(f"max({name})" for name, *_ in names)
        connection.execute(f"select count(*), {looks} from {name_source(folder)}").fetchall()


def keep_cells(folder: Path, work: Path) -> None:
    """Read all cells as text into a table in memory: the floor, if they are to be kept at all."""
    with connect_reader(None) as connection:
        connection.execute(f"create temp table cells as from {name_source(folder)}")


def name_source(folder: Path) -> str:
    """Return DuckDB's reading of the orders, every cell as text, with a given dialect."""
    files = sorted(folder.glob(PATTERN))
    with files[0].open(encoding="utf-8") as stream:
        count = stream.readline().count(",") + 1
    columns = ", ".join(f"'column_{position}': 'varchar'" for position in range(count))
    return (
        f"read_csv({quote_list([str(file) for file in files])}, auto_detect = false,"
        f" header = true, delim = ',', quote = {quote_text(chr(34))},"
        f" escape = {quote_text(chr(34))}, columns = {{{columns}}})"
    )


def parse_orders(folder: Path, work: Path) -> None:
    """Parse the orders into typed Parquet, as a run does after landing."""
    shutil.rmtree(work / "parsed", ignore_errors=True)
    shutil.rmtree(work / "quarantine", ignore_errors=True)
    dataset = load_dataset(folder)
    files = [
        LandedFile(
            "orders",
            "orders",
            source,
            path.name,
            hashlib.sha256(path.name.encode()).hexdigest(),
            path.stat().st_size,
            path,
        )
        for source in dataset.files["orders"]
        for path in sorted(folder.glob(source.path))
    ]
    parsed = parse_files(files, dataset, make_room(work / "parsed", work / "quarantine"))
    if any(file.refusal is not None or file.counts.quarantined_count for file in parsed):
        raise SystemExit("rows of the generated orders were rejected")


TASKS = {task.__name__: task for task in (do_nothing, read_cells, keep_cells, parse_orders)}


def measure_task(name: str, folder: Path, work: Path) -> Cost:
    """Return the cost of one task in a process of its own."""
    module = [sys.executable, "-m", "tests.benchmarks.parsing"]
    return measure([*module, "--task", name, "--folder", str(folder), "--work", str(work)], work)


def generate(orders: int, encoding: str, work: Path) -> Path:
    """Return a folder of generated exports, made unless it is there."""
    folder = work / f"tea_house_{orders}_{encoding}"
    if not (folder / "dataset.yaml").exists():
        shutil.rmtree(folder, ignore_errors=True)
        size = ["--members", str(orders * 28 // 100), "--orders", str(orders)]
        form = ["--format", "csv", "--encoding", encoding]
        measure([REGULARS, "generate", str(folder), *size, *form], work)
    return folder


def compare(orders: int, work: Path, times: int) -> None:
    """Print what parsing costs against both floors, which always read UTF-8."""
    folders = {encoding: generate(orders, encoding, work) for encoding in ENCODINGS}
    plain = folders["utf-8"]
    seconds: dict[tuple[str, str], list[float]] = {}
    notes: dict[str, str] = {}
    for _ in range(times):
        empty = measure_task("do_nothing", plain, work)
        floors = {name: measure_task(name, plain, work) for name in ("read_cells", "keep_cells")}
        for encoding, folder in folders.items():
            cost = measure_task("parse_orders", folder, work)
            for name, floor in floors.items():
                wall = (cost.seconds - empty.seconds) / (floor.seconds - empty.seconds)
                cpu = (cost.cpu_seconds - empty.cpu_seconds) / (
                    floor.cpu_seconds - empty.cpu_seconds
                )
                seconds.setdefault((encoding, name), []).append(wall)
                seconds.setdefault((encoding, f"{name}, processor time"), []).append(cpu)
            notes[encoding] = (
                f"{cost.seconds - empty.seconds:.1f} s, {cost.peak_gb:.2f} GB;"
                f" floors {floors['read_cells'].seconds - empty.seconds:.1f} s and"
                f" {floors['keep_cells'].seconds - empty.seconds:.1f} s"
            )
    for (encoding, name), ratios in seconds.items():
        report(f"{orders:,} {encoding} / {name}", ratios, notes.pop(encoding, ""))


def main() -> None:
    """Measure generated orders in both encodings, or do one task for that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="*", default=[4_000_000, 20_000_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "benchmarks")
    parser.add_argument("--task", choices=sorted(TASKS))
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    if arguments.task is not None:
        TASKS[arguments.task](arguments.folder, work)
        return
    for orders in arguments.orders:
        compare(orders, work, arguments.times)


if __name__ == "__main__":
    main()
