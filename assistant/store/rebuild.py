"""`rebuild`: bring a store over to another embedding model, chunker or version of the program."""

from collections.abc import Iterator
from pathlib import Path

from assistant.articles.article import Article
from assistant.embedding.encoder import Encoder
from assistant.embedding.token_codec import TokenCodec
from assistant.progress import Progress, no_progress
from assistant.settings import Settings
from assistant.store import queries
from assistant.store.local_store import BUSY_SECONDS
from assistant.store.opening import DATABASE_NAME, open_database
from assistant.store.passage_encoder import PassageEncoder, fingerprint_of
from assistant.store.source_names import SourceNames
from assistant.store.writing import Change


def rebuild(
    folder: Path, encoder: Encoder, codec: TokenCodec, settings: Settings, progress: Progress = no_progress
) -> int:
    """Encode every stored article anew, from its stored text, so that files that are gone are not lost.

    All of it is one transaction. Until it commits, other processes go on reading the old state; if it is interrupted
    or killed, the old state is what remains. (Building a second database and renaming it over the first would not be
    safe: another process's write-ahead log would be taken for the new file's. See
    https://www.sqlite.org/howtocorrupt.html.)

    Args:
        folder: The store's folder. Where it holds no store, nothing is done.
        encoder: The embedding model to bring it over to.
        codec: Its token codec.
        settings: Say how long a passage may be.
        progress: Told how many passages are encoded.

    Returns:
        How many passages were encoded.

    Raises:
        StoreError: the store cannot be read or written, or another process is writing to it.
        StoreMismatchError: the store was built by a newer version of this program.
    """
    folder = folder.resolve()
    if not (folder / DATABASE_NAME).exists():
        return 0
    names = SourceNames(folder)
    fingerprint = fingerprint_of(encoder, codec, settings)
    database = open_database(folder, None, create=False, busy_seconds=BUSY_SECONDS)
    encoded = 0
    try:
        with database.writing() as connection:
            change = Change(connection, names)
            ids = [article_id for (article_id,) in connection.execute("SELECT id FROM articles ORDER BY id")]

            def stored() -> Iterator[Article]:
                for article_id in ids:
                    yield queries.articles(connection, names, [article_id])[article_id]

            for article, passages in PassageEncoder(encoder, codec, settings).encode(stored(), progress):
                change.put(article, passages)
                encoded += len(passages)
            change.set_fingerprint(fingerprint)
    finally:
        database.close()
    return encoded
