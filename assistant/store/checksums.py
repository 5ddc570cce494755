"""Checksums of rows, by which `check` finds what a disk or a hand has altered and SQLite takes for sound."""

import sqlite3
import zlib

ARTICLES = (
    "SELECT articles.checksum, articles.id, title, language, published, characters, metadata, structure "
    "FROM articles JOIN texts ON article_id = articles.id"
)
"""The checksum and the id of each article, and what its checksum is of. Its text has its digest for its id."""

PASSAGES = (
    "SELECT passages.checksum, passages.id, article_id, start, end, sentences, passages.language, vector, data, terms "
    "FROM passages JOIN vectors ON vectors.passage_id = passages.id "
    "JOIN token_vectors ON token_vectors.passage_id = passages.id "
    "JOIN passage_terms ON passage_terms.rowid = passages.id"
)
"""The checksum and the number of each passage, and what its checksum is of."""

_NULL = b"\x00"


def checksum(*values: str | bytes | int | None) -> int:
    """Return the CRC-32 of the values of a row: what one flipped bit of them always changes.

    Example:
        >>> checksum("a", 1) == checksum(b"a", 1), checksum("ab", "") == checksum("a", "b")
        (True, False)
    """
    found = 0
    for value in values:
        match value:
            case bytes():
                data = value
            case None:
                data = _NULL
            case _:
                data = str(value).encode()
        found = zlib.crc32(data, zlib.crc32(len(data).to_bytes(8, "little"), found))
    return found


def add_checksum_function(connection: sqlite3.Connection) -> None:
    """Let SQL statements on this connection call `checksum`."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
