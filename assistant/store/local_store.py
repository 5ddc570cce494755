"""`LocalStore`: articles, passages and vectors in one folder, for any number of threads and processes."""

import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from assistant.articles.article import Article
from assistant.embedding.encoder import Vector
from assistant.errors import StoreError
from assistant.passages.passage import Passage
from assistant.store import consistency, queries, source_files, writing
from assistant.store.database import Database
from assistant.store.faiss_index import DenseIndex, Generation, remove_index_files
from assistant.store.filters import passage_ids
from assistant.store.fingerprint import Fingerprint
from assistant.store.inverted_lists import DamagedListError
from assistant.store.maintenance import damage_in, databases, lost_changes
from assistant.store.opening import BUSY_SECONDS, open_database, refuse_mismatch
from assistant.store.passage_store import ArticleSummary, Candidate, EncodedPassage, Filters
from assistant.store.selection import Allowed
from assistant.store.source_files import KnownFile, SourceFile, SourceNames

log = logging.getLogger(__name__)

LEAST_FREE = 2**20
"""With fewer bytes left on the disk, a store counts as one that cannot be written."""

_FILTERS_KEPT = 16


class LocalStore:
    """A `PassageStore` in a folder: an SQLite database, and a FAISS index derived from it.

    Every change is one transaction. Other threads and processes see it at their next call, and read on meanwhile.
    Open a store with `open`; it is a context manager.

    Example:
        >>> with LocalStore.open(folder, fingerprint) as store:  # doctest: +SKIP
        ...     store.put(article, passages)
        ...     store.dense_candidates(vector, k=100)
    """

    def __init__(self, folder: Path, database: Database, fingerprint: Fingerprint) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self._database = database
        self._names = SourceNames(folder)
        self._index: DenseIndex | None = None
        self._index_lock = threading.Lock()
        self._ordering = threading.Lock()
        self._unpublished = False
        # The state before this process's first change, whose index may lie in the folder.
        self._published: Generation | None = None
        self._own = threading.local()
        # By the filters' representation.
        self._allowed: dict[str, tuple[Generation, Allowed]] = {}

    @classmethod
    def open(
        cls, folder: Path, fingerprint: Fingerprint, *, create: bool = True, busy_seconds: float = BUSY_SECONDS
    ) -> Self:
        """Open the store in `folder`.

        Args:
            folder: Where it lies.
            fingerprint: What it must have been built with.
            create: Whether to make it where there is none.
            busy_seconds: How long a change waits while another process is writing.

        Raises:
            StoreMismatchError: it was built with something else; the message names the command that rebuilds it.
            StoreError: it cannot be opened.
        """
        # Not Path.resolve, which fails in a way of its own where links lead in a circle.
        folder = Path(os.path.realpath(folder))
        return cls(folder, open_database(folder, fingerprint, create=create, busy_seconds=busy_seconds), fingerprint)

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
        return self._database.reading()

    @property
    def generation(self) -> int:
        """How many changes the store has seen."""
        with self._database.reading() as connection:
            return queries.generation(connection).number

    @property
    def size(self) -> int:
        """How many bytes the files in the folder take."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())

    def put(self, article: Article, passages: Sequence[EncodedPassage], *, file: str | None = None) -> None:
        """Store an article with its passages, replacing whatever its source held before.

        Args:
            article: The article. Where its text is stored already, its source is added to the ones known.
            passages: Its passages.
            file: The file it was read from, for `finish_file`.

        Raises:
            ValueError: a passage is not what the article says, or a vector has not the store's dimension.
            StoreError: the store cannot be written.
        """
        writing.check_passages(article, passages, self.fingerprint.dimension)
        with self._changing() as change:
            change.put(article, passages, file)

    def attach(self, articles: Sequence[Article], *, file: str | None = None) -> None:
        """Give articles whose text is stored already their sources, in one transaction.

        Raises:
            NotInStoreError: the text of one is not stored.
        """
        with self._changing() as change:
            change.attach(articles, file)

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove articles everywhere; raises `NotInStoreError`, and removes nothing, if one is not there."""
        with self._changing() as change:
            change.remove(article_ids)

    def finish_file(self, file: SourceFile, sources: Collection[str]) -> None:
        """Note that a file has been read to its end, and drop its sources that are not among `sources`."""
        with self._changing() as change:
            change.finish_file(file, sources)

    def remove_files(self, paths: Iterable[str]) -> None:
        """Drop all sources that were read from these files, and articles that have no other."""
        with self._changing() as change:
            change.remove_files(paths)

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Drop sources, and articles that have no other."""
        with self._changing() as change:
            change.remove_sources(sources)

    def known_files(self) -> dict[str, KnownFile]:
        """Return every file that articles were read from, by path."""
        with self._database.reading() as connection:
            return source_files.known_files(connection, self._names)

    def article_of(self, source: str) -> str | None:
        """Return the id of the article that `source` holds, if it is known."""
        with self._database.reading() as connection:
            return source_files.article_of(connection, self._names, source)

    def has(self, article_id: str) -> bool:
        """Return whether an article is stored."""
        with self._database.reading() as connection:
            return queries.has(connection, article_id)

    def summaries(
        self, filters: Filters | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[ArticleSummary]:
        """List the articles, ordered by title: `limit` of them at most, leaving out the first `offset`."""
        with self._database.reading() as connection:
            return queries.summaries(connection, self._names, filters, limit, offset)

    def languages(self, filters: Filters | None = None) -> dict[str, int]:
        """Return how many articles there are in each language."""
        with self._database.reading() as connection:
            return queries.languages(connection, self._names, filters)

    def article(self, article_id: str) -> Article:
        """Return an article whole; raises `NotInStoreError`."""
        return self.articles([article_id])[article_id]

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """Return several articles by id; raises `NotInStoreError`."""
        with self._database.reading() as connection:
            return queries.articles(connection, self._names, article_ids)

    def passages(self, passage_ids: Sequence[int]) -> list[Passage]:
        """Return passages, in the order asked for; raises `NotInStoreError`."""
        with self._database.reading() as connection:
            return queries.passages(connection, passage_ids)

    def siblings(self, passage_ids: Sequence[int], most: int) -> list[int]:
        """Return the first `most` passages of each article that one of these passages is from, in reading order."""
        with self._database.reading() as connection:
            return queries.siblings(connection, passage_ids, most)

    def passages_of(self, article_ids: Iterable[str], most: int) -> list[Passage]:
        """Return the first `most` passages of each of these articles, article by article, in reading order."""
        with self._database.reading() as connection:
            return queries.passages(connection, queries.first_passages(connection, article_ids, most))

    def vectors(self, passage_ids: Sequence[int]) -> list[Vector]:
        """Return pooled vectors, in the order asked for; raises `NotInStoreError`."""
        with self._database.reading() as connection:
            return list(queries.vectors(connection, passage_ids, self.fingerprint.dimension))

    def token_vectors(self, passage_ids: Sequence[int]) -> list[bytes]:
        """Return compressed token vectors, in the order asked for; raises `NotInStoreError`."""
        with self._database.reading() as connection:
            return queries.token_vectors(connection, passage_ids)

    def terms_of(self, passage_ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the full-text terms of passages, in the order asked for; raises `NotInStoreError`."""
        with self._database.reading() as connection:
            return queries.terms_of(connection, passage_ids)

    def dense_candidates(self, vector: Vector, k: int, filters: Filters | None = None) -> list[Candidate]:
        """Return the `k` passages whose pooled vectors have the largest inner product with `vector`, best first.

        Raises:
            ValueError: `vector` has not the store's dimension, or is not finite.
            StoreMismatchError: another process has rebuilt the store with other settings.
        """
        if vector.shape != (self.fingerprint.dimension,) or not np.isfinite(vector).all():
            raise ValueError(f"a search needs a finite vector of {self.fingerprint.dimension} numbers")
        with self._database.reading() as connection:
            index = self._current_index()
            allowed = self._allowed_by(filters, connection) if filters else None
            wanted = np.ascontiguousarray(vector, dtype=np.float32)
            try:
                return index.search(wanted, k, allowed)
            except DamagedListError as damage:
                return self._made_anew(index, damage).search(wanted, k, allowed)

    def _allowed_by(self, filters: Filters, connection: sqlite3.Connection) -> Allowed:
        """Return the passages whose articles meet `filters`: soon, where the same was asked of this state lately."""
        generation, asked = queries.generation(connection), repr(filters)
        kept = self._allowed.get(asked)
        if kept is None or kept[0] != generation:
            kept = generation, Allowed(passage_ids(connection, self._names, filters))
            if len(self._allowed) >= _FILTERS_KEPT:
                self._allowed.clear()
            self._allowed[asked] = kept
        return kept[1]

    def lexical_candidates(self, terms: Sequence[str], k: int, filters: Filters | None = None) -> list[Candidate]:
        """Return up to `k` passages that hold any of `terms`, by BM25, best first (scores are positive)."""
        with self._database.reading() as connection:
            return queries.lexical_candidates(connection, self._names, terms, k, filters)

    def terms_like(self, terms: Iterable[str], prefixes: Iterable[str] = ()) -> set[str]:
        """Return those of `terms` that any passage holds, and all terms that begin with one of `prefixes`."""
        with self._database.reading() as connection:
            return queries.terms_like(connection, terms, prefixes)

    def publish(self) -> None:
        """Write the search index beside the database, so that the next process need not derive it.

        Where another process is writing to the store just now, that is left to it. Where the index cannot be written,
        a warning says why, and nothing else comes of it: the database holds all that the index does.

        One that has become large is then put in order where that makes searches faster. That takes minutes, in which
        others read and write on.
        """
        self._save_index()
        if self._put_in_order():
            self._save_index()

    def _put_in_order(self) -> bool:
        """Put the search index in order if it needs that and no other thread is at it; return whether it was done."""
        index = self._index
        if index is None or not index.is_disordered() or not self._ordering.acquire(blocking=False):
            return False
        try:
            log.info("Store %s: putting the search index of %d passages in order.", self.folder, len(index.ids))
            ordered = index.reorganised()
        except DamagedListError as damage:
            ordered = self._made_anew(index, damage).reorganised()
        except MemoryError:
            log.warning(
                "Store %s: too little memory to put the search index in order: searches compare all %d passages.",
                self.folder,
                len(index.ids),
            )
            return False
        finally:
            self._ordering.release()
        with self._index_lock:
            # What was changed meanwhile is added to it at its next use.
            self._index = ordered
        self._unpublished = True
        return True

    def _save_index(self) -> None:
        try:
            # The write lock keeps the generation still, and two processes from writing the same file.
            with self._database.holding() as held:
                if held:
                    saved = self._current_index().save(self.folder)
                    with self._index_lock:
                        self._index = saved
                    self._unpublished = False
        except StoreError as error:
            # To fail once is enough: closing the store does not try again.
            self._unpublished = False
            log.warning("The search index was not kept, so the next search starts more slowly. %s", error)

    def check(self) -> list[str]:
        """Return what is wrong with the store, a line for each problem; nothing if it is sound. Reads everything."""
        with self._database.reading() as connection:
            problems = consistency.check(connection, self._current_index, self.fingerprint.dimension)
            lost = lost_changes(self.folder, queries.generation(connection).number)
        terms = self._damaged_terms()
        others = [path for path in databases(self.folder) if path != self._database.path]
        return [*problems, *terms, *filter(None, [lost]), *(line for path in others for line in damage_in(path))]

    def is_writable(self) -> bool:
        """Return whether changes can be made: there is space, and permission. Changes nothing, and waits for nobody.

        Raises:
            StoreError: the store cannot even be read.
        """
        with self._database.reading() as connection:
            queries.generation(connection)
        if shutil.disk_usage(self.folder).free < LEAST_FREE:
            return False
        try:
            with self._database.holding():
                return True
        except StoreError:
            return False

    def repair(self) -> list[str]:
        """Mend what can be mended of what `check` finds, and return what was done, a line each.

        The search index is made anew from the database, and the full-text index where it is damaged. Articles whose
        rows do not fit together are removed, and the files they came from are read again by the next sync.

        Raises:
            StoreError: the database file itself is damaged, or cannot be written.
        """
        remove_index_files(self.folder)
        with self._index_lock:
            self._index = None
        with self._database.reading() as connection:
            broken = consistency.broken_articles(connection, self.fingerprint.dimension)
        terms = self._damaged_terms()
        if broken or terms:
            with self._changing() as change:
                if terms:
                    # First: what is removed is removed from it as well.
                    change.rebuild_terms()
                change.remove(broken)
        self.publish()
        removed = [f"article {one} was removed: sync the file it came from again" for one in broken]
        return [*removed, *(["the full-text index was made anew"] if terms else []), "the search index was made anew"]

    def close(self) -> None:
        """Release files and connections, having written the search index if this store has changed anything."""
        try:
            if self._unpublished:
                self._save_index()
        finally:
            self._database.close()

    def _damaged_terms(self) -> list[str]:
        with self._database.explained():
            return consistency.damaged_terms(self._database)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all changes that this thread makes within the block become permanent together, at its end, or none.

        One transaction for many articles spares waiting for the disk after each. What the block reads of the store is
        as it was before, and others cannot write meanwhile: nothing slow belongs in it.

        Raises:
            StoreError: the store cannot be written.
        """
        with self._changing() as change:
            self._own.change = change
            try:
                yield
            finally:
                self._own.change = None

    @contextmanager
    def _changing(self) -> Iterator[writing.Change]:
        begun: writing.Change | None = getattr(self._own, "change", None)
        if begun is not None:
            yield begun
            return
        with self._database.writing() as connection:
            refuse_mismatch(connection, self.folder, self.fingerprint)
            if self._index is None and self._published is None:
                self._published = queries.generation(connection)
            yield writing.Change(connection, self._names)
        self._unpublished = True

    def _current_index(self) -> DenseIndex:
        with self._database.reading() as connection, self._index_lock:
            generation = queries.generation(connection)
            if self._index is None or self._index.generation != generation:
                refuse_mismatch(connection, self.folder, self.fingerprint)
                self._index = self._index_of(connection, generation)
            return self._index

    def _index_of(self, connection: sqlite3.Connection, generation: Generation) -> DenseIndex:
        dimension = self.fingerprint.dimension
        earlier = self._index
        if earlier is None and self._published is not None:
            earlier = DenseIndex.load(self.folder, self._published, None, dimension)
        if earlier is not None:
            if earlier.is_replaced(self.folder):
                loaded = DenseIndex.load(self.folder, generation, None, dimension)
                if loaded is not None:
                    return loaded
            ids = queries.passage_numbers(connection, earlier.ids)
            try:
                return earlier.updated(
                    generation, ids, lambda added: queries.vectors(connection, added.tolist(), dimension)
                )
            except DamagedListError as damage:
                log.warning("The search index of the store %s is damaged (%s) and is made anew.", self.folder, damage)
        if lost := lost_changes(self.folder, generation.number):
            log.warning("Store %s: %s.", self.folder, lost)
        loaded = DenseIndex.load(self.folder, generation, None, dimension)
        if loaded is not None and len(loaded.ids) == queries.passage_count(connection):
            return loaded
        self._unpublished = True
        return DenseIndex.build(generation, *queries.all_vectors(connection, dimension))

    def _made_anew(self, damaged: DenseIndex, damage: DamagedListError) -> DenseIndex:
        """Return an index derived from the database, in place of a damaged one."""
        with self._database.reading() as connection, self._index_lock:
            if self._index is damaged or self._index is None:
                log.warning(
                    "The search index %s is damaged (%s) and is made anew.",
                    self.folder / str(damaged.base_file),
                    damage,
                )
                # Where it cannot be removed, this process has another in memory.
                with suppress(StoreError):
                    remove_index_files(self.folder)
                self._unpublished = True
                vectors = queries.all_vectors(connection, self.fingerprint.dimension)
                self._index = DenseIndex.build(queries.generation(connection), *vectors)
            return self._index
