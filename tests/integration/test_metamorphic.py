"""That how files were cut, named, ordered and encoded changes no number, whatever the system.

The same rows are written in many ways; what they mean stands in test_profiles.py and test_runs.py.
"""

import csv
import datetime
import gzip
import io
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipelines import runs
from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.dataset import load_dataset
from pipelines.engines.duckdb import open_duckdb
from pipelines.runs import Run, RunRequest
from pipelines.snapshots import Pointer, Snapshot
from tests.integration.small_shop import open_shop, run_shop
from tests.integration.test_runs import COUNTED_APART, limit_threads

PROFILES = Path(__file__).parents[1] / "data" / "profiles"
KPI_TABLES = ("kpi", "kpi_change")
# Where an order is cut between two equal lines without a number, nothing tells them from repeats.
LINE_METRICS = ("units_per_order", "average_unit_price")
NAMES = ("small_shop", "taobao", "shopify", "jd", "douyin", "woocommerce")
# What all published numbers are made from, and what neither counts files nor what they repeat.
COMPARED = (
    "staging.members",
    "staging.orders",
    "staging.places",
    "intermediate.member_days",
    "intermediate.registrations",
    "intermediate.returns",
    "intermediate.sales_days",
)
MOMENT = "%Y-%m-%d %H:%M:%S"

Cells = list[list[str]]
Tables = dict[str, list[str]]


def read_cells(path: Path) -> Cells:
    """Return the cells of a delimited file, its header first, whatever its encoding."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(csv.reader(io.StringIO(text, newline="")))
    raise AssertionError(f"{path.name} has another encoding")


def write_cells(
    path: Path, cells: Cells, encoding: str = "utf-8", line_end: str = "\n", zips: bool = False
) -> None:
    """Write a delimited file."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=line_end).writerows(cells)
    content = stream.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(content, mtime=0) if zips else content)


def write_sheet(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Write a workbook of one sheet under any name; texts stay texts, dates and numbers typed."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                else:
                    sheet.write(place, column, cell)


def list_exports(folder: Path) -> list[Path]:
    """Return the exports of a data set."""
    return sorted(folder.glob("*.csv"))


def find_pattern(path: Path) -> str | None:
    """Return the pattern by which dataset.yaml finds a file, if others may match it too."""
    text = (path.parent / "dataset.yaml").read_text(encoding="utf-8")
    patterns = re.findall(r'path: "?([^"}\n]+)', text)
    return next((p for p in patterns if "*" in p and fnmatch(path.name, p)), None)


def name_beside(path: Path, place: int) -> Path | None:
    """Return another name under which the rows of a file would be read as well."""
    pattern = find_pattern(path)
    name = path.stem + f"_{place:03}.csv"
    return path.with_name(name) if pattern and fnmatch(name, pattern) else None


def permute(folder: Path) -> None:
    chance = random.Random(7)
    for path in list_exports(folder):
        header, *rows = read_cells(path)
        write_cells(path, [header, *chance.sample(rows, len(rows))], encode_like(path))


def encode_like(path: Path) -> str:
    """Return the encoding of a file, told by its bytes."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def split(folder: Path) -> None:
    """Cut each file in two, or where a row is a line of an order, into many: orders are cut too."""
    for path in list_exports(folder):
        header, *rows = read_cells(path)
        if name_beside(path, 0) is None:
            continue
        has_lines = len({row[0] for row in rows}) < len(rows)
        size = max(1, len(rows) // (5 if has_lines else 2))
        for place in range(0, len(rows), size):
            part = name_beside(path, len(rows) - place)
            assert part is not None
            write_cells(part, [header, *rows[place : place + size]])
        path.unlink()


def repeat(folder: Path) -> None:
    """Export everything again: the same bytes, and the same rows in another order."""
    for path in list_exports(folder):
        copy, permuted = name_beside(path, 1), name_beside(path, 2)
        if copy is None or permuted is None:
            continue
        shutil.copy(path, copy)
        header, *rows = read_cells(path)
        write_cells(permuted, [header, *rows[::-1]])


def rename(folder: Path) -> None:
    """Give the files names that sort the other way round."""
    paths = list_exports(folder)
    for place, path in enumerate(paths):
        pattern = find_pattern(path)
        if pattern is not None:
            path.rename(path.with_name(pattern.replace("*", f"_{len(paths) - place:03}")))


def recode(folder: Path) -> None:
    """Write each file in an encoding and with line ends that it did not have."""
    for place, path in enumerate(list_exports(folder)):
        cells, was_utf8 = read_cells(path), encode_like(path) == "utf-8"
        if place % 2:
            write_cells(path, cells, "utf-16", "\r\n", zips=True)
        elif was_utf8:
            write_cells(path, cells, "gb18030", "\r\n")
        else:
            write_cells(path, cells, "utf-8", "\n")


def write_workbooks(folder: Path) -> None:
    for path in list_exports(folder):
        write_sheet(path, read_cells(path))


def repeat_renamed(folder: Path) -> None:
    repeat(folder)
    rename(folder)


VARIANTS: dict[str, Callable[[Path], None]] = {
    "permuted": permute,
    "split": split,
    "repeated, renamed": repeat_renamed,
    "recoded": recode,
    "workbooks": write_workbooks,
}


@cache
def find_catalogue() -> Catalogue:
    return load_catalogue()


def read_tables(folder: Path, work: Path, threads: int = 2) -> Tables:
    """Return every row of the compared tables, as texts in an order of their own."""
    catalogue = find_catalogue()
    needed, open_names = set(), list(COMPARED)
    while open_names:
        name = open_names.pop()
        if name not in needed:
            needed.add(name)
            open_names += catalogue.find_sources(name)
    engine = open_duckdb(readable=[work], threads=threads)
    try:
        run = Run(
            load_dataset(folder),
            folder,
            work,
            "latest",
            catalogue,
            engine,
            Pointer(0, None, {}),
            work,
        )
        run.land()
        run.fill()
        found: Tables = {}
        for name in catalogue.order:
            if name in needed:
                run.build(name)
            if name in COMPARED:
                rows = engine.connection.execute(f"select * from {name}").fetchall()
                found[name] = sorted(map(repr, rows))
        return found
    finally:
        engine.close()


@pytest.fixture(scope="module", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have one key for all runs, for tokens are made with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGULARS_KEYS", str(tmp_path_factory.mktemp("keys")))
        yield


def write_plain(name: str, folder: Path) -> Path:
    """Write a data set as its system does."""
    if name == "small_shop":
        return open_shop().write(folder)
    return shutil.copytree(PROFILES / name, folder)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tables]:
    """Return what gives the tables of a data set as its system writes it, made once each."""

    @cache
    def make(name: str) -> Tables:
        folder = tmp_path_factory.mktemp(name)
        tables = read_tables(write_plain(name, folder / "data"), folder / "output", threads=1)
        assert all(tables[table] for table in ("staging.orders", "intermediate.sales_days"))
        return tables

    return make


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_written_in_another_way_are_the_same(
    plain: Callable[[str], Tables], tmp_path: Path, name: str, variant: str
) -> None:
    folder = write_plain(name, tmp_path / "data")
    VARIANTS[variant](folder)
    assert read_tables(folder, tmp_path / "output") == plain(name)


def type_cell(name: str, text: str) -> Any:
    """Return a cell of the small shop as a typed file holds it."""
    if not text:
        return None
    if name.endswith("_at"):
        return datetime.datetime.strptime(text, MOMENT)
    return Decimal(text) if name in ("paid_amount", "amount") else text


@pytest.mark.parametrize("kind", ["Parquet", "workbook"])
def test_typed_files_are_what_their_texts_are(
    plain: Callable[[str], Tables], tmp_path: Path, kind: str
) -> None:
    shop = open_shop()
    folder = shop.write(tmp_path / "data")
    for name, rows in shop.tables.items():
        columns = list(rows[0])
        typed = [[type_cell(column, row[column]) for column in columns] for row in rows]
        if kind == "workbook":
            write_sheet(folder / f"{name}.csv", [columns, *typed])
        else:
            arrays = [pa.array(cells) for cells in zip(*typed, strict=True)]
            pq.write_table(pa.table(arrays, names=columns), folder / f"{name}.csv")
    assert read_tables(folder, tmp_path / "output") == plain("small_shop")


def publish(data: Path, output: Path, threads: int) -> Snapshot:
    """Return what a whole run publishes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "open_duckdb", limit_threads(threads))
        return run_shop(RunRequest(data, output=output), skips_checks=True)[0]


def test_no_byte_depends_on_how_and_when_files_arrived(tmp_path: Path) -> None:
    both, output = write_plain("jd", tmp_path / "both"), tmp_path / "output"
    first = shutil.copytree(both, tmp_path / "first")
    (first / "jd_20260210.csv").unlink()
    publish(first, output, threads=1)
    second = publish(both, output, threads=2)
    disturbed = write_plain("jd", tmp_path / "disturbed")
    for disturb in (repeat, permute, split, rename):
        disturb(disturbed)
    alone = publish(disturbed, tmp_path / "alone", threads=1)
    assert second.as_of == alone.as_of
    assert set(second.tables) == set(alone.tables)
    # What was restated since the first night is the one thing that the second night alone lacks.
    for name in set(second.tables) - COUNTED_APART - {"kpi_restatements", *KPI_TABLES}:
        assert second.path(name).read_bytes() == alone.path(name).read_bytes(), name
    for name in KPI_TABLES:
        first_rows, rows = (
            table[~table["metric"].isin(LINE_METRICS)].reset_index(drop=True)
            for table in (second.table(name), alone.table(name))
        )
        pd.testing.assert_frame_equal(first_rows, rows, check_exact=True)
