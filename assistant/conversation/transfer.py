"""Conversations as records that another store can take in: `dump` and `load`, a record for each."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from assistant.conversation.history_database import DATABASE_NAME, tables_of
from assistant.errors import ConversationError
from assistant.settings import DatabaseUrl
from assistant.store.tables import TableConnection, Tables

_TURN = ("id", "parent", "document", "seconds", "rating", "comment", "written")


def dump(store: Path | DatabaseUrl) -> Iterator[dict[str, Any]]:
    """Yield the conversations of a store, with opinions, all versions of turns, and the articles they quote.

    Args:
        store: The store's folder, which may have none, or its database.

    Raises:
        ConversationError: the database cannot be read.
    """
    if isinstance(store, Path) and not (store / DATABASE_NAME).is_file():
        return
    with tables_of(store).reading() as connection:
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


def load(store: Path | DatabaseUrl, records: Iterable[dict[str, Any]]) -> int:
    """Take in conversations that `dump` gave; return how many were new. One that is there already stays as it is.

    Args:
        store: The store's folder or database.
        records: The conversations.

    Raises:
        ConversationError: a record is damaged, or the database cannot be written.
    """
    tables: Tables | None = None
    added = 0
    for record in records:
        tables = tables or tables_of(store)
        try:
            with tables.changing() as connection:
                added += _load(connection, record)
        except (LookupError, TypeError, ValueError) as error:
            raise ConversationError("A conversation of the file is damaged: export it again.") from error
    return added


def _load(connection: TableConnection, record: dict[str, Any]) -> bool:
    values = [record[name] for name in ("id", "visitor", "title", "updated")]
    added = connection.execute(
        "INSERT INTO conversations (id, visitor, title, updated) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", values
    )
    if not added.rowcount:
        return False
    connection.executemany("INSERT INTO articles VALUES (?, ?) ON CONFLICT DO NOTHING", record["articles"].items())
    # Numbers of turns are a database's own.
    numbers: dict[int | None, int | None] = {None: None}
    for turn in record["turns"]:
        (numbers[turn["id"]],) = connection.execute(
            "INSERT INTO turns (conversation, parent, document, seconds, rating, comment, written) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            [record["id"], numbers[turn["parent"]], *(turn[name] for name in _TURN[2:])],
        ).fetchone()
    connection.executemany("INSERT INTO cited VALUES (?, ?)", [(numbers[turn], key) for turn, key in record["cited"]])
    connection.execute("UPDATE conversations SET tip = ? WHERE id = ?", [numbers[record["tip"]], record["id"]])
    return True
