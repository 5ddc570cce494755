"""The first tables: of the store, of conversations and of what is followed."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STORE = """
-- One row. `generation` counts the transactions; the other two are what BM25 needs of all passages.
CREATE TABLE assistant_store.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    generation bigint NOT NULL,
    fingerprint text NOT NULL,
    passages bigint NOT NULL DEFAULT 0,
    words bigint NOT NULL DEFAULT 0
);
CREATE TABLE assistant_store.articles (
    id text COLLATE "C" PRIMARY KEY,
    title text NOT NULL,
    language text NOT NULL,
    published date,
    characters integer NOT NULL,
    -- Not jsonb, which refuses some of what a file may say.
    metadata json NOT NULL
);
CREATE TABLE assistant_store.texts (
    article_id text COLLATE "C" PRIMARY KEY REFERENCES assistant_store.articles ON DELETE CASCADE,
    text text NOT NULL,
    structure json NOT NULL
);
-- The source files: files that sources were read from. Without size, time and hash one has not been read to its end.
-- A path and a source are found by their SHA-256 digest, because an index takes no more than 2,704 bytes.
CREATE TABLE assistant_store.origins (
    key bytea PRIMARY KEY,
    path text NOT NULL,
    size bigint,
    modified_ns bigint,
    digest text
);
-- In the order of `number`, the first source of an article is the one it is shown with.
CREATE TABLE assistant_store.sources (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bytea NOT NULL UNIQUE,
    source text NOT NULL,
    article_id text COLLATE "C" NOT NULL REFERENCES assistant_store.articles ON DELETE CASCADE,
    origin bytea REFERENCES assistant_store.origins
);
CREATE INDEX sources_by_article ON assistant_store.sources (article_id);
CREATE INDEX sources_by_origin ON assistant_store.sources (origin);
CREATE TABLE assistant_store.passages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id text COLLATE "C" NOT NULL REFERENCES assistant_store.articles ON DELETE CASCADE,
    first integer NOT NULL,
    behind integer NOT NULL,
    sentences bytea NOT NULL,
    language text NOT NULL,
    CHECK (0 <= first AND first < behind)
);
CREATE INDEX passages_by_article ON assistant_store.passages (article_id, first);
CREATE TABLE assistant_store.vectors (
    passage_id bigint PRIMARY KEY REFERENCES assistant_store.passages ON DELETE CASCADE,
    vector vector NOT NULL
);
-- Numbers that are compressed already: to try it again costs time and saves nothing.
CREATE TABLE assistant_store.token_vectors (
    passage_id bigint PRIMARY KEY REFERENCES assistant_store.passages ON DELETE CASCADE,
    data bytea NOT NULL
);
ALTER TABLE assistant_store.token_vectors ALTER COLUMN data SET STORAGE EXTERNAL;
-- The words of each passage, in reading order, from which the two tables below are derived.
CREATE TABLE assistant_store.passage_words (
    passage_id bigint PRIMARY KEY REFERENCES assistant_store.passages ON DELETE CASCADE,
    words text NOT NULL
);
-- Which passages hold a word, how often, and how many words they have; without a reference to `passages`, which would
-- need a second index as large.
CREATE TABLE assistant_store.postings (
    word text COLLATE "C" NOT NULL,
    passage_id bigint NOT NULL,
    times integer NOT NULL,
    length integer NOT NULL,
    PRIMARY KEY (word, passage_id) INCLUDE (times, length)
);
-- How many passages hold a word: to count them while a question waits takes longer than all else.
CREATE TABLE assistant_store.words (
    word text COLLATE "C" PRIMARY KEY,
    passages bigint NOT NULL
) WITH (fillfactor = 70);
"""

_CONVERSATIONS = """
CREATE SCHEMA assistant_conversations;
CREATE TABLE assistant_conversations.conversations (
    id text PRIMARY KEY,
    visitor text NOT NULL,
    title text NOT NULL,
    updated double precision NOT NULL,
    tip bigint
);
CREATE INDEX conversations_of_visitor ON assistant_conversations.conversations (visitor, updated);
CREATE TABLE assistant_conversations.turns (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation text NOT NULL REFERENCES assistant_conversations.conversations ON DELETE CASCADE,
    document text NOT NULL,
    seconds double precision NOT NULL,
    rating integer NOT NULL DEFAULT 0,
    comment text NOT NULL DEFAULT '',
    parent bigint,
    written text NOT NULL DEFAULT ''
);
CREATE INDEX turns_of_conversation ON assistant_conversations.turns (conversation, id);
CREATE INDEX turns_after ON assistant_conversations.turns (parent);
CREATE TABLE assistant_conversations.articles (
    key text PRIMARY KEY,
    document text NOT NULL
);
CREATE TABLE assistant_conversations.cited (
    turn bigint NOT NULL REFERENCES assistant_conversations.turns ON DELETE CASCADE,
    article text NOT NULL,
    PRIMARY KEY (turn, article)
);
CREATE INDEX citing ON assistant_conversations.cited (article);
CREATE TABLE assistant_conversations.unanswered (
    conversation text PRIMARY KEY REFERENCES assistant_conversations.conversations ON DELETE CASCADE,
    question text NOT NULL,
    replaces bigint,
    reason text NOT NULL
);
CREATE TABLE assistant_conversations.shared (
    turn bigint PRIMARY KEY REFERENCES assistant_conversations.turns ON DELETE CASCADE,
    token text NOT NULL UNIQUE
);
"""

_FEEDS = """
CREATE SCHEMA assistant_feeds;
CREATE TABLE assistant_feeds.followed (
    address text PRIMARY KEY,
    given text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    below text NOT NULL,
    keep_days integer,
    keep_articles integer,
    etag text NOT NULL DEFAULT '',
    modified text NOT NULL DEFAULT '',
    checked double precision,
    due double precision NOT NULL DEFAULT 0,
    wait_until double precision NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT ''
);
CREATE TABLE assistant_feeds.entries (
    feed text NOT NULL REFERENCES assistant_feeds.followed ON UPDATE CASCADE ON DELETE CASCADE,
    key text NOT NULL,
    url text NOT NULL,
    digest text NOT NULL,
    source text,
    day text,
    seen double precision NOT NULL,
    etag text NOT NULL,
    modified text NOT NULL,
    tries integer NOT NULL,
    is_whole integer NOT NULL,
    is_ours integer NOT NULL,
    PRIMARY KEY (feed, key)
);
CREATE INDEX entries_by_source ON assistant_feeds.entries (source);
"""


def upgrade() -> None:
    """Make the tables."""
    for statements in (_STORE, _CONVERSATIONS, _FEEDS):
        op.execute(statements)
