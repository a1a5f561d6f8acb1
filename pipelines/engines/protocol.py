"""What any engine must do for a run.

No SQL dialect is named here; the models are DuckDB SQL and an engine translates where it must.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa


class Engine(Protocol):
    """Holds the tables of one run under `schema.table` names."""

    def create(self, name: str, query: str) -> int:
        """Make table `name` from one model query and return its number of rows."""
        ...

    def expose(self, name: str, query: str) -> None:
        """Make `name` a view, for files that are read in place."""
        ...

    def write(self, name: str, rows: pa.Table) -> None:
        """Make table `name` from rows held in memory."""
        ...

    def read(self, query: str) -> pa.Table:
        """Return the result of a query; the caller keeps it member-sized or smaller."""
        ...

    def export(
        self, name: str, path: Path, order_by: Sequence[str], metadata: Mapping[str, str]
    ) -> int:
        """Write table `name` as one Parquet file in a total order and return its rows.

        Decimals become doubles: money is exact inside, and readers expect numbers.
        """
        ...

    def drop(self, name: str) -> None:
        """Forget table `name`, whose last reader is done."""
        ...

    def column_types(self, name: str) -> dict[str, str]:
        """Return the column names of table `name`, in order, with the engine's type names."""
        ...

    def close(self) -> None:
        """Release the tables; the engine is of no use afterwards."""
        ...
