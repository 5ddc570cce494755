"""Which passages a search engine holds: tables of the database, so that a reader's snapshot decides what exists.

Every row that an engine holds is in `indexed` (its passage exists), in `stale` (it did, and a reader may still see it),
of a transaction that has not ended, or left over by one that was killed. All but the last is known without asking.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import fmean

import numpy as np
import numpy.typing as npt

from assistant.store.postgres import vectors
from assistant.store.postgres.connections import Connection
from assistant.store.postgres.words import weight
from assistant.store.search_engine import NO_DAY, EngineRow, SearchEngine

GRACE_SECONDS = 300
"""How long a reader's snapshot may find by the engine; so long stays there what is gone."""
_FRESH_SECONDS = 10
"""Of rows that were put longer ago, an engine finds all without being asked to wait for them."""
_AT_ONCE = 1000
_LOCK = "article-assistant: search engine"
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")
_EPOCH = date(1970, 1, 1)

Keys = npt.NDArray[np.int64]


def is_language(code: str) -> bool:
    """Return whether a text may be a BCP 47 code, as an engine takes it."""
    return _LANGUAGE.fullmatch(code) is not None


def word_number(word: str) -> int:
    """Return the number by which an engine knows a word: from 1 to 2³²-2. Two words seldom share one.

    Example:
        >>> word_number("summit")
        1151845080
    """
    return 1 + int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % (2**32 - 2)


def begin(connection: Connection) -> None:
    """Let `alone` wait for the end of this transaction, which is going to put rows. First of all locks."""
    connection.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_LOCK])


def alone(connection: Connection) -> None:
    """Wait until no transaction that has put rows is left, and let none begin until this one ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])


def state(connection: Connection) -> tuple[int, bool, bool]:
    """Return how many passages the engine lacks, whether it got some just now, and whether this snapshot is old."""
    row = connection.execute(
        "SELECT passages - indexed, coalesce(indexed_at > clock_timestamp() - make_interval(secs => %s), false), "
        "clock_timestamp() - now() > make_interval(secs => %s) FROM state",
        [_FRESH_SECONDS, GRACE_SECONDS],
    ).fetchone()
    return row or (0, False, False)


def store_id(connection: Connection) -> str:
    """Return the store's own name."""
    row = connection.execute("SELECT id::text FROM state").fetchone()
    return "" if row is None else str(row[0])


def holds_any(connection: Connection) -> bool:
    """Return whether the engine should hold anything."""
    return connection.execute("SELECT indexed > 0 FROM state").fetchone() == (True,)


def add(connection: Connection, engine: SearchEngine, fingerprint: str, numbers: Sequence[int]) -> int:
    """Put passages into the engine, and note it; returns how many there were, which are not counted yet."""
    rows = connection.execute(
        "SELECT passages.id, article_id, first, behind, articles.language, published, vector_send(vector), words "
        "FROM passages JOIN articles ON articles.id = article_id JOIN vectors ON vectors.passage_id = passages.id "
        "JOIN passage_words ON passage_words.passage_id = passages.id WHERE passages.id = ANY(%s) ORDER BY passages.id",
        [list(numbers)],
        binary=True,
    ).fetchall()
    if not rows:
        return 0
    held = {row[0]: row[7].split(" ") if row[7] else [] for row in rows}
    average = _average(connection) or fmean(map(len, held.values())) or 1.0
    put: dict[int, EngineRow] = {}
    keys: dict[int, int] = {}
    for number, article, first, behind, language, published, vector, _ in rows:
        day = (published - _EPOCH).days if published else NO_DAY
        key = _key(fingerprint, article, first, behind, language, day)
        said = held[number]
        weights: dict[int, float] = {}
        for word, times in Counter(said).items():
            weights[word_number(word)] = weight(times, len(said), average)
        put[key] = EngineRow(key, vectors.unpacked(vector), weights, language if is_language(language) else "", day)
        keys[key] = number
    # First: whoever is deleting one of them from the engine has done so before it is put there.
    connection.execute("DELETE FROM stale WHERE key = ANY(%s)", [list(keys)])
    engine.upsert(list(put.values()))
    done = connection.execute(
        "INSERT INTO indexed SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING",
        [list(keys), list(keys.values())],
    )
    return done.rowcount


def count(connection: Connection, added: int) -> None:
    """Count passages that `add` has put. Only one writer may do so at a time."""
    if added:
        connection.execute("UPDATE state SET indexed = indexed + %s, indexed_at = clock_timestamp()", [added])


def forget(connection: Connection, numbers: Sequence[int]) -> None:
    """Note that passages are about to go, and count them off; the engine keeps them for old snapshots."""
    connection.execute(
        "WITH gone AS (DELETE FROM indexed WHERE passage_id = ANY(%s) RETURNING key), "
        "noted AS (INSERT INTO stale (key) SELECT key FROM gone ON CONFLICT DO NOTHING) "
        "UPDATE state SET indexed = indexed - (SELECT count(*) FROM gone)",
        [list(numbers)],
    )


def lacking(connection: Connection, behind: int, most: int) -> list[int]:
    """Return the first passages beyond the number `behind` that the engine lacks."""
    rows = connection.execute(
        "SELECT id FROM passages WHERE id > %s AND NOT EXISTS (SELECT FROM indexed WHERE passage_id = id) "
        "ORDER BY id LIMIT %s",
        [behind, most],
    )
    return [number for (number,) in rows]


def visible(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Return the passages of rows that exist for the reader."""
    rows = connection.execute("SELECT passage_id FROM indexed WHERE key = ANY(%s)", [list(keys)])
    return [number for (number,) in rows]


def clean(connection: Connection, engine: SearchEngine) -> None:
    """Delete from the engine what no reader can see any more. Any process may, at any time, and be killed in it."""
    connection.execute(
        "UPDATE stale SET since = clock_timestamp() WHERE key IN "
        "(SELECT key FROM stale WHERE since IS NULL LIMIT %s FOR UPDATE SKIP LOCKED)",
        [_AT_ONCE],
    )
    rows = connection.execute(
        "SELECT key FROM stale WHERE since < clock_timestamp() - make_interval(secs => %s) LIMIT %s "
        "FOR UPDATE SKIP LOCKED",
        [GRACE_SECONDS, _AT_ONCE],
    )
    gone = [key for (key,) in rows]
    if gone:
        engine.delete(gone)
        connection.execute("DELETE FROM stale WHERE key = ANY(%s)", [gone])


def has_stale(connection: Connection) -> bool:
    """Return whether there is anything to clean."""
    return connection.execute("SELECT EXISTS (SELECT FROM stale)").fetchone() == (True,)


def known(connection: Connection) -> Keys:
    """Return the keys of passages, sorted."""
    return _keys(connection, "SELECT key FROM indexed ORDER BY key")


def leaving(connection: Connection) -> Keys:
    """Return the keys of passages that are gone and not deleted yet."""
    return _keys(connection, "SELECT key FROM stale")


def held_by(engine: SearchEngine) -> Keys:
    """Return all keys of an engine."""
    parts = [np.array(keys, np.int64) for keys in engine.all_keys()]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def lose(connection: Connection, keys: Keys) -> None:
    """Note that the engine has none of these rows any more."""
    connection.execute("DELETE FROM indexed WHERE key = ANY(%s)", [keys.tolist()])
    connection.execute("UPDATE state SET indexed = (SELECT count(*) FROM indexed)")


def _keys(connection: Connection, select: str) -> Keys:
    return np.fromiter((key for (key,) in connection.execute(select)), np.int64)


def _average(connection: Connection) -> float:
    row = connection.execute("SELECT words::float8 / greatest(passages, 1) FROM state").fetchone()
    return float(row[0]) if row else 0.0


def _key(fingerprint: str, article: str, first: int, behind: int, language: str, day: int) -> int:
    said = f"{fingerprint}|{article}|{first}|{behind}|{language}|{day}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big") >> 1
