"""`PostgresTables`: the small tables that stand beside a store, in a schema of its database."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from assistant.settings import DatabaseUrl
from assistant.store.postgres.connections import Connection, Connections
from assistant.store.postgres.schema import bring_up_to_date
from assistant.store.queries import UNSTORABLE

_MOST_CONNECTIONS = 8


class PostgresTables:
    """`Tables` in a schema of a database, which is set up where it is not yet.

    Args:
        url: The database.
        schema: Where the tables are.

    Raises:
        StoreError: the database cannot be reached or set up, here; or used, in any method.
    """

    def __init__(self, url: DatabaseUrl, schema: str) -> None:
        bring_up_to_date(url)
        self._connections = Connections(url, schema, _MOST_CONNECTIONS)

    @contextmanager
    def reading(self) -> Iterator["PlainConnection"]:
        """Give a connection for one transaction that only reads."""
        with self._connections.reading() as connection:
            yield PlainConnection(connection)

    @contextmanager
    def changing(self) -> Iterator["PlainConnection"]:
        """Give a connection for one transaction, which is undone where anything is raised; they go one by one."""
        with self._connections.writing() as connection:
            # What is looked at before it is changed stays as it was seen.
            lock = f"article-assistant: {self._connections.schema}"
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            yield PlainConnection(connection)


class PlainConnection:
    """A connection that takes a `?` for each value, as SQLite does.

    Of texts, characters that PostgreSQL does not take are replaced: what was said is not lost for one of them.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:
        """Execute a statement."""
        return self._connection.execute(statement.replace("?", "%s"), _storable(values))

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Any:
        """Execute a statement for each row of values."""
        cursor = self._connection.cursor()
        cursor.executemany(statement.replace("?", "%s"), map(_storable, rows))
        return cursor


def _storable(values: Sequence[Any]) -> list[Any]:
    return [UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else value for value in values]
