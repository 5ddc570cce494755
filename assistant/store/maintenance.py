"""Keeping a store: `backup`, `restore` and `vacuum` of all that lies in its folder."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from assistant.errors import StoreError
from assistant.store.database import copy_database, open_for_reading
from assistant.store.faiss_index import index_files, remove_index_files
from assistant.store.opening import BUSY_SECONDS, DATABASE_NAME
from assistant.store.schema import APPLICATION_ID

_UPLOADS = "uploads"
_COMPANIONS = ("", "-wal", "-shm")


def databases(folder: Path) -> list[Path]:
    """Return the databases in a store's folder: articles, and where there are some conversations and feeds."""
    return sorted(folder.glob("*.sqlite"))


def backup(folder: Path, target: Path) -> list[Path]:
    """Copy a store's databases and uploaded files, also while others read and write them.

    Each database is copied as it is at one moment (SQLite's online backup). The search index is left out: it is derived
    from the database when the copy is opened.

    Args:
        folder: The store's folder.
        target: A folder that is made; it may be there, if it is empty.

    Returns:
        The databases of the copy.

    Raises:
        StoreError: there is no store, or the copy cannot be written; `target` is then as it was.
    """
    if not (folder / DATABASE_NAME).is_file():
        raise StoreError("There is no store in {folder}: name another with --store.", folder=folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError("{target} is there already: name a folder that is new or empty.", target=target)
    with _made_whole(target) as partial:
        for database in databases(folder):
            copy_database(database, partial / database.name, BUSY_SECONDS)
        if (folder / _UPLOADS).is_dir():
            shutil.copytree(folder / _UPLOADS, partial / _UPLOADS)
    return databases(target)


def restore(folder: Path, source: Path) -> Path | None:
    """Put a backup in the place of a store, also while other processes have it open.

    What is copied over a database in use has to come in through SQLite, in one transaction; a file put over it would be
    read with the log of the old one (https://www.sqlite.org/howtocorrupt.html).

    Args:
        folder: The store's folder; it need not be there.
        source: What `backup` made.

    Returns:
        Where a copy of what was there before lies; None where nothing was.

    Raises:
        StoreError: `source` is no backup, or is damaged, or something cannot be read or written.
    """
    _refuse_unsound(source)
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        aside = _set_aside(folder)
        for database in databases(source):
            copy_database(database, folder / database.name, BUSY_SECONDS)
        if (source / _UPLOADS).is_dir():
            shutil.copytree(source / _UPLOADS, folder / _UPLOADS)
    return aside


def vacuum(folder: Path) -> int:
    """Give back the space of what was removed, so that nothing of it is left in the files.

    Returns:
        By how many bytes the folder has become smaller.

    Raises:
        StoreError: another process is writing, or no space is left for the rewritten file.
    """
    before = _bytes(folder)
    for database in databases(folder):
        with (
            _explained(database),
            closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection,
        ):
            if database.name == DATABASE_NAME:
                connection.execute("INSERT INTO passage_terms (passage_terms) VALUES ('optimize')")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before - _bytes(folder)


def damage_in(database: Path) -> list[str]:
    """Return what SQLite itself finds wrong with a database, a line each."""
    try:
        with closing(open_for_reading(database, BUSY_SECONDS)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            dangling = connection.execute("PRAGMA foreign_key_check")
            found += [f"table {row[0]}: row {row[1]} refers to nothing" for row in dangling]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    return [f"{database.name}: {line}" for line in found]


def lost_changes(folder: Path, generation: int) -> str:
    """Return a line about changes that the database has lost, as a search index newer than it proves; else ""."""
    newest = max((int(match["number"]) for _, match in index_files(folder)), default=0)
    if newest <= generation:
        return ""
    return (
        f"the search index knows {newest} changes, and the database {generation}: it was put back to an earlier state "
        "(a copy, or a disk that lost what was written); sync again what was added since"
    )


def _refuse_unsound(source: Path) -> None:
    if not (source / DATABASE_NAME).is_file():
        raise StoreError("There is no backup in {folder}: name the folder that `assistant backup` made.", folder=source)
    problems = [line for database in databases(source) for line in damage_in(database)]
    if not problems:
        with _explained(source), closing(open_for_reading(source / DATABASE_NAME, BUSY_SECONDS)) as connection:
            if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
                problems = [f"{DATABASE_NAME} is not an article store"]
    if problems:
        raise StoreError(
            "The backup {folder} is damaged ({found}): the store was left as it is; take another backup.",
            folder=source,
            found=problems[0],
        )


def _set_aside(folder: Path) -> Path | None:
    """Keep a copy of what a restored backup replaces; a damaged database makes way, the log beside it with it."""
    found = databases(folder)
    remove_index_files(folder)
    if not found and not (folder / _UPLOADS).exists():
        return None
    aside = folder / f"replaced-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}"
    aside.mkdir()
    for database in found:
        if damage_in(database):
            for beside in (folder / f"{database.name}{end}" for end in _COMPANIONS):
                if beside.exists():
                    beside.replace(aside / beside.name)
        else:
            copy_database(database, aside / database.name, BUSY_SECONDS)
    if (folder / _UPLOADS).exists():
        (folder / _UPLOADS).replace(aside / _UPLOADS)
    return aside


@contextmanager
def _made_whole(target: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes `target` when the block ends, and is gone where it fails."""
    partial = target.with_name(f".{target.name}.partial")
    with _explained(target):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            yield partial
            if target.exists():
                target.rmdir()
            partial.replace(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise StoreError(
            "{path} could not be read or written ({reason}): free some space, check its permissions, or try again when "
            "no other process writes there.",
            path=path,
            reason=reason,
        ) from error


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
