"""From a layout to SQL: the value of every column of a table's rows, and what makes a row faulty.

Which column of the file is meant stands in `pipelines.ingest.profiles`; how one cell is read in
`pipelines.ingest.cells`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from pipelines.canonical import CANONICAL_TABLES, CanonicalTable, Column, LogicalType
from pipelines.dataset import Dataset, FileSource
from pipelines.engines.duckdb import quote_name, quote_text
from pipelines.ingest.cells import (
    DEFAULT_EMPTY,
    WHITE_SPACE,
    CellRules,
    Reading,
    forbid_negative,
    read_absent,
    require,
)
from pipelines.ingest.landing import find_export_date
from pipelines.ingest.patterns import matches
from pipelines.ingest.profiles import Layout

MASKED_PHONE = r"\+?[0-9]{3,}[*＊]{3,}[0-9]*"
ReadCell = Callable[[str, Column, CellRules], Reading]


@dataclass(frozen=True)
class Rows:
    """How a file's rows are read as rows of one table.

    `belongs` is SQL for whether a row is one of the table's rows; None: every row is. `columns`
    names the columns that the cells of the file give; the others are the same on every row.
    """

    readings: dict[str, Reading]
    columns: frozenset[str]
    belongs: str | None = None
    faults: tuple[tuple[str, str, str], ...] = field(default_factory=tuple)

    def varies(self, name: str) -> bool:
        """Whether a column depends on the row, so that the file's rows must keep it."""
        return name in self.columns

    @property
    def fault(self) -> str:
        """SQL for the number of a row's first fault, from 1; null where it has none."""
        branches = [
            f"when {condition} then {number}"
            for number, (condition, _, _) in enumerate(self.faults, start=1)
        ]
        if not branches:
            return "cast(null as smallint)"
        case = f"case {' '.join(branches)} end"
        if self.belongs is not None:
            case = f"case when {self.belongs} then {case} end"
        return f"cast({case} as smallint)"


def read_columns(
    layout: Layout, source: FileSource, dataset: Dataset, read_cell: ReadCell
) -> dict[str, Reading]:
    """Return the reading of every column of the table; of absent ones, too."""
    readings: dict[str, Reading] = {}
    for name, column in CANONICAL_TABLES[layout.table].columns.items():
        if name in layout.constants:
            readings[name] = Reading(quote_text(layout.constants[name]))
        elif name in layout.columns:
            cells = [
                read_cell(cell, column, choose_rules(layout, source, dataset, cell))
                for cell in layout.columns[name]
            ]
            readings[name] = change_value(name, combine(cells), layout, source, dataset, read_cell)
        else:
            readings[name] = read_absent(column)
    if "member_id" in layout.columns:
        readings["member_id"] = unmask(readings["member_id"], layout.columns["member_id"])
    return readings


def unmask(reading: Reading, cells: tuple[str, ...]) -> Reading:
    """Return the reading of a member's id with masked phones as none: they are many people's."""
    if not (reading.steps or reading.faults or reading.doubt):
        return reading  # numbers have no asterisks
    value = f"({reading.value})"
    is_masked = f"contains({value}, '*') and {matches(value, MASKED_PHONE)}"
    doubt = reading.doubt
    if doubt is not None:
        doubt = " or ".join([f"({doubt})", *(f"contains({quote_name(c)}, '*')" for c in cells)])
    return replace(reading, value=f"case when {is_masked} then null else {value} end", doubt=doubt)


def change_value(
    name: str,
    reading: Reading,
    layout: Layout,
    source: FileSource,
    dataset: Dataset,
    read_cell: ReadCell,
) -> Reading:
    """Return the reading with what the layout does to the value: times, minus, overruled."""

    def read_as(cell: str, kind: LogicalType) -> Reading:
        return read_cell(cell, Column(kind, ""), choose_rules(layout, source, dataset, cell))

    if name in layout.times:
        factor = read_as(layout.times[name], LogicalType.INTEGER)
        product = f"cast(({reading.value}) * ({factor.value}) as decimal(18, 2))"
        reading = join(product, reading, factor)
    for cell in layout.minus.get(name, []):
        taken = read_as(cell, LogicalType.MONEY)
        rest = f"greatest(({reading.value}) - coalesce({taken.value}, 0), 0)"
        value = f"case when ({reading.value}) > 0 then {rest} else {reading.value} end"
        reading = join(f"cast({value} as decimal(18, 2))", reading, taken)
    if name in layout.overruled:
        cell, words = layout.overruled[name]
        other = read_as(cell, LogicalType.TEXT)
        is_listed = is_one_of(other.value, words)
        value = f"case when {is_listed} then {other.value} else {reading.value} end"
        reading = join(value, reading, other)
    return reading


def is_one_of(value: str, texts: Iterable[str]) -> str:
    """Return SQL for whether a value is one of some texts; of `in`, DuckDB would make a join."""
    return " or ".join(f"{value} = {quote_text(text)}" for text in texts)


def join(value: str, *parts: Reading) -> Reading:
    """Return the reading of a value that is made of several cells."""
    return Reading(
        value,
        tuple(fault for part in parts for fault in part.faults),
        steps=tuple(step for part in parts for step in part.steps),
    )


def choose_rules(layout: Layout, source: FileSource, dataset: Dataset, cell: str) -> CellRules:
    """Return how the cells of one column of the file are written."""
    cells = layout.cells
    return CellRules(
        timezone=dataset.timezone,
        empty=(*DEFAULT_EMPTY, *cells.empty),
        has_apostrophes=cells.has_apostrophes,
        date_order=cells.date_order,
        excel_serials=cells.excel_serials,
        rounds_money=source.more_decimals == "round",
        before_bracket=cell in cells.before_bracket,
        is_personal=cell in layout.personal,
    )


def combine(cells: list[Reading]) -> Reading:
    """Return the reading of the first cell that is filled."""
    if len(cells) == 1:
        return cells[0]
    return join(f"coalesce({', '.join(cell.value for cell in cells)})", *cells)


def finish_rows(
    layout: Layout,
    readings: dict[str, Reading],
    dataset: Dataset,
    name_cell: Callable[[str], str],
    totals: str | None = None,
    full: Collection[str] = (),
) -> Rows:
    """Return the rows of a table: what is required, dated, signed, and which rows belong to it.

    `name_cell` gives SQL for a column of the file, `totals` is SQL for whether a row is a line of
    totals, `full` names columns in which no row is empty.
    """
    table = CANONICAL_TABLES[layout.table]
    given = frozenset({*layout.columns, *layout.constants})
    readings = dict(readings)
    belongs = None
    if layout.filled is not None:
        cell = f"coalesce(cast({name_cell(layout.filled)} as varchar), '')"
        trimmed = f"trim({cell}, {quote_text(WHITE_SPACE)})"
        belongs = f"not ({is_one_of(trimmed, ('', *DEFAULT_EMPTY, *layout.cells.empty))})"
    elif layout.rows in ("negative", "not_negative"):
        amount = "amount" if layout.table == "refunds" else "paid_amount"
        is_negative = f"coalesce(({readings[amount].value}) < 0, false)"
        belongs = is_negative if layout.rows == "negative" else f"not {is_negative}"
        if layout.rows == "negative":
            readings[amount] = replace(readings[amount], value=f"-({readings[amount].value})")
    for name, column in table.columns.items():
        if column.required and name not in full:
            if name == "member_id":
                readings[name] = refuse_masks(readings[name], map(name_cell, layout.columns[name]))
            readings[name] = require(readings[name])
    if layout.table == "refunds":
        readings["amount"] = forbid_negative(readings["amount"])
    readings |= date_rows(table, given, readings, dataset, full)
    faults = [
        (condition, name, reason)
        for name, reading in readings.items()
        for condition, reason in reading.faults
    ]
    if totals is not None:
        faults.insert(0, (totals, "", "total_row"))
    varying = set(layout.columns)
    if table.dated is not None and varying & set(table.dated[1]):
        varying.add(table.dated[0])
    filled = fill_orders(layout, readings, dataset)
    return Rows(filled, frozenset(varying), belongs, tuple(faults))


def refuse_masks(reading: Reading, cells: Iterable[str]) -> Reading:
    """Return the reading of a member's id with a mask in place of it as a fault."""
    is_masked = " or ".join(f"contains(cast({cell} as varchar), '*')" for cell in cells)
    fault = (f"({reading.value}) is null and ({is_masked})", "masked_identity")
    return replace(reading, faults=(*reading.faults, fault))


def date_rows(
    table: CanonicalTable,
    given: Collection[str],
    readings: Mapping[str, Reading],
    dataset: Dataset,
    full: Collection[str] = (),
) -> dict[str, Reading]:
    """Return the reading of the business date, from the first of the times that is there."""
    if table.dated is None:
        return {}
    name, times = table.dated
    present = [readings[time].value for time in times if time in given]
    if not present:
        return {name: Reading("cast(null as date)")}
    time = present[0] if len(present) == 1 else f"coalesce({', '.join(present)})"
    minutes = dataset.conventions.day_start_minutes
    shifted = f"({time}) - to_minutes({minutes})" if minutes else time
    reading = Reading(f"cast({shifted} as date)")
    is_full = any(time in full for time in times)
    return {name: require(reading) if table.needs_time and not is_full else reading}


def fill_orders(
    layout: Layout, readings: dict[str, Reading], dataset: Dataset
) -> dict[str, Reading]:
    """Return the readings with a paid status and no test where orders do not tell."""
    if layout.table != "orders":
        return readings
    filled = dict(readings)
    if "status" not in layout.columns and "status" not in layout.constants:
        filled["status"] = Reading(quote_text(dataset.conventions.paid_statuses[0]))
    is_test = readings["is_test"]
    filled["is_test"] = replace(is_test, value=f"coalesce({is_test.value}, false)")
    return filled


def date_export(layout: Layout, source: FileSource, name: str) -> dict[str, Reading]:
    """Return the reading of the export's date from the file's name, where the data set says how.

    Raises InputError where the name does not have the form.
    """
    if source.export_date is None or layout.table != "orders" or "exported_at" in layout.columns:
        return {}
    day = find_export_date(source.export_date, name)
    return {"exported_at": Reading(f"timestamp '{day.isoformat()} 00:00:00'")}
