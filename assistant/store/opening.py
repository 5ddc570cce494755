"""Opening a store's database: making it where there is none, refusing what this program must not touch."""

import json
import logging
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

from assistant.errors import StoreError, StoreMismatchError
from assistant.store.checksums import add_checksum_function
from assistant.store.database import Database, copy_database, damaged, sound_rows
from assistant.store.faiss_index import index_files, remove_index_files
from assistant.store.fingerprint import Fingerprint
from assistant.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, STATEMENTS, new_stamp

log = logging.getLogger(__name__)

DATABASE_NAME = "store.sqlite"

BUSY_SECONDS = 30.0
"""How long a change waits, unless told otherwise, while another process is writing."""


def open_database(folder: Path, fingerprint: Fingerprint | None, *, create: bool, busy_seconds: float) -> Database:
    """Open the database of the store in `folder`.

    Args:
        folder: The store's folder.
        fingerprint: What the store must have been built with; None takes it as it is.
        create: Whether to make the store where there is none (needs a fingerprint).
        busy_seconds: How long to wait for another writer before giving up.

    Raises:
        StoreMismatchError: the store was built with something else, or by a newer version of this program.
        StoreError: there is no store, it cannot be opened or made, or the file is something else.
    """
    path = folder / DATABASE_NAME
    if create:
        _make_folder(folder)
    elif not path.exists():
        raise _missing(folder)
    _refuse_emptied(path)
    database = Database(path, busy_seconds)
    with database.explained():
        connection = database.connect()
        try:
            if create and fingerprint is not None:
                _make_tables(connection, folder, fingerprint, busy_seconds)
            _refuse_foreign(connection, path)
            if fingerprint is not None:
                if _needs_only_migration(connection, fingerprint):
                    with database.writing() as writable:
                        migrate(writable, folder)
                refuse_mismatch(connection, folder, fingerprint)
        finally:
            connection.close()
    return database


def refuse_mismatch(connection: sqlite3.Connection, folder: Path, fingerprint: Fingerprint) -> None:
    """Raise `StoreMismatchError` unless the store was built with `fingerprint`."""
    with sound_rows(connection, "state"):
        (stored,) = connection.execute("SELECT fingerprint FROM state").fetchone()
        differences = fingerprint.differences(stored)
    if differences:
        raise StoreMismatchError(
            "The store {folder} was built with other settings ({differences}): "
            "restore them, or rebuild the store with `assistant sync PATH… --rebuild`.",
            folder=folder,
            differences="; ".join(differences),
        )


def migrate(connection: sqlite3.Connection, folder: Path) -> None:
    """Bring the tables of a store that an older version of this program made to the version of this one.

    The database is first copied into `before-schema-…` in the store's folder, as `assistant restore` takes it.

    Args:
        connection: In a transaction that may write.
        folder: The store's folder.

    Raises:
        StoreError: the copy cannot be written; nothing is changed then.
    """
    _, version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    aside = _copy_aside(folder)
    add_checksum_function(connection)
    for older in range(version, SCHEMA_VERSION):
        for statement in MIGRATIONS[older]:
            connection.execute(statement)
    with sound_rows(connection, "state"):
        (stored,) = connection.execute("SELECT fingerprint FROM state").fetchone()
        fingerprint = json.dumps({**json.loads(stored), "schema": SCHEMA_VERSION}, sort_keys=True)
    connection.execute("UPDATE state SET fingerprint = ?", (fingerprint,))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    log.warning("Store %s: brought to schema %d; as it was before, it lies in %s.", folder, SCHEMA_VERSION, aside)


def _copy_aside(folder: Path) -> Path:
    aside = folder / f"before-schema-{SCHEMA_VERSION}"
    partial = aside / f".{DATABASE_NAME}"
    try:
        aside.mkdir(exist_ok=True)
        partial.unlink(missing_ok=True)
        copy_database(folder / DATABASE_NAME, partial, BUSY_SECONDS)
        partial.replace(aside / DATABASE_NAME)
    except OSError as error:
        raise StoreError(
            "The store {folder} is of an older version, and it cannot be copied before it is brought to this one "
            "({reason}): free some space or change permissions.",
            folder=folder,
            reason=error.strerror,
        ) from error
    return aside


def _needs_only_migration(connection: sqlite3.Connection, fingerprint: Fingerprint) -> bool:
    """Return whether a store has older tables, and has otherwise been built with `fingerprint`."""
    _, version = _version(connection)
    if version == SCHEMA_VERSION:
        return False
    with sound_rows(connection, "state"):
        (stored,) = connection.execute("SELECT fingerprint FROM state").fetchone()
        return not replace(fingerprint, schema=version).differences(stored)


def _missing(folder: Path) -> StoreError:
    return StoreError(
        "There is no store in {folder}: fill it with `assistant sync PATH…`, or name another with --store.",
        folder=folder,
    )


def _refuse_emptied(path: Path) -> None:
    """Keep a database that has lost its content from passing as a new one: its search index outlives it."""
    if path.is_file() and path.stat().st_size == 0 and index_files(path.parent):
        raise StoreError(damaged(path, "it is empty, and its search index is not"))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            "The store's folder {folder} cannot be made ({reason}): name another.", folder=folder, reason=error.strerror
        ) from error


def _make_tables(connection: sqlite3.Connection, folder: Path, fingerprint: Fingerprint, busy_seconds: float) -> None:
    if not _is_blank(connection):
        return
    _enter_wal_mode(connection, busy_seconds)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been quicker.
        if _is_blank(connection):
            for statement in STATEMENTS:
                connection.execute(statement)
            connection.execute("INSERT INTO state VALUES (1, 0, ?, ?)", (new_stamp(), fingerprint.to_json()))
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            # Indexes that are there are of a store that is gone.
            remove_index_files(folder)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()


def _enter_wal_mode(connection: sqlite3.Connection, busy_seconds: float) -> None:
    # SQLite does not wait by itself when two processes change the mode at once.
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _is_blank(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return _version(connection) == (0, 0) and tables == 0


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    if _is_blank(connection):
        raise _missing(path.parent)
    application, version = _version(connection)
    if application != APPLICATION_ID:
        raise StoreError("{path} is not an article store: name another folder, or move the file away.", path=path)
    if version > SCHEMA_VERSION:
        raise StoreMismatchError(
            "The store {folder} was built by a newer version of this program "
            "(schema {schema}; this one knows {known}): update the program, or name another folder.",
            folder=path.parent,
            schema=version,
            known=SCHEMA_VERSION,
        )


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(application), int(version)
