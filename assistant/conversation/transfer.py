"""Conversations as records that another store can take in: `dump` and `load`, a record for each conversation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.conversation.history_database import DATABASE_NAME, connecting, prepare
from assistant.errors import ConversationError

_TURN = ("id", "parent", "document", "seconds", "rating", "comment", "written")


def dump(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the conversations of a store, with opinions, all versions of turns, and the articles they quote.

    Args:
        folder: The store's folder; it may have none.

    Raises:
        ConversationError: the database cannot be read.
    """
    path = folder / DATABASE_NAME
    if not path.is_file():
        return
    prepare(path)
    with connecting(path) as connection:
        chosen = connection.execute("SELECT id, visitor, title, updated, tip FROM conversations ORDER BY updated, id")
        for number, visitor, title, updated, tip in chosen.fetchall():
            turns = connection.execute(
                f"SELECT {', '.join(_TURN)} FROM turns WHERE conversation = ? ORDER BY id",  # noqa: S608 - ours
                [number],
            ).fetchall()
            cited = connection.execute(
                "SELECT turn, key, articles.document FROM cited JOIN articles ON key = article "
                "JOIN turns ON turns.id = turn WHERE conversation = ?",
                [number],
            ).fetchall()
            yield {
                "id": number,
                "visitor": visitor,
                "title": title,
                "updated": updated,
                "tip": tip,
                "turns": [dict(zip(_TURN, turn, strict=True)) for turn in turns],
                "cited": [[turn, key] for turn, key, _ in cited],
                "articles": {key: document for _, key, document in cited},
            }


def load(folder: Path, record: dict[str, Any]) -> bool:
    """Take in one conversation that `dump` gave; whether it was new. One that is there already stays as it is.

    Args:
        folder: The store's folder.
        record: The conversation.

    Raises:
        ConversationError: the record is damaged, or the database cannot be written.
    """
    path = folder / DATABASE_NAME
    prepare(path)
    try:
        with connecting(path) as connection:
            values = [record[name] for name in ("id", "visitor", "title", "updated")]
            added = connection.execute(
                "INSERT OR IGNORE INTO conversations (id, visitor, title, updated) VALUES (?, ?, ?, ?)", values
            )
            if not added.rowcount:
                return False
            connection.executemany("INSERT OR IGNORE INTO articles VALUES (?, ?)", record["articles"].items())
            # Numbers of turns are a database's own.
            numbers: dict[int | None, int | None] = {None: None}
            for turn in record["turns"]:
                numbers[turn["id"]] = connection.execute(
                    "INSERT INTO turns (conversation, parent, document, seconds, rating, comment, written) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [record["id"], numbers[turn["parent"]], *(turn[name] for name in _TURN[2:])],
                ).lastrowid
            connection.executemany(
                "INSERT INTO cited VALUES (?, ?)", [(numbers[turn], key) for turn, key in record["cited"]]
            )
            connection.execute("UPDATE conversations SET tip = ? WHERE id = ?", [numbers[record["tip"]], record["id"]])
    except (LookupError, TypeError, ValueError) as error:
        raise ConversationError("A conversation of the file is damaged: export it again.") from error
    return True
