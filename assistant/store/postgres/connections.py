"""`Connections`: a pool of connections to a database, its transactions, and what a user is told of its faults."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolClosed

from assistant.errors import Message, StoreError
from assistant.settings import DatabaseUrl

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

CONNECT_SECONDS = 10
"""How long a connection may take, and how long a free one is waited for."""
BUSY_SECONDS = 30
"""How long a change waits while another process is writing."""
_IDLE_SECONDS = 60.0
_WRONG_ACCOUNT = ("password", "authentication", "role ", "no pg_hba.conf entry")


class Connections:
    """Connections to one schema of a database, usable from many threads.

    Every thread works on a connection of its own for as long as a transaction lasts. Readers see one state of the data
    throughout a transaction; they wait for nobody and nobody waits for them.

    Args:
        url: The database.
        schema: Where its tables are looked up.
        most: How many connections are open at once.

    Raises:
        StoreError: the database cannot be reached.
    """

    def __init__(self, url: DatabaseUrl, schema: str, most: int) -> None:
        self.url = url
        self.schema = schema
        with connected(url) as connection:
            # Operators of pgvector have to be found, wherever its owner has put it.
            rows = connection.execute(
                "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
                "WHERE extname = 'vector'"
            ).fetchall()
        path = ", ".join([schema, *(name for (name,) in rows)])
        self._path = f"SET LOCAL search_path = {path}"
        self._thread = threading.local()
        self._most = most
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url.get_secret_value(),
            kwargs={"autocommit": True, "connect_timeout": CONNECT_SECONDS, "application_name": "article-assistant"},
            min_size=0,
            max_size=most,
            timeout=CONNECT_SECONDS,
            max_idle=_IDLE_SECONDS,
            open=True,
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the data until the block ends; nested blocks share it.

        Raises:
            StoreError: the database cannot be read, or this has been closed.
        """
        current: Connection | None = getattr(self._thread, "reader", None)
        if current is not None:
            yield current
            return
        with self._transaction(f"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {self._path}") as connection:
            self._thread.reader = connection
            try:
                yield connection
            finally:
                self._thread.reader = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes become permanent together when the block ends without an exception.

        Raises:
            StoreError: the database cannot be written, another writer does not finish, or this has been closed.
        """
        begin = f"BEGIN ISOLATION LEVEL READ COMMITTED; {self._path}; SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"
        with self._transaction(begin) as connection:
            yield connection

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """Give a connection without a transaction, for commands that cannot be in one."""
        with explained(self.url):
            connection = self._begun(self._path.replace("LOCAL", "SESSION"))
            try:
                yield connection
                connection.execute("RESET search_path")
            finally:
                self._pool.putconn(connection)

    def close(self) -> None:
        """Close idle connections now, and those in use when their transaction ends."""
        self._pool.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with explained(self.url):
            connection = self._begun(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # Where the connection is lost, so is the transaction.
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._pool.putconn(connection)

    def _begun(self, begin: str) -> Connection:
        """Return a connection on which `begin` was executed; ones that broke while they were idle are passed over."""
        for _ in range(self._most + 1):
            connection = self._pool.getconn()
            try:
                connection.execute(begin)
            except psycopg.OperationalError:
                broken = connection.closed
                self._pool.putconn(connection)
                if not broken:
                    raise
            except BaseException:
                self._pool.putconn(connection)
                raise
            else:
                return connection
        raise psycopg.OperationalError("every connection is lost as soon as it is made")


@contextmanager
def connected(url: DatabaseUrl) -> Iterator[Connection]:
    """Give a connection of its own, for one transaction.

    Raises:
        StoreError: the address is malformed, or the database cannot be reached or used.
    """
    refuse_malformed(url)
    with (
        explained(url),
        psycopg.connect(
            url.get_secret_value(), connect_timeout=CONNECT_SECONDS, application_name="article-assistant"
        ) as connection,
    ):
        yield connection


def refuse_malformed(url: DatabaseUrl) -> None:
    """Raise `StoreError` where an address is none that libpq reads as its writer meant it.

    libpq's own words are not shown: where a password has a character with a meaning, they quote a part of it.
    """
    authority = url.get_secret_value().partition("://")[2].split("/")[0]
    account, _, hosts = authority.rpartition("@")
    ports = [host.rpartition(":")[2] for host in hosts.split(",") if ":" in host and not host.endswith("]")]
    is_sound = "@" not in account and account.count(":") < 2 and all(port.isdecimal() or not port for port in ports)
    if is_sound:
        try:
            conninfo_to_dict(url.get_secret_value())
        except psycopg.ProgrammingError:
            is_sound = False
    if not is_sound:
        raise StoreError(
            "The store's address {address} is malformed: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special "
            "characters of the password as %XX (@ is %40, / is %2F).",
            address=url,
        )


@contextmanager
def explained(url: DatabaseUrl) -> Iterator[None]:
    """Turn the database's errors within the block into `StoreError`s a user can act on."""
    try:
        yield
    except PoolClosed as error:
        raise StoreError("The store {store} has been closed: open it again.", store=url) from error
    except psycopg.Error as error:
        raise StoreError(_explanation(url, error)) from error
    except UnicodeEncodeError as error:
        raise StoreError("A text is not valid Unicode, and was not stored: mend the file it is from.") from error


def _explanation(url: DatabaseUrl, error: psycopg.Error) -> Message:
    reason = _reason(url, error)
    busy = Message(
        "Another process is writing to the database {store} and has not finished within {seconds:g} s: "
        "try again when it has.",
        store=url,
        seconds=BUSY_SECONDS,
    )
    altered = Message(
        "The tables of the database {store} were altered ({reason}): restore it from a backup.",
        store=url,
        reason=reason,
    )
    known: dict[type[psycopg.Error], Message] = {
        errors.LockNotAvailable: busy,
        errors.DeadlockDetected: busy,
        errors.SerializationFailure: busy,
        errors.UndefinedTable: altered,
        errors.UndefinedColumn: altered,
        errors.UndefinedFunction: altered,
        errors.DiskFull: Message(
            "No space is left for the database {store}: free some and try again; what was stored before is intact.",
            store=url,
        ),
        errors.ReadOnlySqlTransaction: Message(
            "The database {store} cannot be written: name its primary server, not a standby.", store=url
        ),
        errors.InsufficientPrivilege: Message(
            "The user of the database {store} lacks a right ({reason}): let its owner grant it.",
            store=url,
            reason=reason,
        ),
    }
    if type(error) in known:
        return known[type(error)]
    if isinstance(error, psycopg.OperationalError):
        return _no_connection(url, error, reason)
    return Message("The database {store} failed ({reason}): see its server's log.", store=url, reason=reason)


def _no_connection(url: DatabaseUrl, error: psycopg.Error, reason: str) -> Message:
    """Say why there is no connection; while it is made, the server's words have no code of their own."""
    if error.sqlstate is None and reason.startswith("database") and "does not exist" in reason:
        return Message(
            "The server has no such database ({reason}): make it with `createdb`, or correct {store}.",
            store=url,
            reason=reason,
        )
    if error.sqlstate is None and any(word in reason for word in _WRONG_ACCOUNT):
        return Message(
            "The database {store} refuses the account ({reason}): correct user and password in ASSISTANT_STORE, or "
            "give the password in PGPASSWORD or ~/.pgpass.",
            store=url,
            reason=reason,
        )
    return Message(
        "The database {store} cannot be reached ({reason}): start its server, or correct host and port.",
        store=url,
        reason=reason,
    )


def _reason(url: DatabaseUrl, error: psycopg.Error) -> str:
    """Return the first line of what the database says, without the password should it be in it."""
    said = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    said = said.rpartition("FATAL:")[2].rpartition("failed: ")[2].strip()
    password = conninfo_to_dict(url.get_secret_value()).get("password")
    return said.replace(str(password), "***") if password else said
