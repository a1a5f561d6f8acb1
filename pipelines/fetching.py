"""A DuckDB cursor that holds its rows from the moment it executes.

For SQLAlchemy users that close their connection before they fetch; nothing else belongs here.
"""

from collections import deque
from typing import Any

from duckdb_engine import ConnectionWrapper, CursorWrapper


class FetchingCursor:
    """Fetches all rows at `execute`, so that closing the connection afterwards loses nothing."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self.cursor = cursor
        self.description: Any = None
        self.rows: deque[Any] = deque()

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Execute a statement and take its rows at once."""
        self.cursor.execute(statement, parameters, context)
        self.description = self.cursor.description
        self.rows = deque(self.cursor.fetchall() if self.description else [])

    def fetchone(self) -> Any:
        """Return the next row, or nothing."""
        return self.rows.popleft() if self.rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows, all that are left where no size is given."""
        count = len(self.rows) if size is None else min(size, len(self.rows))
        return [self.rows.popleft() for _ in range(count)]

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        return self.fetchmany()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)


class FetchingConnection(ConnectionWrapper):
    """A connection to the same database as another, looking at one schema."""

    def __init__(self, connection: Any, schema: str) -> None:
        own = connection.cursor()
        own.execute(f"set schema = '{schema}'")
        super().__init__(own)

    def cursor(self) -> Any:
        """Return a cursor on this connection."""
        return FetchingCursor(super().cursor())
