"""The tables of a local store.

Terms reach the full-text table already normalised and stemmed, separated by spaces. Its tokenizer must therefore do
nothing but cut at spaces. FTS5's `unicode61` would cut Hindi and Thai words at their combining marks and fold letters
by rules of its own; `ascii` takes every character beyond ASCII as part of a word, and is told here to do the same with
ASCII punctuation.
"""

import secrets
import string

APPLICATION_ID = 0x41527453
"""Marks a SQLite file as an article store (`PRAGMA application_id`)."""

SCHEMA_VERSION = 3
"""Goes up with every change to the tables (`PRAGMA user_version`)."""

_WORD_CHARACTERS = string.punctuation.replace("'", "''").replace('"', '""')

STATEMENTS = (
    # One row. `generation` counts the transactions; `stamp` is drawn anew by each, so that two copies of a store that
    # went different ways are told apart although they count alike.
    """CREATE TABLE state (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        generation INTEGER NOT NULL,
        stamp TEXT NOT NULL,
        fingerprint TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        language TEXT NOT NULL,
        published TEXT,
        characters INTEGER NOT NULL,
        metadata TEXT NOT NULL,
        checksum INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    # Apart from `articles`, so that listing ten thousand articles does not read their texts.
    """CREATE TABLE texts (
        article_id TEXT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        structure TEXT NOT NULL DEFAULT '{}'
    ) STRICT""",
    # The source files: files that sources were read from. Without size, time and hash one has not been read to its end.
    """CREATE TABLE origins (
        path TEXT PRIMARY KEY,
        size INTEGER,
        modified_ns INTEGER,
        digest TEXT
    ) STRICT""",
    # In the order of `number`, the first source of an article is the one it is shown with.
    """CREATE TABLE sources (
        number INTEGER PRIMARY KEY,
        source TEXT NOT NULL UNIQUE,
        article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        origin TEXT REFERENCES origins (path)
    ) STRICT""",
    "CREATE INDEX sources_by_article ON sources (article_id)",
    "CREATE INDEX sources_by_origin ON sources (origin)",
    # AUTOINCREMENT: the number of a removed passage is never given to another.
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        sentences BLOB NOT NULL,
        language TEXT NOT NULL,
        checksum INTEGER NOT NULL DEFAULT 0,
        CHECK (0 <= start AND start < end)
    ) STRICT""",
    "CREATE INDEX passages_by_article ON passages (article_id)",
    """CREATE TABLE vectors (
        passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        vector BLOB NOT NULL
    ) STRICT""",
    # Apart from `vectors`, so that rebuilding the index does not read 25 KB for each passage.
    """CREATE TABLE token_vectors (
        passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        data BLOB NOT NULL
    ) STRICT""",
    f"""CREATE VIRTUAL TABLE passage_terms USING fts5 (
        terms, tokenize = "ascii tokenchars '{_WORD_CHARACTERS}'"
    )""",
    """CREATE TRIGGER passage_terms_follow AFTER DELETE ON passages BEGIN
        DELETE FROM passage_terms WHERE rowid = old.id;
    END""",
)

MIGRATIONS = {
    # To version 2. Where pages and sections begin only the files know, so the next sync reads them again; it encodes
    # none, as their texts are known.
    1: (
        "ALTER TABLE texts ADD COLUMN structure TEXT NOT NULL DEFAULT '{}'",
        "UPDATE origins SET size = NULL, modified_ns = NULL, digest = NULL",
    ),
    # To version 3. What is there is taken to be sound.
    2: (
        "ALTER TABLE articles ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE passages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0",
        """UPDATE articles SET checksum = (
            SELECT checksum(title, language, published, characters, metadata, structure)
            FROM texts WHERE article_id = articles.id
        )""",
        """UPDATE passages SET checksum = (
            SELECT checksum(article_id, start, end, sentences, language, vector, data, terms)
            FROM vectors, token_vectors, passage_terms
            WHERE vectors.passage_id = passages.id AND token_vectors.passage_id = passages.id
            AND passage_terms.rowid = passages.id
        )""",
    ),
}
"""What makes the tables of a version those of the next one; `checksum` is the function of that name."""


def new_stamp() -> str:
    """Draw the stamp of a new generation (see `state` above)."""
    return secrets.token_hex(6)
