"""The database that `history` keeps conversations in: its tables, and how turns are read from them.

What was said is a tree: a turn follows on another one, and those that follow on the same are versions of one turn. A
conversation has a tip, the last turn that it shows; the turns it shows are those from the tip to the root.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.conversation.turn import Turn
from assistant.conversation.turn_json import load_turn
from assistant.errors import ConversationError, StoreError, message_of
from assistant.language.normalise import normalise
from assistant.settings import DatabaseUrl
from assistant.store.stores import need_postgres
from assistant.store.tables import TableConnection, Tables

DATABASE_NAME = "conversations.sqlite"
BUSY_SECONDS = 10.0
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, visitor TEXT NOT NULL, title TEXT NOT NULL, updated REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS conversations_of_visitor ON conversations (visitor, updated);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    document TEXT NOT NULL, seconds REAL NOT NULL, rating INTEGER NOT NULL DEFAULT 0, comment TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS turns_of_conversation ON turns (conversation, id);
CREATE TABLE IF NOT EXISTS articles (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS cited (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE, article TEXT NOT NULL, PRIMARY KEY (turn, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS citing ON cited (article);
CREATE TABLE IF NOT EXISTS unanswered (
    conversation TEXT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    question TEXT NOT NULL, replaces INTEGER, reason TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS shared (
    turn INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE, token TEXT NOT NULL UNIQUE
) STRICT;
"""
# Until version 1, a conversation was a row of turns, what was replaced was deleted, and nothing was searched.
_SINCE = (
    "ALTER TABLE conversations ADD COLUMN tip INTEGER",
    "ALTER TABLE turns ADD COLUMN parent INTEGER",
    """UPDATE turns SET parent =
        (SELECT max(one.id) FROM turns AS one WHERE one.conversation = turns.conversation AND one.id < turns.id)""",
    "UPDATE conversations SET tip = (SELECT max(id) FROM turns WHERE conversation = conversations.id)",
    "CREATE INDEX turns_after ON turns (parent)",
    # What is searched in; see `normalise`.
    "ALTER TABLE turns ADD COLUMN written TEXT NOT NULL DEFAULT ''",
    """UPDATE turns SET written =
        normalised(json_extract(document, '$.question') || char(10) || json_extract(document, '$.answer.text'))""",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
PATH = """
WITH RECURSIVE path (id, parent) AS (
    SELECT turns.id, turns.parent FROM turns JOIN conversations ON turns.id = tip WHERE conversations.{named} = ?
    UNION ALL SELECT turns.id, turns.parent FROM turns JOIN path ON turns.id = path.parent
)
"""
"""The turns that are shown, of the conversations whose column `named` has a value."""

SHOWN = f"turns.id IN ({PATH.format(named='id')} SELECT id FROM path)"  # noqa: S608 - ours
"""Holds for the turns that a conversation shows."""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn with what is known of it besides.

    Attributes:
        id: The database's number for it.
        turn: The turn.
        seconds: How long the visitor waited for the answer.
        rating: 1 for a good answer, -1 for a bad one, 0 where nobody said.
        comment: What the visitor said about it.
        versions: The numbers of all its versions, itself among them, oldest first.
        token: What it is shared by; empty where it is not shared.
    """

    id: int
    turn: Turn
    seconds: float
    rating: int = 0
    comment: str = ""
    versions: tuple[int, ...] = ()
    token: str = ""


class NoConversationError(ConversationError):
    """There is no such conversation of this visitor's."""


class ReplacedError(ConversationError):
    """The turn that a question would replace is gone."""


def tables_of(store: Path | DatabaseUrl, *, create: bool = True) -> Tables:
    """Return the tables of a store's conversations, made where there are none and brought up to date.

    Args:
        store: The store's folder or database.
        create: Make a folder and a file where there are none.

    Raises:
        ConversationError: they are not there, or cannot be used.
    """
    return _InDatabase(store) if isinstance(store, DatabaseUrl) else _InFile(store, create=create)


class _InFile:
    """Tables in a file of SQLite's in the store's folder."""

    def __init__(self, folder: Path, *, create: bool) -> None:
        self._path = folder / DATABASE_NAME
        if not create and not self._path.is_file():
            raise ConversationError(
                "There are no conversations in {folder}: serve its page first, or name another store with --store.",
                folder=folder,
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConversationError(
                "The folder {folder} cannot be made ({reason}): name another.", folder=folder, reason=error.strerror
            ) from error
        prepare(self._path)

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        return connecting(self._path)

    def changing(self) -> AbstractContextManager[sqlite3.Connection]:
        return connecting(self._path)


class _InDatabase:
    """Tables in a schema of the store's database."""

    def __init__(self, url: DatabaseUrl) -> None:
        need_postgres(url)
        from assistant.store.postgres.postgres_tables import PostgresTables  # noqa: PLC0415 - in an extra
        from assistant.store.postgres.schema import CONVERSATIONS  # noqa: PLC0415 - as above

        with _history_errors():
            self._tables = PostgresTables(url, CONVERSATIONS)

    @contextmanager
    def reading(self) -> Iterator[TableConnection]:
        with _history_errors(), self._tables.reading() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[TableConnection]:
        with _history_errors(), self._tables.changing() as connection:
            yield connection


@contextmanager
def _history_errors() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise ConversationError(message_of(error)) from error


@contextmanager
def connecting(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to the database for one transaction, which is undone where anything is raised.

    Its SQL has a function `normalised`, in whose form texts are compared.

    Raises:
        ConversationError: it cannot be used.
    """
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.create_function("normalised", 1, normalise, deterministic=True)
            with connection:
                yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ConversationError(
            "The conversations in {path} cannot be used ({reason}): free the disk, or move the file away.",
            path=path,
            reason=error,
        ) from error


def prepare(path: Path) -> None:
    """Make the tables where there are none, and bring those of an earlier version up to date.

    Raises:
        ConversationError: a later version has made them, or the database cannot be used.
    """
    with connecting(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise ConversationError(
                "The conversations in {path} were kept by a later version: update this one, or move the file away.",
                path=path,
            )
        if version < SCHEMA_VERSION:
            for statement in _SINCE:
                connection.execute(statement)


def read_turns(connection: TableConnection, condition: str, values: Sequence[object]) -> list[StoredTurn]:
    """Return the turns for which a condition holds, oldest first.

    Args:
        connection: To the database.
        condition: In SQL, with a `?` for each value. Never anything from outside.
        values: Those values.
    """
    rows = connection.execute(
        "SELECT id, document, seconds, rating, comment, "  # noqa: S608 - ours
        f"(SELECT token FROM shared WHERE turn = turns.id) FROM turns WHERE {condition} ORDER BY id",
        values,
    ).fetchall()
    versions: dict[int, list[int]] = {}
    for number, version in connection.execute(
        "SELECT turns.id, one.id FROM turns JOIN turns AS one ON one.conversation = turns.conversation "  # noqa: S608
        "AND (one.parent = turns.parent OR one.parent IS NULL AND turns.parent IS NULL) "
        f"WHERE turns.id IN (SELECT id FROM turns WHERE {condition}) ORDER BY one.id",
        values,
    ):
        versions.setdefault(number, []).append(version)
    articles: dict[str, str] = dict(
        connection.execute(
            "SELECT key, document FROM articles WHERE key IN (SELECT article FROM cited WHERE turn IN "  # noqa: S608
            f"(SELECT id FROM turns WHERE {condition}))",
            values,
        )
    )
    return [
        StoredTurn(
            number,
            _loaded(document, articles),
            seconds,
            rating,
            comment,
            tuple(versions[number]),
            token or "",
        )
        for number, document, seconds, rating, comment, token in rows
    ]


def _loaded(document: str, articles: dict[str, str]) -> Turn:
    try:
        return load_turn(document, articles)
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # whatever bytes may have become of JSON
        raise ConversationError(
            "An answer of this conversation is damaged: delete the conversation, or restore {name} from a copy.",
            name=DATABASE_NAME,
        ) from error


def own(connection: TableConnection, visitor: str, conversation: str) -> None:
    """Raise NoConversationError where a conversation is not the visitor's, or not there."""
    row = connection.execute(
        "SELECT 1 FROM conversations WHERE id = ? AND visitor = ?", [conversation, digest(visitor)]
    ).fetchone()
    if row is None:
        raise NoConversationError("That conversation is not there: it was deleted, or belongs to another browser.")


def check(
    connection: TableConnection, visitor: str, conversation: str, replaces: int | None, *, begins: bool = False
) -> None:
    """Raise where a question may not be asked; see `Conversations.ask`."""
    row = connection.execute("SELECT 1 FROM conversations WHERE id = ?", [conversation]).fetchone()
    if row is not None or not begins:
        own(connection, visitor, conversation)
    shown = connection.execute(f"SELECT 1 FROM turns WHERE id = ? AND {SHOWN}", [replaces, conversation])  # noqa: S608
    if replaces is not None and shown.fetchone() is None:
        raise ReplacedError("That question was asked anew meanwhile, in another tab perhaps: reload the page.")


def conversation_of(connection: TableConnection, turn: int) -> str:
    """Return the conversation that a turn belongs to; empty where there is none."""
    row = connection.execute("SELECT conversation FROM turns WHERE id = ?", [turn]).fetchone()
    return str(row[0]) if row else ""


def digest(visitor: str) -> str:
    """Return what is kept of a visitor's secret."""
    return hashlib.sha256(visitor.encode()).hexdigest()
