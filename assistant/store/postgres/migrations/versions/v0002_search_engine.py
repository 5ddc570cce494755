"""What a search engine beside the database holds."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = """
-- The store's name in an engine that several stores use; how many passages the engine holds, and since when the last.
ALTER TABLE assistant_store.state
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN indexed bigint NOT NULL DEFAULT 0,
    ADD COLUMN indexed_at timestamptz;
-- Which passages it holds, by their numbers there, which are made of what they say: the same row has the same number.
CREATE TABLE assistant_store.indexed (
    key bigint PRIMARY KEY,
    passage_id bigint NOT NULL UNIQUE REFERENCES assistant_store.passages ON DELETE CASCADE
);
-- What it holds of passages that are gone, until no reader can see them any more; `since` they are known to be.
CREATE TABLE assistant_store.stale (
    key bigint PRIMARY KEY,
    since timestamptz
);
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(_TABLES)
