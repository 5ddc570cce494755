"""`Tables`: the small tables that stand beside a store, of conversations and of what is followed.

They are in an SQLite file in the store's folder or in a schema of its database, and are spoken to in the SQL that both
take: `?` for a value, `ON CONFLICT`, `RETURNING`, a `CAST` around a value of which nothing else tells the type.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Rows(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        ...

    def fetchone(self) -> Any:
        """Return the next row; None behind the last."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Give the rows."""
        ...


class TableConnection(Protocol):
    """A connection in a transaction; `sqlite3.Connection` is one."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Rows:
        """Execute a statement."""
        ...

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Rows:
        """Execute a statement for each row of values."""
        ...


class Tables(Protocol):
    """Tables in some database."""

    def reading(self) -> AbstractContextManager[TableConnection]:
        """Give a connection for one transaction that only reads."""
        ...

    def changing(self) -> AbstractContextManager[TableConnection]:
        """Give a connection for one transaction, which is undone where anything is raised; they go one by one."""
        ...
