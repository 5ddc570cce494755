"""`Database`: connections to the store's SQLite file, its transactions, and what a user is told of its faults."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.errors import Message, StoreError

MAPPED_BYTES = 2**30
"""How much of the file is read through the page tables; token vectors of 40 passages come four times as fast so."""

_ALTERED = ("no such table", "no such column", "vtable constructor failed", "Could not decode")
"""How messages begin that only tables and texts altered from outside can cause; they have no code of their own."""


_MOST_QUOTED = 150
"""Characters of what was found."""


class _Connection(sqlite3.Connection):
    """A connection that knows which file it has open: the path may lead to another one later."""

    file: tuple[int, int] | None = None


class Database:
    """A SQLite file in WAL mode, usable from many threads beside other processes.

    Every thread works on a connection of its own for as long as a transaction lasts; idle connections are kept for
    the next. Readers see one state of the data throughout a transaction and never wait for a writer; writers take
    turns.

    Where the folder cannot be written, SQLite has no place for what connections in WAL mode share. The file is then
    read as one that nobody writes, provided that no log lies beside it, as a writer at work would have; each
    transaction looks anew.

    Where the file was replaced, by `assistant restore` for instance, the next transaction goes to the new one. What was
    written into a file that is gone from its place is lost, and an error says so.

    Args:
        path: The database file.
        busy_seconds: How long to wait for another writer before giving up.
    """

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self._at_rest = False
        self._thread = threading.local()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the data until the block ends; nested blocks share it.

        Raises:
            StoreError: the database cannot be read, or the store has been closed.
        """
        current: sqlite3.Connection | None = getattr(self._thread, "reader", None)
        if current is not None:
            yield current
            return
        with self._transaction("BEGIN") as connection:
            self._thread.reader = connection
            try:
                yield connection
            finally:
                self._thread.reader = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes become permanent together when the block ends without an exception.

        Raises:
            StoreError: the database cannot be written, another writer does not finish, or the store has been closed.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            written = connection
            yield connection
        if written.file != self._file():
            raise StoreError(
                "{path} was removed or replaced while it was written to, and what was written is lost: see what lies "
                "there, then do it again.",
                path=self.path,
            )

    @contextmanager
    def holding(self) -> Iterator[bool]:
        """Keep writers out for the block, if none is at work; gives whether that is so. Changes nothing."""
        with self.explained():
            connection = self._take()
            try:
                held = self._try_to_begin(connection)
                yield held
            finally:
                if connection.in_transaction:
                    connection.rollback()
                self._give(connection)

    def _try_to_begin(self, connection: sqlite3.Connection) -> bool:
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(self._busy_seconds * 1000)}")
        return True

    def close(self) -> None:
        """Close idle connections now, and those in use when their transaction ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[_Connection]:
        with self.explained():
            connection = self._take()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()
                self._give(connection)

    def _take(self) -> _Connection:
        file = self._file()
        if file is None:
            raise StoreError(
                "{path} is gone: put it back, or fill the store again with `assistant sync PATH…`.", path=self.path
            )
        with self._lock:
            if self._closed:
                raise StoreError("The store {folder} has been closed: open it again.", folder=self.path.parent)
            while self._idle:
                connection = self._idle.pop()
                if connection.file == file:
                    return connection
                connection.close()
        return self.connect()

    def _file(self) -> tuple[int, int] | None:
        """Return what tells the file at the path from any other; None where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _give(self, connection: _Connection) -> None:
        with self._lock:
            if not self._closed and not self._at_rest:
                self._idle.append(connection)
                return
        connection.close()

    def connect(self) -> _Connection:
        """Open a connection that the caller closes. Transactions begin and end by explicit statements only."""
        connection = self._connect(self.path.as_uri())
        try:
            # The first thing read is what meets a folder that cannot be written.
            connection.execute("PRAGMA schema_version")
        except sqlite3.DatabaseError as error:
            connection.close()
            if not self._is_at_rest(error):
                raise
            self._at_rest = True
            connection = self._connect(f"{self.path.as_uri()}?immutable=1")
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        connection.file = self._file()
        return connection

    def _connect(self, uri: str) -> _Connection:
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _is_at_rest(self, error: sqlite3.DatabaseError) -> bool:
        """Return whether a connection failed only because SQLite may not write beside a database at rest."""
        refused = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
        log = self.path.with_name(f"{self.path.name}-wal")
        return refused and self.path.is_file() and os.access(self.path, os.R_OK) and not log.exists()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn SQLite's errors within the block into `StoreError`s a user can act on."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            explanation = self._explanation(error)
            if explanation is None:
                raise
            raise StoreError(explanation) from error

    def _explanation(self, error: sqlite3.DatabaseError) -> Message | None:
        # The low byte is the primary code; the rest tells variants apart that a user need not know.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        place = self.path.parent
        if code in {sqlite3.SQLITE_OK, sqlite3.SQLITE_ERROR} and str(error).startswith(_ALTERED):
            return damaged(self.path, error)
        unopened = Message("The store {folder} cannot be opened: check the folder's permissions.", folder=place)
        return {
            sqlite3.SQLITE_BUSY: Message(
                "Another process is writing to the store {folder} and has not finished within {seconds:g} s: "
                "try again when it has.",
                folder=place,
                seconds=self._busy_seconds,
            ),
            sqlite3.SQLITE_FULL: Message(
                "No space is left for the store {folder}: free some and run the command again; "
                "what was stored before is intact.",
                folder=place,
            ),
            sqlite3.SQLITE_READONLY: Message(
                "The store {folder} cannot be written: check the folder's permissions.", folder=place
            ),
            sqlite3.SQLITE_CANTOPEN: unopened,
            sqlite3.SQLITE_PERM: unopened,
            sqlite3.SQLITE_IOERR: Message(
                "Reading or writing {path} failed ({reason}): check the disk.", path=self.path, reason=error
            ),
            sqlite3.SQLITE_NOTADB: Message(
                "{path} is not an article store: name another folder, or move the file away.", path=self.path
            ),
            sqlite3.SQLITE_CORRUPT: damaged(self.path, error),
        }.get(code)


def open_for_reading(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open a database that need not be a store's, and that is not changed."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", timeout=busy_seconds, uri=True, isolation_level=None)


def copy_database(path: Path, to: Path, busy_seconds: float) -> None:
    """Copy a database as it is at one moment, also while others read and write it, and see it onto the disk.

    Raises:
        sqlite3.Error: it cannot be read, or the copy cannot be written.
        OSError: so does this.
    """
    with (
        closing(open_for_reading(path, busy_seconds)) as source,
        closing(sqlite3.connect(to, timeout=busy_seconds)) as copy,
    ):
        source.backup(copy)
    with to.open("rb+") as file:
        os.fsync(file.fileno())


def damaged(path: Path, found: object) -> Message:
    """Return the line that says that the database at `path` is damaged, by what was found, and what to do."""
    # SQLite quotes texts that it cannot read, with their line breaks.
    said = " ".join(str(found).split())
    found = said if len(said) <= _MOST_QUOTED else f"{said[:_MOST_QUOTED]}…"
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
