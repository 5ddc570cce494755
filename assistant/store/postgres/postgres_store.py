"""`PostgresStore`: articles, passages and vectors in a PostgreSQL database, for many processes on many machines."""

import dataclasses
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

import numpy as np

from assistant.articles.article import Article
from assistant.embedding.encoder import Vector
from assistant.errors import StoreError, StoreMismatchError
from assistant.passages.passage import Passage
from assistant.settings import DatabaseUrl, EngineUrl
from assistant.store.fingerprint import Fingerprint
from assistant.store.passage_store import ArticleSummary, Candidate, EncodedPassage, Filters
from assistant.store.postgres import consistency, queries, vectors, words
from assistant.store.postgres.connections import Connection, Connections
from assistant.store.postgres.derived_search import DerivedSearch
from assistant.store.postgres.schema import STORE, bring_up_to_date, is_there
from assistant.store.postgres.writing import Change, lock_turn
from assistant.store.source_files import KnownFile, SourceFile
from assistant.store.writing import check_passages

MOST_CONNECTIONS = 16
_FORMAT = 1
"""What a fingerprint names as its schema: changes of the tables are Alembic's business, and need no rebuilding."""


class PostgresStore:
    """A `PassageStore` in a database: PostgreSQL is the truth, and with pgvector the search index.

    Every change is one transaction. Other threads and processes see it at their next call, and read on meanwhile.
    Open a store with `open`; it is a context manager.

    Example:
        >>> with PostgresStore.open(DatabaseUrl("postgresql:///news"), fingerprint) as store:  # doctest: +SKIP
        ...     store.put(article, passages)
        ...     store.dense_candidates(vector, k=100)
    """

    def __init__(self, connections: Connections, fingerprint: Fingerprint) -> None:
        self.fingerprint = fingerprint
        self._connections = connections
        self._own = threading.local()
        self._seen = ""
        self._search: DerivedSearch | None = None

    @classmethod
    def open(
        cls, url: DatabaseUrl, fingerprint: Fingerprint, *, create: bool = True, search: EngineUrl | None = None
    ) -> Self:
        """Open the store in a database.

        Args:
            url: The database.
            fingerprint: What it must have been built with.
            create: Whether to make it where there is none.
            search: A search engine that finds the candidates; without one the database does.

        Raises:
            StoreMismatchError: it was built with something else; the message names the command that rebuilds it.
            StoreError: the database or the search engine cannot be reached or used, or the database holds no store.
        """
        if not create and not is_there(url):
            raise _missing(url)
        bring_up_to_date(url)
        connections = Connections(url, STORE, MOST_CONNECTIONS)
        store = cls(connections, dataclasses.replace(fingerprint, schema=_FORMAT))
        try:
            if create:
                with connections.writing() as connection:
                    connection.execute(
                        "INSERT INTO state (generation, fingerprint) VALUES (0, %s) ON CONFLICT DO NOTHING",
                        [store.fingerprint.to_json()],
                    )
            with connections.reading() as connection:
                store._refuse_mismatch(connection)
            if search is not None:
                built = store.fingerprint
                store._search = DerivedSearch(connections, search, built.to_json(), built.dimension, store._lock_turn)
        except BaseException:
            connections.close()
            raise
        return store

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def snapshot(self) -> AbstractContextManager[object]:
        """Let all that this thread reads within the block come from one state of the store, whatever others write."""
        return self._connections.reading()

    @property
    def generation(self) -> int:
        """How many changes the store has seen."""
        with self._connections.reading() as connection:
            return queries.generation(connection)

    @property
    def size(self) -> int:
        """How many bytes its tables and indexes take."""
        with self._connections.reading() as connection:
            return queries.size(connection, STORE)

    def is_writable(self) -> bool:
        """Return whether changes can be made: the server is no standby, and permission is given.

        Raises:
            StoreError: the store cannot even be read.
        """
        with self._connections.reading() as connection:
            return queries.is_writable(connection)

    def put(self, article: Article, passages: Sequence[EncodedPassage], *, file: str | None = None) -> None:
        """Store an article with its passages, replacing whatever its source held before.

        Args:
            article: The article. Where its text is stored already, its source is added to the ones known.
            passages: Its passages.
            file: The file it was read from, for `finish_file`.

        Raises:
            ValueError: a passage is not what the article says, or a vector has not the store's dimension.
            StoreError: the store cannot be written, or a text holds what PostgreSQL does not take.
        """
        check_passages(article, passages, self.fingerprint.dimension)
        self._change(lambda change: change.put(article, passages, file))

    def attach(self, articles: Sequence[Article], *, file: str | None = None) -> None:
        """Give articles whose text is stored already their sources, in one transaction.

        Raises:
            NotInStoreError: the text of one is not stored.
        """
        self._change(lambda change: change.attach(articles, file))

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove articles everywhere; raises `NotInStoreError`, and removes nothing, if one is not there."""
        self._change(lambda change: change.remove(article_ids))

    def finish_file(self, file: SourceFile, sources: Collection[str]) -> None:
        """Note that a file has been read to its end, and drop its sources that are not among `sources`."""
        self._change(lambda change: change.finish_file(file, sources))

    def remove_files(self, paths: Iterable[str]) -> None:
        """Drop all sources that were read from these files, and articles that have no other."""
        self._change(lambda change: change.remove_files(paths))

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Drop sources, and articles that have no other."""
        self._change(lambda change: change.remove_sources(sources))

    def known_files(self) -> dict[str, KnownFile]:
        """Return every file that articles were read from, by path."""
        with self._connections.reading() as connection:
            return queries.known_files(connection)

    def article_of(self, source: str) -> str | None:
        """Return the id of the article that `source` holds, if it is known."""
        with self._connections.reading() as connection:
            return queries.article_of(connection, source)

    def has(self, article_id: str) -> bool:
        """Return whether an article is stored."""
        with self._connections.reading() as connection:
            return queries.has(connection, article_id)

    def summaries(
        self, filters: Filters | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[ArticleSummary]:
        """List the articles, ordered by title: `limit` of them at most, leaving out the first `offset`."""
        with self._connections.reading() as connection:
            return queries.summaries(connection, filters, limit, offset)

    def languages(self, filters: Filters | None = None) -> dict[str, int]:
        """Return how many articles there are in each language."""
        with self._connections.reading() as connection:
            return queries.languages(connection, filters)

    def article(self, article_id: str) -> Article:
        """Return an article whole; raises `NotInStoreError`."""
        return self.articles([article_id])[article_id]

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """Return several articles by id; raises `NotInStoreError`."""
        with self._connections.reading() as connection:
            return queries.articles(connection, article_ids)

    def passages(self, passage_ids: Sequence[int]) -> list[Passage]:
        """Return passages, in the order asked for; raises `NotInStoreError`."""
        with self._connections.reading() as connection:
            return queries.passages(connection, passage_ids)

    def siblings(self, passage_ids: Sequence[int], most: int) -> list[int]:
        """Return the first `most` passages of each article that one of these passages is from, in reading order."""
        with self._connections.reading() as connection:
            return queries.siblings(connection, passage_ids, most)

    def passages_of(self, article_ids: Iterable[str], most: int) -> list[Passage]:
        """Return the first `most` passages of each of these articles, article by article, in reading order."""
        with self._connections.reading() as connection:
            return queries.passages(connection, queries.first_passages(connection, article_ids, most))

    def vectors(self, passage_ids: Sequence[int]) -> list[Vector]:
        """Return pooled vectors, in the order asked for; raises `NotInStoreError`."""
        with self._connections.reading() as connection:
            found = vectors.read(connection, passage_ids, self.fingerprint.dimension)
        queries.refuse_missing_passages(passage_ids, found)
        return [found[number] for number in passage_ids]

    def token_vectors(self, passage_ids: Sequence[int]) -> list[bytes]:
        """Return compressed token vectors, in the order asked for; raises `NotInStoreError`."""
        with self._connections.reading() as connection:
            return queries.token_vectors(connection, passage_ids)

    def terms_of(self, passage_ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the full-text terms of passages, in the order asked for; raises `NotInStoreError`."""
        with self._connections.reading() as connection:
            return words.terms_of(connection, passage_ids)

    def dense_candidates(self, vector: Vector, k: int, filters: Filters | None = None) -> list[Candidate]:
        """Return the `k` passages whose pooled vectors have the largest inner product with `vector`, best first.

        In a large store an index finds them, which may miss some.

        Raises:
            ValueError: `vector` has not the store's dimension, or is not finite.
            StoreMismatchError: another process has rebuilt the store with other settings.
        """
        if vector.shape != (self.fingerprint.dimension,) or not np.isfinite(vector).all():
            raise ValueError(f"a search needs a finite vector of {self.fingerprint.dimension} numbers")
        with self._connections.reading() as connection:
            self._refuse_mismatch(connection)
            found = self._search.dense_candidates(connection, vector, k, filters) if self._search else None
            return vectors.dense_candidates(connection, vector, k, filters) if found is None else found

    def lexical_candidates(self, terms: Sequence[str], k: int, filters: Filters | None = None) -> list[Candidate]:
        """Return up to `k` passages that hold any of `terms`, by BM25, best first (scores are positive)."""
        with self._connections.reading() as connection:
            found = None
            if self._search:
                self._refuse_mismatch(connection)
                found = self._search.lexical_candidates(connection, terms, k, filters)
            return words.lexical_candidates(connection, terms, k, filters) if found is None else found

    def terms_like(self, terms: Iterable[str], prefixes: Iterable[str] = ()) -> set[str]:
        """Return those of `terms` that any passage holds, and all terms that begin with one of `prefixes`."""
        with self._connections.reading() as connection:
            return words.terms_like(connection, terms, prefixes)

    def publish(self) -> None:
        """Make the index of a store that has become large, unless another process is about to.

        A search engine, which needs no such index, gets the passages that it lacks.
        """
        if self._search:
            self._search.fill()
            return
        vectors.keep_index(self._connections, self.fingerprint.dimension)

    def check(self) -> list[str]:
        """Return what is wrong with the store, a line for each problem; nothing if it is sound. Reads everything."""
        with self._connections.reading() as connection:
            problems = consistency.check(connection, self.fingerprint.dimension)
            return [*problems, *(self._search.problems(connection) if self._search else ())]

    def repair(self) -> list[str]:
        """Mend what can be mended of what `check` finds, and return what was done, a line each.

        What is derived is made anew. Articles whose rows do not fit together are removed, and the files they came from
        are read again by the next sync. A search engine is made to hold what the database does.
        """
        with self._connections.writing() as connection:
            change = Change(connection, self._refuse_mismatch, self._search)
            change.take_turn()
            broken = consistency.broken_articles(connection, self.fingerprint.dimension)
            change.remove(broken)
            consistency.renew_words(connection)
        removed = [f"article {one} was removed: sync the file it came from again" for one in broken]
        done = [*removed, "the words' index was made anew"]
        return [*done, *(self._search.level() if self._search else ())]

    def close(self) -> None:
        """Release connections."""
        self._connections.close()
        if self._search:
            self._search.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all changes that this thread makes within the block become permanent together, at its end, or none."""
        with self._connections.writing() as connection:
            change = Change(connection, self._refuse_mismatch, self._search)
            # First, because two that each wait for an article which the other has locked would never end.
            change.take_turn()
            self._own.change = change
            try:
                yield
            finally:
                self._own.change = None
        self._clean()

    def _change(self, what: Callable[[Change], None]) -> None:
        begun: Change | None = getattr(self._own, "change", None)
        if begun is not None:
            what(begun)
            return
        with self._connections.writing() as connection:
            change = Change(connection, self._refuse_mismatch, self._search)
            what(change)
            change.take_turn()
        self._clean()

    def _clean(self) -> None:
        if self._search and self._search.is_there:
            self._search.clean()

    def _lock_turn(self, connection: Connection) -> None:
        lock_turn(connection)
        self._refuse_mismatch(connection)

    def _refuse_mismatch(self, connection: Connection) -> None:
        stored = queries.fingerprint(connection)
        if stored is None:
            # Conversations alone have been there.
            raise _missing(self._connections.url)
        if stored == self._seen:
            return
        differences = self.fingerprint.differences(stored)
        if differences:
            raise StoreMismatchError(
                "The store {store} was built with other settings ({differences}): "
                "restore them, or rebuild the store with `assistant sync PATH… --rebuild`.",
                store=self._connections.url,
                differences="; ".join(differences),
            )
        self._seen = stored


def _missing(url: DatabaseUrl) -> StoreError:
    return StoreError(
        "There is no store in {store}: fill it with `assistant sync PATH…`, or name another with --store.", store=url
    )


@contextmanager
def rewriting(url: DatabaseUrl, fingerprint: Fingerprint) -> Iterator[Change]:
    """Give a store's articles to be put again, with passages of another fingerprint, all in one transaction.

    Until it commits, at the end of the block, other processes go on reading the old state; if it is interrupted or
    killed, the old state is what remains.

    Args:
        url: The database.
        fingerprint: What the store is built with from then on.

    Raises:
        StoreError: the store cannot be read or written, or another process is writing to it.
        StoreMismatchError: the store was built by a newer version of this program.
    """
    bring_up_to_date(url)
    connections = Connections(url, STORE, 1)
    try:
        vectors.drop_index(connections)
        with connections.writing() as connection:
            change = Change(connection)
            change.take_turn()
            yield change
            change.set_fingerprint(dataclasses.replace(fingerprint, schema=_FORMAT).to_json())
    finally:
        connections.close()
