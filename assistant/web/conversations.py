"""`Conversations`: what visitors said, kept in a database of its own beside the store's."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.conversation.turn import Turn
from assistant.errors import ConversationError
from assistant.web.turn_json import dump_turn, load_turn

DATABASE_NAME = "conversations.sqlite"
TITLE_LENGTH = 80
BUSY_SECONDS = 10.0

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
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation as lists show it."""

    id: str
    title: str
    updated: float


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn with what the page knows of it besides.

    Attributes:
        id: The database's number for it.
        turn: The turn.
        seconds: How long the visitor waited for the answer.
        rating: 1 for a good answer, -1 for a bad one, 0 where nobody said.
        comment: What the visitor said about it.
    """

    id: int
    turn: Turn
    seconds: float
    rating: int = 0
    comment: str = ""


class NoConversationError(ConversationError):
    """There is no such conversation of this visitor's."""


class ReplacedError(ConversationError):
    """The turn that a question would replace is gone."""


class Conversations:
    """Keeps conversations by visitor. May be used from several threads and processes.

    A visitor is known by a secret of their browser's, of which only the digest is kept. Nobody sees another's
    conversations: every method takes the visitor, and what is not theirs is treated as if it were not there.

    Args:
        folder: The store's folder.
        create: Make folder and database where there are none.

    Raises:
        ConversationError: the database is not there or cannot be opened, here or in any method.
        NoConversationError: in any method that names one, what is not there or not the visitor's.
    """

    def __init__(self, folder: Path, *, create: bool = True) -> None:
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
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    def of(self, visitor: str) -> list[Summary]:
        """Return a visitor's conversations, latest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT id, title, updated FROM conversations WHERE visitor = ? ORDER BY updated DESC",
                [_digest(visitor)],
            )
            return [Summary(*row) for row in rows]

    def turns(self, visitor: str, conversation: str) -> list[StoredTurn]:
        """Return the turns of a conversation, oldest first."""
        with self._connection() as connection:
            _own(connection, visitor, conversation)
            return _read_turns(connection, "conversation = ?", [conversation])

    def check(self, visitor: str, conversation: str, *, replaces: int | None = None, begins: bool = False) -> None:
        """Raise where a question may not be asked; see `record` for what is taken and raised."""
        with self._connection() as connection:
            _check(connection, visitor, conversation, replaces, begins=begins)

    def before(
        self, visitor: str, conversation: str, *, replaces: int | None = None, begins: bool = False
    ) -> list[StoredTurn]:
        """Return the turns that come before a question, oldest first; see `record` for what is taken and raised."""
        with self._connection() as connection:
            _check(connection, visitor, conversation, replaces, begins=begins)
            turns = _read_turns(connection, "conversation = ?", [conversation])
        return [one for one in turns if replaces is None or one.id < replaces]

    def turn(self, visitor: str, turn: int) -> StoredTurn:
        """Return one turn of a visitor's."""
        with self._connection() as connection:
            _own(connection, visitor, _conversation_of(connection, turn))
            return _read_turns(connection, "id = ?", [turn])[0]

    def record(
        self,
        visitor: str,
        conversation: str,
        turn: Turn,
        seconds: float,
        *,
        replaces: int | None = None,
        begins: bool = False,
    ) -> StoredTurn:
        """Add a turn to a conversation.

        Args:
            visitor: Whose it is.
            conversation: The conversation's id.
            turn: What was asked and answered.
            seconds: How long that took.
            replaces: A turn that was asked anew; it and those after it are dropped.
            begins: Begin the conversation with it, where it is not there.

        Returns:
            The turn as it was stored.

        Raises:
            ReplacedError: the turn to replace is gone.
        """
        document, articles = dump_turn(turn)
        with self._connection() as connection:
            if begins:
                connection.execute(
                    "INSERT OR IGNORE INTO conversations VALUES (?, ?, ?, ?)",
                    [conversation, _digest(visitor), title_of(turn.question), time.time()],
                )
            _own(connection, visitor, conversation)
            _check_replaced(connection, conversation, replaces)
            if replaces is not None:
                connection.execute("DELETE FROM turns WHERE conversation = ? AND id >= ?", [conversation, replaces])
                _forget_uncited(connection)
            connection.executemany("INSERT OR IGNORE INTO articles VALUES (?, ?)", articles.items())
            inserted = connection.execute(
                "INSERT INTO turns (conversation, document, seconds) VALUES (?, ?, ?)",
                [conversation, document, seconds],
            )
            connection.executemany("INSERT INTO cited VALUES (?, ?)", [(inserted.lastrowid, key) for key in articles])
            connection.execute("UPDATE conversations SET updated = ? WHERE id = ?", [time.time(), conversation])
            return StoredTurn(inserted.lastrowid or 0, turn, seconds)

    def rename(self, visitor: str, conversation: str, title: str) -> None:
        """Give a conversation another title."""
        with self._connection() as connection:
            _own(connection, visitor, conversation)
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", [title_of(title), conversation])

    def delete(self, visitor: str, conversation: str) -> None:
        """Forget a conversation, and the articles that only it cited."""
        with self._connection() as connection:
            _own(connection, visitor, conversation)
            connection.execute("DELETE FROM conversations WHERE id = ?", [conversation])
            _forget_uncited(connection)

    def rate(self, visitor: str, turn: int, rating: int, comment: str) -> None:
        """Keep what a visitor thinks of an answer."""
        with self._connection() as connection:
            _own(connection, visitor, _conversation_of(connection, turn))
            connection.execute("UPDATE turns SET rating = ?, comment = ? WHERE id = ?", [rating, comment, turn])

    def rated(self) -> list[StoredTurn]:
        """Return all turns that any visitor rated, oldest first."""
        with self._connection() as connection:
            return _read_turns(connection, "rating != 0", [])

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise ConversationError(
                "The conversations in {path} cannot be used ({reason}): free the disk, or move the file away.",
                path=self._path,
                reason=error,
            ) from error


def title_of(text: str) -> str:
    """Return what was asked or typed as a title: one line, not too long."""
    return " ".join(text.split())[:TITLE_LENGTH]


def _own(connection: sqlite3.Connection, visitor: str, conversation: str) -> None:
    row = connection.execute(
        "SELECT 1 FROM conversations WHERE id = ? AND visitor = ?", [conversation, _digest(visitor)]
    ).fetchone()
    if row is None:
        raise NoConversationError("That conversation is not there: it was deleted, or belongs to another browser.")


def _check(
    connection: sqlite3.Connection, visitor: str, conversation: str, replaces: int | None, *, begins: bool
) -> None:
    row = connection.execute("SELECT 1 FROM conversations WHERE id = ?", [conversation]).fetchone()
    if row is not None or not begins:
        _own(connection, visitor, conversation)
    _check_replaced(connection, conversation, replaces)


def _check_replaced(connection: sqlite3.Connection, conversation: str, replaces: int | None) -> None:
    known = connection.execute("SELECT 1 FROM turns WHERE id = ? AND conversation = ?", [replaces, conversation])
    if replaces is not None and known.fetchone() is None:
        raise ReplacedError("That question was asked anew meanwhile, in another tab perhaps: reload the page.")


def _conversation_of(connection: sqlite3.Connection, turn: int) -> str:
    row = connection.execute("SELECT conversation FROM turns WHERE id = ?", [turn]).fetchone()
    return str(row[0]) if row else ""


def _forget_uncited(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM articles WHERE NOT EXISTS (SELECT 1 FROM cited WHERE cited.article = articles.key)")


def _read_turns(connection: sqlite3.Connection, condition: str, values: Sequence[object]) -> list[StoredTurn]:
    rows = connection.execute(
        f"SELECT id, document, seconds, rating, comment FROM turns WHERE {condition} ORDER BY id",  # noqa: S608 - ours
        values,
    ).fetchall()
    articles = dict(
        connection.execute(
            "SELECT key, document FROM articles WHERE key IN (SELECT article FROM cited WHERE turn IN "  # noqa: S608
            f"(SELECT id FROM turns WHERE {condition}))",
            values,
        )
    )
    return [StoredTurn(number, load_turn(document, articles), *others) for number, document, *others in rows]


def _digest(visitor: str) -> str:
    return hashlib.sha256(visitor.encode()).hexdigest()
