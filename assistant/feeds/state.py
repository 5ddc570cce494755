"""`FeedState`: what is followed, and which entries have been seen, in a database beside the store's."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from assistant.errors import Message, StoreError
from assistant.settings import DatabaseUrl
from assistant.store.stores import need_postgres
from assistant.store.tables import Tables

DATABASE_NAME = "feeds.sqlite"
BUSY_SECONDS = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS followed (
    address TEXT PRIMARY KEY, given TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, below TEXT NOT NULL,
    keep_days INTEGER, keep_articles INTEGER,
    etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '',
    checked REAL, due REAL NOT NULL DEFAULT 0, wait_until REAL NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
    feed TEXT NOT NULL REFERENCES followed (address) ON UPDATE CASCADE ON DELETE CASCADE,
    key TEXT NOT NULL, url TEXT NOT NULL, digest TEXT NOT NULL, source TEXT, day TEXT, seen REAL NOT NULL,
    etag TEXT NOT NULL, modified TEXT NOT NULL, tries INTEGER NOT NULL, is_whole INTEGER NOT NULL,
    is_ours INTEGER NOT NULL, PRIMARY KEY (feed, key)
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_source ON entries (source);
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """One thing that is followed, and how it last went.

    Attributes:
        address: Its address, or the absolute path of a folder.
        given: What a person has named to follow it: its address, or that of its site.
        kind: "RSS", "Atom", "JSON", "sitemap" or "folder".
        title: What it calls itself.
        below: Only pages whose addresses begin so are taken; empty for all.
        keep_days: Articles older than so many days go; None keeps them.
        keep_articles: Only so many articles stay, the newest; None keeps all.
        etag: By which the server knows what was fetched last.
        modified: When that had last been changed, in the server's words.
        checked: When it was last asked, in seconds since 1970; None if never.
        due: From when on it is to be asked again without being told to.
        wait_until: Until when its server asks to be left alone.
        failures: How often in a row it failed.
        error: Why it failed last, as a `Message`; empty where it did not.
        articles: How many articles of it the store holds.
    """

    address: str
    given: str
    kind: str
    title: str = ""
    below: str = ""
    keep_days: int | None = None
    keep_articles: int | None = None
    etag: str = ""
    modified: str = ""
    checked: float | None = None
    due: float = 0.0
    wait_until: float = 0.0
    failures: int = 0
    error: str = ""
    articles: int = 0

    @property
    def is_due(self) -> bool:
        """Whether it is to be asked by now."""
        return self.due <= time.time()


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """What is known of one entry of a feed.

    Attributes:
        key: What the feed knows it by.
        url: Its page.
        digest: Tells whether the feed says something else of it now.
        source: The source under which the store holds it; None where it does not.
        day: When it was published or changed.
        seen: When it was first seen, in seconds since 1970.
        etag: By which the server knows the page that was read.
        modified: When that had last been changed, in the server's words.
        tries: How often its page could not be read and is worth another try; 0 where there is nothing to try.
        is_whole: Whether its text is from its page.
        is_ours: Whether the store had it from this feed, and not from before.
    """

    key: str
    url: str
    digest: str
    source: str | None
    day: date | None
    seen: float
    etag: str = ""
    modified: str = ""
    tries: int = 0
    is_whole: bool = False
    is_ours: bool = True


_FOLLOWED = (
    "address, given, kind, title, below, keep_days, keep_articles, "
    "etag, modified, checked, due, wait_until, failures, error"
)
_ENTRY = "key, url, digest, source, day, seen, etag, modified, tries, is_whole, is_ours"


class FeedState:
    """The tables of what is followed. Each change is one transaction, and several processes may use them.

    Args:
        store: The store's folder or database.

    Raises:
        StoreError: the database cannot be used, here or in any method.
    """

    def __init__(self, store: Path | DatabaseUrl) -> None:
        self._tables = _tables_of(store)

    def followed(self) -> list[Followed]:
        """Return all that is followed, by title and address."""
        with self._tables.reading() as connection:
            rows = connection.execute(
                f"SELECT {_FOLLOWED}, (SELECT count(DISTINCT source) FROM entries WHERE feed = address) "  # noqa: S608
                "FROM followed ORDER BY title, address"
            )
            found = [Followed(*row) for row in rows]
        return [replace(followed, error=_message_of_json(followed.error)) for followed in found]

    def put(self, followed: Followed, former: str | None = None) -> None:
        """Note something that is followed, in place of what was noted of it, or of its `former` address."""
        values = (
            followed.address,
            followed.given,
            followed.kind,
            followed.title,
            followed.below,
            followed.keep_days,
            followed.keep_articles,
            followed.etag,
            followed.modified,
            followed.checked,
            followed.due,
            followed.wait_until,
            followed.failures,
            _message_json(followed.error),
        )
        names = _FOLLOWED.split(", ")
        with self._tables.changing() as connection:
            if former is not None and former != followed.address:
                if connection.execute("SELECT 1 FROM followed WHERE address = ?", (followed.address,)).fetchone():
                    # Both were followed and turn out to be one.
                    connection.execute("DELETE FROM followed WHERE address = ?", (followed.address,))
                connection.execute("UPDATE followed SET address = ? WHERE address = ?", (followed.address, former))
            connection.execute(
                f"INSERT INTO followed ({_FOLLOWED}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
                f"ON CONFLICT (address) DO UPDATE SET {_renewed(_FOLLOWED)}",
                values,
            )

    def remove(self, address: str) -> None:
        """Forget something that was followed, and its entries."""
        with self._tables.changing() as connection:
            connection.execute("DELETE FROM followed WHERE address = ?", (address,))

    def entries(self, feed: str) -> list[SeenEntry]:
        """Return what was seen of a feed."""
        with self._tables.reading() as connection:
            rows = connection.execute(f"SELECT {_ENTRY} FROM entries WHERE feed = ?", (feed,)).fetchall()  # noqa: S608
        return [_seen_entry(row) for row in rows]

    def note(self, feed: str, entries: Iterable[SeenEntry], gone: Sequence[str] = ()) -> None:
        """Note entries of a feed, and forget those with the keys in `gone`."""
        with self._tables.changing() as connection:
            connection.executemany("DELETE FROM entries WHERE feed = ? AND key = ?", [(feed, key) for key in gone])
            connection.executemany(
                f"INSERT INTO entries (feed, {_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - ours
                f"ON CONFLICT (feed, key) DO UPDATE SET {_renewed(_ENTRY)}",
                [
                    (
                        feed,
                        one.key,
                        one.url,
                        one.digest,
                        one.source,
                        one.day and one.day.isoformat(),
                        one.seen,
                        one.etag,
                        one.modified,
                        one.tries,
                        int(one.is_whole),
                        int(one.is_ours),
                    )
                    for one in entries
                ],
            )

    def copy_to(self, other: "FeedState") -> None:
        """Note all that is followed, and what was seen of it, in other tables; what they have of it gives way."""
        for followed in self.followed():
            other.put(followed)
            other.note(followed.address, self.entries(followed.address))

    def holders(self, source: str) -> list[tuple[str, str, str]]:
        """Return the feed, key and page of each entry whose article is stored under `source`."""
        with self._tables.reading() as connection:
            return connection.execute("SELECT feed, key, url FROM entries WHERE source = ?", (source,)).fetchall()


def _tables_of(store: Path | DatabaseUrl) -> Tables:
    if isinstance(store, Path):
        return _InFile(store / DATABASE_NAME)
    need_postgres(store)
    from assistant.store.postgres.postgres_tables import PostgresTables  # noqa: PLC0415 - in an extra
    from assistant.store.postgres.schema import FEEDS  # noqa: PLC0415 - as above

    return PostgresTables(store, FEEDS)


class _InFile:
    """Tables in a file of SQLite's in the store's folder, which is made by the first change."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        if self._path.exists():
            with self.changing() as connection:
                yield connection
        else:
            with closing(sqlite3.connect(":memory:")) as connection:
                connection.executescript(_SCHEMA)
                yield connection

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.executescript(_SCHEMA)
                with connection:
                    yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                "What is followed stands in {path}, which cannot be used ({reason}): check its permissions.",
                path=self._path,
                reason=str(error),
            ) from error


def _renewed(columns: str) -> str:
    """Return what an upsert sets: all columns but the first, which says which row it is."""
    return ", ".join(f"{name} = excluded.{name}" for name in columns.split(", ")[1:])


def _seen_entry(row: tuple[Any, ...]) -> SeenEntry:
    found = dict(zip(_ENTRY.split(", "), row, strict=True))
    found |= {"is_whole": bool(found["is_whole"]), "is_ours": bool(found["is_ours"])}
    return SeenEntry(**found | {"day": found["day"] and date.fromisoformat(found["day"])})


def _message_json(message: str) -> str:
    """Return a message with its template, so that the page can say it in another language; "" for none."""
    return json.dumps(_parts(message), ensure_ascii=False) if message else ""


def _parts(value: object) -> object:
    if isinstance(value, Message):
        return {"template": value.template, "values": {name: _parts(one) for name, one in value.values.items()}}
    return value if isinstance(value, int | float) else str(value)


def _message_of_json(text: str) -> str:
    return _message(json.loads(text)) if text else ""


def _joined(value: Any) -> object:
    return _message(value) if isinstance(value, dict) else value


def _message(value: dict[str, Any]) -> Message:
    return Message(value["template"], **{name: _joined(one) for name, one in value["values"].items()})
