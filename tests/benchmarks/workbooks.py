"""Reading a workbook as text, beside python-calamine's bare reading of it, in one run.

`python tests/benchmarks/workbooks.py` runs it; nothing here passes or fails.
"""

import argparse
import datetime
import random
import sys
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.speed import ROOT, measure, report

BARE = """
import sys, python_calamine
book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])
for name in book.sheet_names:
    for row in book.get_sheet_by_name(name).iter_rows():
        pass
"""
OURS = """
import sys, pathlib
from pipelines.ingest.workbook import open_workbook
book = open_workbook(pathlib.Path(sys.argv[1]), "orders", None, 1)
for batch in book.read_batches():
    pass
"""
OURS_EMPTY = "import pathlib, pipelines.ingest.workbook"


def write_orders(path: Path, rows: int) -> None:
    """Write a workbook of orders: ids and words as texts, moments, amounts and quantities."""
    source = random.Random(1)
    begin = datetime.datetime(2026, 1, 1)
    with xlsxwriter.Workbook(str(path), {"tmpdir": str(path.parent)}) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        names = ["order", "member", "paid_at", "amount", "pieces", "store", "channel", "status"]
        sheet.write_row(0, 0, [*names, "note", "refund"])
        for row in range(1, rows + 1):
            sheet.write_string(row, 0, f"3515{row:014d}")
            sheet.write_string(row, 1, f"{source.randrange(60_000):06d}")
            sheet.write_datetime(row, 2, begin + datetime.timedelta(seconds=37 * row), moment)
            sheet.write_number(row, 3, source.randrange(50_000) / 100)
            sheet.write_number(row, 4, source.randrange(1, 9))
            sheet.write_string(row, 5, source.choice(["门店一", "门店二", "门店三"]))
            sheet.write_string(row, 6, source.choice(["online", "store"]))
            sheet.write_string(row, 7, "交易成功")
            if row % 7 == 0:
                sheet.write_string(row, 8, "a & b")
            sheet.write_number(row, 9, 0)


def main() -> None:
    """Measure both, alternating, and print the ratios of wall and of processor time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "benchmarks")
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"orders_{arguments.rows}.xlsx"
    if not path.exists():
        write_orders(path, arguments.rows)
    ratios, cpu_ratios, notes = [], [], ""
    for _ in range(arguments.times):
        empty = measure([sys.executable, "-c", OURS_EMPTY], work / "home")
        bare = measure([sys.executable, "-c", BARE, str(path)], work / "home")
        ours = measure([sys.executable, "-c", OURS, str(path)], work / "home")
        ratios.append((ours.seconds - empty.seconds) / bare.seconds)
        cpu_ratios.append((ours.cpu_seconds - empty.cpu_seconds) / bare.cpu_seconds)
        notes = (
            f"read {ours.seconds - empty.seconds:.1f} s; bare {bare.seconds:.1f} s,"
            f" {bare.peak_gb:.2f} GB"
        )
    report(f"workbook of {arguments.rows:,} rows / calamine", ratios, notes)
    report("the same, processor time", cpu_ratios, f"largest process {ours.peak_gb:.2f} GB")


if __name__ == "__main__":
    main()
