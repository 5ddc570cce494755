"""`rebuild`: build a store anew for another embedding model, chunker or version of the program."""

from itertools import islice
from pathlib import Path

from assistant.embedding.encoder import Encoder
from assistant.embedding.token_codec import TokenCodec
from assistant.indexing.passage_encoder import BATCH, PassageEncoder, fingerprint_of
from assistant.progress import Progress, no_progress
from assistant.settings import DatabaseUrl, Settings
from assistant.store.stores import has_store, rewriting


def rebuild(
    store: Path | DatabaseUrl,
    encoder: Encoder,
    codec: TokenCodec,
    settings: Settings,
    progress: Progress = no_progress,
) -> int:
    """Encode every stored article anew, from its stored text, so that files that are gone are not lost.

    If it is interrupted or killed, the old state of the store is what remains; see `rewriting`.

    Args:
        store: The store's folder or database. Where it holds no store, nothing is done.
        encoder: The embedding model to build it with.
        codec: Its token codec.
        settings: Say how long a passage may be.
        progress: Told how many passages are encoded.

    Returns:
        How many passages were encoded.

    Raises:
        StoreError: the store cannot be read or written, or another process is writing to it.
        StoreMismatchError: the store was built by a newer version of this program.
    """
    if not has_store(store):
        return 0
    passage_encoder = PassageEncoder(encoder, codec, settings, progress)
    with rewriting(store, fingerprint_of(encoder, codec, settings)) as change:
        ids = change.article_ids()
        for start in range(0, len(ids), BATCH):
            cut = [(article, passage_encoder.chunk(article)) for article in change.articles(ids[start : start + BATCH])]
            encoded = passage_encoder.encode(cut)
            for article, passages in cut:
                change.put(article, list(islice(encoded, len(passages))))
    return passage_encoder.encoded
