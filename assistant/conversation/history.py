"""`Conversations`: what visitors said, kept in a database of its own beside the store's."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from assistant.conversation.history_database import (
    SHOWN,
    StoredTurn,
    check,
    conversation_of,
    digest,
    own,
    read_turns,
    tables_of,
)
from assistant.conversation.history_search import Found, search
from assistant.conversation.turn import Turn
from assistant.conversation.turn_json import dump_turn
from assistant.language.normalise import normalise
from assistant.settings import DatabaseUrl

TITLE_LENGTH = 80
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation as lists show it."""

    id: str
    title: str
    updated: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was stopped, has failed, or is being answered.

    Attributes:
        question: As it was asked.
        replaces: The turn that gives way to it, if any; it is still shown.
        reason: Why it failed, for the visitor; empty where it did not.
    """

    question: str
    replaces: int | None
    reason: str


class Conversations:
    """Keeps conversations by visitor. May be used from several threads and processes.

    A visitor is known by a secret of their browser's, of which only the digest is kept. Nobody sees another's
    conversations: every method takes the visitor, and what is not theirs is treated as if it were not there.

    Args:
        store: The store's folder or database.
        create: Make a folder and a file where there are none.

    Raises:
        ConversationError: the database is not there or cannot be opened, here or in any method.
        NoConversationError: in any method that names one, what is not there or not the visitor's.
    """

    def __init__(self, store: Path | DatabaseUrl, *, create: bool = True) -> None:
        self._tables = tables_of(store, create=create)

    def of(self, visitor: str) -> list[Summary]:
        """Return a visitor's conversations, latest first."""
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT id, title, updated FROM conversations WHERE visitor = ? ORDER BY updated DESC",
                [digest(visitor)],
            )
            return [Summary(*row) for row in rows]

    def turns(self, visitor: str, conversation: str) -> list[StoredTurn]:
        """Return the turns that a conversation shows, oldest first; those that were replaced are not among them."""
        with self._tables.reading() as connection:
            own(connection, visitor, conversation)
            return read_turns(connection, SHOWN, [conversation])

    def check(self, visitor: str, conversation: str, *, replaces: int | None = None, begins: bool = False) -> None:
        """Raise where a question may not be asked; see `ask` for what is taken and raised."""
        with self._tables.reading() as connection:
            check(connection, visitor, conversation, replaces, begins=begins)

    def ask(
        self, visitor: str, conversation: str, question: str, *, replaces: int | None = None, begins: bool = False
    ) -> None:
        """Keep a question that is about to be answered, so that it is there too where no answer comes.

        Args:
            visitor: Whose it is.
            conversation: The conversation's id.
            question: The question. One before it that has no answer is forgotten.
            replaces: A turn that is asked anew. With those after it, it gives way when the answer is recorded.
            begins: Begin the conversation with it, where it is not there.

        Raises:
            ReplacedError: the turn to replace is not shown any more.
        """
        with self._tables.changing() as connection:
            check(connection, visitor, conversation, replaces, begins=begins)
            connection.execute(
                "INSERT INTO conversations (id, visitor, title, updated) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [conversation, digest(visitor), title_of(question), time.time()],
            )
            connection.execute(
                "INSERT INTO unanswered VALUES (?, ?, ?, '') ON CONFLICT (conversation) DO UPDATE SET "
                "question = excluded.question, replaces = excluded.replaces, reason = excluded.reason",
                [conversation, question, replaces],
            )

    def fail(self, visitor: str, conversation: str, reason: str) -> None:
        """Keep why the question that has no answer has none; nothing where the conversation was deleted meanwhile."""
        with self._tables.changing() as connection:
            connection.execute(
                "UPDATE unanswered SET reason = ? WHERE conversation = "
                "(SELECT id FROM conversations WHERE id = ? AND visitor = ?)",
                [reason, conversation, digest(visitor)],
            )

    def unanswered(self, visitor: str, conversation: str) -> Unanswered | None:
        """Return the last question of a conversation where it has no answer, to be asked again perhaps."""
        with self._tables.reading() as connection:
            own(connection, visitor, conversation)
            row = connection.execute(
                f"SELECT question, (SELECT id FROM turns WHERE id = replaces AND {SHOWN}), reason "  # noqa: S608 - ours
                "FROM unanswered WHERE conversation = ?",
                [conversation, conversation],
            ).fetchone()
            return Unanswered(*row) if row else None

    def before(self, visitor: str, conversation: str, *, replaces: int | None = None) -> list[StoredTurn]:
        """Return the turns that come before a question, oldest first; see `ask` for what is taken and raised."""
        with self._tables.reading() as connection:
            check(connection, visitor, conversation, replaces)
            turns = read_turns(connection, SHOWN, [conversation])
        return [turn for turn in turns if replaces is None or turn.id < replaces]

    def turn(self, visitor: str, turn: int) -> StoredTurn:
        """Return one turn of a visitor's, shown or replaced."""
        with self._tables.reading() as connection:
            own(connection, visitor, conversation_of(connection, turn))
            return read_turns(connection, "id = ?", [turn])[0]

    def record(
        self, visitor: str, conversation: str, turn: Turn, seconds: float, *, replaces: int | None = None
    ) -> StoredTurn:
        """Add a turn to a conversation.

        Args:
            visitor: Whose it is.
            conversation: The conversation's id.
            turn: What was asked and answered.
            seconds: How long that took.
            replaces: A turn that was asked anew. With those after it, it is not shown any more, and can be called back
                (see `restore`).

        Returns:
            The turn as it was stored.

        Raises:
            ReplacedError: the turn to replace is not shown any more.
        """
        document, articles = dump_turn(turn)
        written = normalise(f"{turn.question}\n{turn.answer.text}")
        with self._tables.changing() as connection:
            check(connection, visitor, conversation, replaces)
            connection.executemany("INSERT INTO articles VALUES (?, ?) ON CONFLICT DO NOTHING", articles.items())
            (inserted,) = connection.execute(
                "INSERT INTO turns (conversation, document, seconds, written, parent) "
                "VALUES (?, ?, ?, ?, CASE WHEN CAST(? AS bigint) IS NULL "
                "THEN (SELECT tip FROM conversations WHERE id = ?) ELSE (SELECT parent FROM turns WHERE id = ?) END) "
                "RETURNING id",
                [conversation, document, seconds, written, replaces, conversation, replaces],
            ).fetchone()
            connection.executemany("INSERT INTO cited VALUES (?, ?)", [(inserted, key) for key in articles])
            connection.execute(
                "UPDATE conversations SET updated = ?, tip = ? WHERE id = ?", [time.time(), inserted, conversation]
            )
            connection.execute("DELETE FROM unanswered WHERE conversation = ?", [conversation])
            return read_turns(connection, "id = ?", [inserted])[0]

    def restore(self, visitor: str, turn: int) -> None:
        """Show a version of a turn again, with what followed on it; the one that is shown now can be called back too.

        Args:
            visitor: Whose it is.
            turn: One of the `versions` of a turn.
        """
        with self._tables.changing() as connection:
            conversation = conversation_of(connection, turn)
            own(connection, visitor, conversation)
            # Each turn is younger than the one it follows, so that the youngest of a branch is an end of it.
            connection.execute(
                "UPDATE conversations SET tip = (WITH RECURSIVE branch (id) AS (SELECT CAST(? AS bigint) "
                "UNION ALL SELECT turns.id FROM turns JOIN branch ON turns.parent = branch.id) "
                "SELECT max(id) FROM branch) WHERE id = ?",
                [turn, conversation],
            )

    def search(self, visitor: str, text: str) -> list[Found]:
        """Return a visitor's conversations in which all words of a text stand, latest first.

        The words stand in one question and its answer, or in the title; they may be written otherwise: without accents
        or vowel marks, in capitals, with another alef.

        Args:
            visitor: Whose conversations.
            text: Words, or parts of words.

        Example:
            >>> conversations.search("ali", "القمه")[0].match  # doctest: +SKIP
            'القمّة'
        """
        with self._tables.reading() as connection:
            return search(connection, digest(visitor), text)

    def share(self, visitor: str, turn: int) -> str:
        """Let whoever has the token that is returned read an answer (see `shared`); it keeps one it has."""
        with self._tables.changing() as connection:
            own(connection, visitor, conversation_of(connection, turn))
            connection.execute(
                "INSERT INTO shared VALUES (?, ?) ON CONFLICT DO NOTHING", [turn, secrets.token_urlsafe(_TOKEN_BYTES)]
            )
            (token,) = connection.execute("SELECT token FROM shared WHERE turn = ?", [turn]).fetchone()
            return str(token)

    def unshare(self, visitor: str, turn: int) -> None:
        """Let an answer be read by its visitor alone. Its token is good for nothing any more, also if shared again."""
        with self._tables.changing() as connection:
            own(connection, visitor, conversation_of(connection, turn))
            connection.execute("DELETE FROM shared WHERE turn = ?", [turn])

    def shared(self, token: str) -> StoredTurn | None:
        """Return the turn that is shared by a token; None where it is not, or was deleted with its conversation."""
        with self._tables.reading() as connection:
            turns = read_turns(connection, "id = (SELECT turn FROM shared WHERE token = ?)", [token])
        return turns[0] if turns else None

    def rename(self, visitor: str, conversation: str, title: str) -> None:
        """Give a conversation another title."""
        with self._tables.changing() as connection:
            own(connection, visitor, conversation)
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", [title_of(title), conversation])

    def delete(self, visitor: str, conversation: str) -> None:
        """Forget a conversation, and the articles that only it cited."""
        with self._tables.changing() as connection:
            own(connection, visitor, conversation)
            connection.execute("DELETE FROM conversations WHERE id = ?", [conversation])
            connection.execute(
                "DELETE FROM articles WHERE NOT EXISTS (SELECT 1 FROM cited WHERE cited.article = articles.key)"
            )

    def rate(self, visitor: str, turn: int, rating: int, comment: str) -> None:
        """Keep what a visitor thinks of an answer."""
        with self._tables.changing() as connection:
            own(connection, visitor, conversation_of(connection, turn))
            connection.execute("UPDATE turns SET rating = ?, comment = ? WHERE id = ?", [rating, comment, turn])

    def rated(self) -> list[StoredTurn]:
        """Return all turns that any visitor rated, oldest first."""
        with self._tables.reading() as connection:
            return read_turns(connection, "rating != 0", [])


def title_of(text: str) -> str:
    """Return what was asked or typed as a title: one line, not too long."""
    return " ".join(text.split())[:TITLE_LENGTH]
