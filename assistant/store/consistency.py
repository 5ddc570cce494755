"""`check`: whether a local store is sound."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np

from assistant.articles.article import hash_text
from assistant.embedding.encoder import Matrix
from assistant.store import queries
from assistant.store.checksums import ARTICLES, PASSAGES, checksum
from assistant.store.database import Database
from assistant.store.faiss_index import DenseIndex
from assistant.store.inverted_lists import DamagedListError
from assistant.store.selection import Ids

log = logging.getLogger(__name__)

_ORPHANS = {
    "articles without a source": "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM sources)",
    "articles without a text": "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM texts)",
    "files without an article": "SELECT path FROM origins "
    "WHERE path NOT IN (SELECT origin FROM sources WHERE origin IS NOT NULL)",
    "passages without a vector": "SELECT id FROM passages WHERE id NOT IN (SELECT passage_id FROM vectors)",
    "passages without token vectors": "SELECT id FROM passages WHERE id NOT IN (SELECT passage_id FROM token_vectors)",
    "passages without terms": "SELECT id FROM passages WHERE id NOT IN (SELECT rowid FROM passage_terms)",
    "terms without a passage": "SELECT rowid FROM passage_terms WHERE rowid NOT IN (SELECT id FROM passages)",
}
_LENGTH_TOLERANCE = 1e-2


def check(connection: sqlite3.Connection, current_index: Callable[[], DenseIndex], dimension: int) -> list[str]:
    """Compare everything the store keeps twice, and everything that must fit together.

    Args:
        connection: In a transaction.
        current_index: Gives the search index of the state that the transaction sees.
        dimension: Length of a pooled vector.

    Returns:
        A line for each problem; empty where there is none.
    """
    damage = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if damage:
        # What follows cannot be trusted to be read from a damaged file.
        return [f"database: {line}" for line in damage]
    return [
        *(f"table {row[0]}: row {row[1]} refers to nothing" for row in connection.execute("PRAGMA foreign_key_check")),
        *_orphans(connection),
        *(problem for _, problem in _altered(connection)),
        *_vectors(connection, current_index, dimension),
    ]


def damaged_terms(database: Database) -> list[str]:
    """Compare the full-text index with the terms that it is made from, a line where they differ.

    FTS5 does that by a statement that needs the right to write; without it, a warning says that it was not done.
    """
    with closing(database.connect()) as connection:
        try:
            connection.execute("INSERT INTO passage_terms (passage_terms) VALUES ('integrity-check')")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            log.warning("The full-text index can only be checked where the folder of the store can be written.")
            return []
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            return ["full-text index: it is not that of the terms"]
    return []


def broken_articles(connection: sqlite3.Connection, dimension: int) -> list[str]:
    """Return the ids of articles whose rows do not fit together, so that they have to be read and encoded again.

    Args:
        connection: In a transaction.
        dimension: Length of a pooled vector.
    """
    size = dimension * np.dtype("<f4").itemsize
    incomplete = connection.execute(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM texts) UNION "
        "SELECT article_id FROM passages WHERE id NOT IN (SELECT passage_id FROM token_vectors) "
        "OR id NOT IN (SELECT rowid FROM passage_terms) "
        "OR id NOT IN (SELECT passage_id FROM vectors WHERE length(vector) = ?)",
        (size,),
    )
    broken = {str(article_id) for (article_id,) in incomplete}
    broken |= {article_id for article_id, _ in _altered(connection)}
    for article_id, vector in connection.execute(
        "SELECT article_id, vector FROM vectors JOIN passages ON id = passage_id WHERE length(vector) = ?", (size,)
    ):
        if not abs(np.linalg.norm(np.frombuffer(vector, "<f4")) - 1) < _LENGTH_TOLERANCE:
            broken.add(str(article_id))
    return sorted(broken)


def _orphans(connection: sqlite3.Connection) -> Iterator[str]:
    for name, select in _ORPHANS.items():
        found = [str(row[0]) for row in connection.execute(f"{select} ORDER BY 1")]
        if found:
            yield f"{len(found)} {name}: {', '.join(found[:5])}{', …' if len(found) > 5 else ''}"


def _altered(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield the id of each article of which something is not as it was stored, and what that is."""
    yield from _altered_texts(connection)
    yield from _altered_rows(connection)


def _altered_texts(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for article_id, stored, characters in connection.execute(
        "SELECT id, CAST(text AS BLOB), characters FROM articles JOIN texts ON article_id = id"
    ):
        text = stored.decode("utf-8", "replace")
        if hash_text(text)[: len(article_id)] != article_id or len(text) != characters:
            yield article_id, f"article {article_id}: its text is not the one it was stored with"
        for number, start, end, sentences in connection.execute(
            "SELECT id, start, end, sentences FROM passages WHERE article_id = ?", (article_id,)
        ):
            if end > len(text):
                yield article_id, f"passage {number}: it ends behind its article"
            if len(sentences) % queries.SPAN_BYTES or not all(
                start <= span.start < span.end <= end for span in queries.unpack_spans(sentences)
            ):
                yield article_id, f"passage {number}: a sentence lies outside it"


def _altered_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    # As bytes: an altered text need not be UTF-8.
    connection.text_factory = bytes
    try:
        for expected, article_id, *values in connection.execute(ARTICLES):
            if checksum(*values) != expected:
                shown = article_id.decode("utf-8", "replace")
                yield shown, f"article {shown}: its title, date or other metadata are not those it was stored with"
        for expected, number, *values in connection.execute(PASSAGES):
            if checksum(*values) != expected:
                yield (
                    values[0].decode("utf-8", "replace"),
                    f"passage {number}: its place, vectors or terms are not those it was stored with",
                )
    finally:
        connection.text_factory = str


def _vectors(connection: sqlite3.Connection, current_index: Callable[[], DenseIndex], dimension: int) -> Iterator[str]:
    misshapen = [
        number
        for (number,) in connection.execute(
            "SELECT passage_id FROM vectors WHERE length(vector) <> ?", (dimension * np.dtype("<f4").itemsize,)
        )
    ]
    if misshapen:
        yield from (f"passage {number}: its vector has not {dimension} numbers" for number in misshapen)
        return
    index = current_index()
    ids, same = [], True
    for numbers, vectors in queries.vector_blocks(connection, dimension):
        ids.append(numbers)
        lengths = np.linalg.norm(vectors, axis=1)
        for row in np.flatnonzero(~(np.abs(lengths - 1) < _LENGTH_TOLERANCE)):
            yield f"passage {numbers[row]}: its vector is not of unit length"
        same = same and _holds(index, numbers, vectors)
    if not np.array_equal(index.ids, np.concatenate([*ids, index.ids[:0]])):
        yield "search index: it does not hold the passages that the database holds"
    elif not same:
        yield "search index: its vectors are not those of the database"


def _holds(index: DenseIndex, numbers: Ids, vectors: Matrix) -> bool:
    try:
        return bool(np.isin(numbers, index.ids).all()) and np.array_equal(index.vectors_of(numbers), vectors)
    except DamagedListError:
        return False
