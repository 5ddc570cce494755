-- The tables of the second layout, as its program made them.
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    fingerprint TEXT NOT NULL
) STRICT;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    published TEXT,
    characters INTEGER NOT NULL,
    metadata TEXT NOT NULL
) STRICT;
CREATE TABLE texts (
    article_id TEXT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    structure TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE TABLE origins (
    path TEXT PRIMARY KEY,
    size INTEGER,
    modified_ns INTEGER,
    digest TEXT
) STRICT;
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    origin TEXT REFERENCES origins (path)
) STRICT;
CREATE INDEX sources_by_article ON sources (article_id);
CREATE INDEX sources_by_origin ON sources (origin);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    sentences BLOB NOT NULL,
    language TEXT NOT NULL,
    CHECK (0 <= start AND start < end)
) STRICT;
CREATE INDEX passages_by_article ON passages (article_id);
CREATE TABLE vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL
) STRICT;
CREATE TABLE token_vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    data BLOB NOT NULL
) STRICT;
CREATE VIRTUAL TABLE passage_terms USING fts5 (
    terms, tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
CREATE TRIGGER passage_terms_follow AFTER DELETE ON passages BEGIN
    DELETE FROM passage_terms WHERE rowid = old.id;
END;
