"""`copy_store`: bringing a store over to another kind of store, with nothing encoded again."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.articles.article import Article
from assistant.progress import Progress, no_progress
from assistant.store.passage_store import EncodedPassage, PassageStore

_ALL = 2**31 - 1


def copy_store(source: PassageStore, target: PassageStore, progress: Progress = no_progress) -> int:
    """Copy all articles, with their passages and vectors, their sources and what is known of their files.

    What the target holds stays. Where it is interrupted, it goes on from there when it is begun again.

    Args:
        source: Where the articles are; it is read as it is at one moment.
        target: Where they go; a store of the same fingerprint.
        progress: Told how many articles are copied.

    Returns:
        How many articles were copied that the target did not hold.

    Raises:
        StoreError: one of the stores cannot be read or written.
    """
    with source.snapshot():
        known = source.known_files()
        file_of = {name: path for path, one in known.items() for name in one.articles}
        ids = [summary.id for summary in source.summaries()]
        copied = 0
        for done, article_id in enumerate(ids):
            progress("copying", done, len(ids))
            article = source.article(article_id)
            # Each source has a file of its own, or none.
            first, *others = (
                replace(article, source=name, other_sources=()) for name in (article.source, *article.other_sources)
            )
            if target.has(article_id):
                others = [first, *others]
            else:
                target.put(first, _encoded(source, first), file=file_of.get(first.source))
                copied += 1
            for one in others:
                target.attach([one], file=file_of.get(one.source))
        for read in known.values():
            if read.file is not None:
                target.finish_file(read.file, list(read.articles))
        progress("copying", len(ids), len(ids))
    target.publish()
    return copied


def _encoded(store: PassageStore, article: Article) -> Sequence[EncodedPassage]:
    passages = store.passages_of([article.id], _ALL)
    numbers = [passage.id for passage in passages]
    kept = zip(passages, store.vectors(numbers), store.token_vectors(numbers), store.terms_of(numbers), strict=True)
    return [EncodedPassage(*one) for one in kept]
