"""The engine of one machine: DuckDB, in memory that belongs to one run and spills to disk.

What a table means stands in `sql/`; nothing here knows of orders or members.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

ROW_GROUP_ROWS = 122_880
# Each is a database of its own, so that `schema.table` reads as the models write it.
SCHEMAS = ("raw", "staging", "intermediate", "kpis", "marts")

Result = TypeVar("Result")
DATA_ERRORS = (
    duckdb.ConstraintException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
    duckdb.TypeMismatchException,
)


def open_duckdb(
    spill: Path | None = None,
    readable: Sequence[Path] = (),
    writable: Sequence[Path] = (),
    memory_bytes: int | None = None,
    threads: int | None = None,
) -> "DuckDBEngine":
    """Open an engine that reaches the given folders and nothing else, and calls nobody.

    Tables live in memory as they are: a run reads each of them a few times and throws them away,
    and compressing them was seen to cost three times the work of making them. What does not fit
    goes to the `spill` folder.
    """
    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        # No table has an order of its own; keeping one would leave all but one thread idle.
        "preserve_insertion_order": "false",
    }
    if threads is not None:
        config["threads"] = str(threads)
    if memory_bytes is not None:
        config["memory_limit"] = f"{memory_bytes}B"
    if spill is not None:
        config["temp_directory"] = str(spill)
    connection = duckdb.connect(config=config)
    connection.execute("set TimeZone = 'UTC'")
    folders = [str(folder.resolve()) for folder in (*readable, *writable)]
    for schema in SCHEMAS:
        connection.execute(f"attach ':memory:' as {schema}")
    connection.execute(f"set allowed_directories = {quote_list(folders)}")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return DuckDBEngine(connection)


class EngineError(Exception):
    """A query failed on the data it read: a defect of a model, which no user can act on."""


def hide_values(name: str, act: Callable[[], Result]) -> Result:
    """Return what `act` gives, and let no value of a row out in an error.

    DuckDB quotes the cell or the line that failed. Raises EngineError in place of such errors,
    outside of their handling, so that not even its context holds them.
    """
    try:
        return act()
    except DATA_ERRORS as error:
        kind = type(error).__name__
    raise EngineError(f"{name}: {kind}; the values that caused it are not shown.")


class DuckDBEngine:
    """Keeps the engine protocol on one DuckDB connection."""

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def create(self, name: str, query: str) -> int:
        """Make table `name` from one model query and return its number of rows."""
        sql = f"create or replace table {name} as {query}"
        row = hide_values(name, lambda: self.connection.execute(sql).fetchone())
        return int(row[0]) if row else 0

    def expose(self, name: str, query: str) -> None:
        """Make `name` a view, for files that are read in place."""
        self.connection.execute(f"create or replace view {name} as {query}")

    def write(self, name: str, rows: pa.Table) -> None:
        """Make table `name` from rows held in memory."""
        self.connection.register("incoming_rows", rows)
        try:
            self.connection.execute(
                f"create or replace table {name} as select * from incoming_rows"
            )
        finally:
            self.connection.unregister("incoming_rows")

    def read(self, query: str) -> pa.Table:
        """Return the result of a query; the caller keeps it member-sized or smaller."""
        return hide_values("a query", lambda: self.connection.sql(query).to_arrow_table())

    def export(
        self, name: str, path: Path, order_by: Sequence[str], metadata: Mapping[str, str]
    ) -> int:
        """Write table `name` as one Parquet file in a total order and return its rows."""
        columns = ", ".join(
            f"cast({column} as double) as {column}" if kind.startswith("DECIMAL") else column
            for column, kind in self.column_types(name).items()
        )
        entries = ", ".join(f"{key}: {quote_text(text)}" for key, text in metadata.items())
        sql = (
            f"copy (select {columns} from {name} order by {', '.join(order_by)})"
            f" to {quote_text(str(path))}"
            f" (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS},"
            f" kv_metadata {{{entries}}})"
        )
        row = hide_values(name, lambda: self.connection.execute(sql).fetchone())
        return int(row[0]) if row else 0

    def drop(self, name: str) -> None:
        """Forget table `name`, whose last reader is done."""
        self.connection.execute(f"drop table if exists {name}")

    def column_types(self, name: str) -> dict[str, str]:
        """Return the column names of table `name`, in order, with DuckDB's type names."""
        rows = self.connection.execute(f"describe {name}").fetchall()
        return {row[0]: row[1] for row in rows}

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def quote_text(text: str) -> str:
    """Return a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """Return a SQL identifier, whatever characters the name holds."""
    return '"' + name.replace('"', '""') + '"'


def quote_list(texts: Sequence[str]) -> str:
    """Return a SQL list of string literals."""
    return "[" + ", ".join(quote_text(text) for text in texts) + "]"


def write_metadata(description: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the Parquet metadata that carries a table's description and its columns' meanings."""
    return {
        "description": description,
        "columns": json.dumps(dict(columns), ensure_ascii=False, sort_keys=True),
    }
