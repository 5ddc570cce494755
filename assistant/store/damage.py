"""What is said of a store whose rows are not as this program wrote them, altered by hand or by a failing disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import Message, StoreError


def damaged(path: Path, found: object) -> Message:
    """Return the line that says that the database at `path` is damaged, by what was found, and what to do."""
    return Message(
        "{path} is damaged ({found}): restore it from a copy, or move it away and run `assistant sync PATH…` again.",
        path=path,
        found=found,
    )


def damage(connection: sqlite3.Connection, found: object) -> StoreError:
    """Return the error that names the connection's file."""
    (_, _, path) = connection.execute("PRAGMA database_list").fetchone()
    return StoreError(damaged(Path(path), found))


@contextmanager
def sound_rows(connection: sqlite3.Connection, table: str) -> Iterator[None]:
    """Turn what a broken row makes of the block into a `StoreError`. Nothing but rows may be interpreted in it."""
    try:
        yield
    except (LookupError, TypeError, ValueError) as error:
        raise damage(connection, f"a row of {table} is missing or was altered") from error
