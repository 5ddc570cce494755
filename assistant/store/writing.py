"""`Change`: what may be done to a local store within one transaction."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from assistant.articles.article import Article
from assistant.errors import NotInStoreError
from assistant.store import queries
from assistant.store.checksums import checksum
from assistant.store.fingerprint import Fingerprint
from assistant.store.opening import BUSY_SECONDS, migrate, open_database
from assistant.store.passage_store import EncodedPassage
from assistant.store.schema import new_stamp
from assistant.store.source_files import SourceFile, SourceNames


class Change:
    """Changes that become permanent together. Making one moves the store to its next generation.

    Args:
        connection: In a transaction that may write.
        names: How sources are kept.
    """

    def __init__(self, connection: sqlite3.Connection, names: SourceNames) -> None:
        self._connection = connection
        self._names = names
        # Files that have lost a source, or were read anew, since `_forget_empty_files`: all others are as they were.
        self._touched_files: set[str] = set()
        connection.execute("UPDATE state SET generation = generation + 1, stamp = ?", (new_stamp(),))

    def put(self, article: Article, passages: Sequence[EncodedPassage], file: str | None = None) -> None:
        """Store an article with its passages, replacing what its sources held before, and its old passages."""
        article_id = article.id
        known = queries.has(self._connection, article_id)
        if known:
            self._connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
        else:
            self._connection.execute(
                "INSERT INTO articles (id, title, language, characters, metadata) VALUES (?, '', '', ?, '{}')",
                (article_id, len(article.text)),
            )
            self._connection.execute("INSERT INTO texts (article_id, text) VALUES (?, ?)", (article_id, article.text))
        self._describe(article)
        for passage in passages:
            self._insert(article_id, passage)
        self._assign([article], file)

    def attach(self, articles: Sequence[Article], file: str | None = None) -> None:
        """Give stored articles further sources; what a source held before goes if it has no other."""
        for article in articles:
            if not queries.has(self._connection, article.id):
                raise NotInStoreError("The store holds no article {article}.", article=article.id)
        self._assign(articles, file)
        for article in articles:
            # An article is described by its first source.
            (first,) = self._connection.execute(
                "SELECT source FROM sources WHERE article_id = ? ORDER BY number LIMIT 1", (article.id,)
            ).fetchone()
            if first == self._names.kept(article.source):
                self._describe(article)

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove articles with all their sources."""
        for article_id in dict.fromkeys(article_ids):
            if not queries.has(self._connection, article_id):
                raise NotInStoreError(
                    "The store holds no article {article}: see `assistant articles` for the ids.", article=article_id
                )
            # A table that has lost a row here must be read again by the next sync.
            touched = self._connection.execute(
                "UPDATE origins SET size = NULL, modified_ns = NULL, digest = NULL "
                "WHERE path IN (SELECT origin FROM sources WHERE article_id = ?) RETURNING path",
                (article_id,),
            )
            self._touched_files.update(path for (path,) in touched.fetchall())
            self._connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        self._forget_empty_files()

    def finish_file(self, file: SourceFile, sources: Collection[str]) -> None:
        """Note how a file looked when it was read to its end, and drop its sources that are not among `sources`."""
        path = self._names.kept(file.path)
        self._connection.execute(
            "INSERT INTO origins VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET "
            "size = excluded.size, modified_ns = excluded.modified_ns, digest = excluded.digest",
            (path, file.size, file.modified_ns, file.digest),
        )
        self._touched_files.add(path)
        kept = {self._names.kept(source) for source in sources}
        held = self._connection.execute("SELECT source FROM sources WHERE origin = ?", (path,)).fetchall()
        self._drop_sources([source for (source,) in held if source not in kept])
        self._forget_empty_files()

    def remove_files(self, paths: Iterable[str]) -> None:
        """Drop all sources that were read from these files."""
        for path in paths:
            kept = self._names.kept(path)
            self._touched_files.add(kept)
            held = self._connection.execute("SELECT source FROM sources WHERE origin = ?", (kept,))
            self._drop_sources([source for (source,) in held.fetchall()])
        self._forget_empty_files()

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Drop sources, and articles that have no other."""
        self._drop_sources([self._names.kept(source) for source in sources])
        self._forget_empty_files()

    def article_ids(self) -> list[str]:
        """Return the ids of all articles."""
        return [article_id for (article_id,) in self._connection.execute("SELECT id FROM articles ORDER BY id")]

    def articles(self, article_ids: Iterable[str]) -> list[Article]:
        """Return articles in the order asked for; raises `NotInStoreError`."""
        return list(queries.articles(self._connection, self._names, article_ids).values())

    def rebuild_terms(self) -> None:
        """Make the full-text index anew from the terms that are kept beside it."""
        self._connection.execute("INSERT INTO passage_terms (passage_terms) VALUES ('rebuild')")

    def set_fingerprint(self, fingerprint: Fingerprint) -> None:
        """Note what the store is built with from now on."""
        self._connection.execute("UPDATE state SET fingerprint = ?", (fingerprint.to_json(),))

    def _describe(self, article: Article) -> None:
        published = None if article.published is None else article.published.isoformat()
        metadata, structure = json.dumps(article.metadata), queries.pack_structure(article)
        values = (article.title, article.language, published, len(article.text), metadata, structure)
        self._connection.execute(
            "UPDATE articles SET title = ?, language = ?, published = ?, metadata = ?, checksum = ? WHERE id = ?",
            (article.title, article.language, published, metadata, checksum(*values), article.id),
        )
        self._connection.execute(
            "UPDATE texts SET structure = :new WHERE article_id = :id AND structure <> :new",
            {"new": structure, "id": article.id},
        )

    def _insert(self, article_id: str, encoded: EncodedPassage) -> None:
        passage = encoded.passage
        vector = np.asarray(encoded.vector, dtype="<f4").tobytes()
        terms = queries.UNSTORABLE.sub(" ", " ".join(encoded.terms))
        place = (article_id, passage.start, passage.end, queries.pack_spans(passage.sentences), passage.language)
        (number,) = self._connection.execute(
            "INSERT INTO passages (article_id, start, end, sentences, language, checksum) VALUES (?, ?, ?, ?, ?, ?) "
            "RETURNING id",
            (*place, checksum(*place, vector, encoded.tokens, terms)),
        ).fetchone()
        self._connection.execute("INSERT INTO vectors VALUES (?, ?)", (number, vector))
        self._connection.execute("INSERT INTO token_vectors VALUES (?, ?)", (number, encoded.tokens))
        self._connection.execute("INSERT INTO passage_terms (rowid, terms) VALUES (?, ?)", (number, terms))

    def _assign(self, articles: Sequence[Article], file: str | None) -> None:
        path = None if file is None else self._names.kept(file)
        if path is not None:
            self._connection.execute("INSERT INTO origins (path) VALUES (?) ON CONFLICT DO NOTHING", (path,))
        previous = set()
        for article in articles:
            for source in (article.source, *article.other_sources):
                kept = self._names.kept(source)
                held = self._connection.execute(
                    "SELECT article_id, origin FROM sources WHERE source = ?", (kept,)
                ).fetchone()
                if held is not None and held[1] is not None:
                    self._touched_files.add(held[1])
                if held is not None and held[0] != article.id:
                    previous.add(held[0])
                    # A source is no longer the first of anything when it turns to another article.
                    self._connection.execute("DELETE FROM sources WHERE source = ?", (kept,))
                self._connection.execute(
                    "INSERT INTO sources (source, article_id, origin) VALUES (?, ?, ?) "
                    "ON CONFLICT (source) DO UPDATE SET origin = coalesce(excluded.origin, origin)",
                    (kept, article.id, path),
                )
        self._remove_sourceless(previous)
        self._forget_empty_files()

    def _drop_sources(self, sources: Sequence[str]) -> None:
        articles: set[str] = set()
        for source in sources:
            rows = self._connection.execute(
                "DELETE FROM sources WHERE source = ? RETURNING article_id, origin", (source,)
            )
            for article_id, origin in rows.fetchall():
                articles.add(article_id)
                self._touched_files.update([origin] if origin is not None else [])
        self._remove_sourceless(articles)

    def _remove_sourceless(self, article_ids: Iterable[str]) -> None:
        self._connection.executemany(
            "DELETE FROM articles WHERE id = ? AND NOT EXISTS (SELECT 1 FROM sources WHERE article_id = articles.id)",
            [(article_id,) for article_id in article_ids],
        )

    def _forget_empty_files(self) -> None:
        self._connection.executemany(
            "DELETE FROM origins WHERE path = ? AND NOT EXISTS (SELECT 1 FROM sources WHERE origin = origins.path)",
            [(path,) for path in self._touched_files],
        )
        self._touched_files.clear()


def check_passages(article: Article, passages: Sequence[EncodedPassage], dimension: int) -> None:
    """Raise `ValueError` unless the passages are the article's, and their vectors finite and of `dimension`."""
    for encoded in passages:
        passage = encoded.passage
        if passage.article_id != article.id or passage.text != article.text[passage.start : passage.end]:
            raise ValueError(f"passage {passage.start}-{passage.end} is not from article {article.id}")
        if encoded.vector.shape != (dimension,) or not np.isfinite(encoded.vector).all():
            raise ValueError(f"the store needs finite vectors of {dimension} numbers")


@contextmanager
def rewriting(folder: Path, fingerprint: Fingerprint) -> Iterator[Change]:
    """Give a store's articles to be put again, with passages of another fingerprint, all in one transaction.

    Until it commits, at the end of the block, other processes go on reading the old state; if it is interrupted or
    killed, the old state is what remains. (Building a second database and renaming it over the first would not be safe:
    another process's write-ahead log would be taken for the new file's. See
    https://www.sqlite.org/howtocorrupt.html.)

    Args:
        folder: The store's folder, resolved.
        fingerprint: What the store is built with from then on.

    Raises:
        StoreError: the store cannot be read or written, or another process is writing to it.
        StoreMismatchError: the store was built by a newer version of this program.
    """
    database = open_database(folder, None, create=False, busy_seconds=BUSY_SECONDS)
    try:
        with database.writing() as connection:
            migrate(connection, folder)
            change = Change(connection, SourceNames(folder))
            yield change
            change.set_fingerprint(fingerprint)
    finally:
        database.close()
