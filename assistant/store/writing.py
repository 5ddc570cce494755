"""`Change`: what may be done to a local store within one transaction."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from assistant.articles.article import Article
from assistant.errors import NotInStoreError
from assistant.store import full_text, queries
from assistant.store.fingerprint import Fingerprint
from assistant.store.generation import advance
from assistant.store.offsets import pack_spans
from assistant.store.origins import Origin
from assistant.store.passage_store import EncodedPassage
from assistant.store.source_names import SourceNames


class Change:
    """Changes that become permanent together. Making one moves the store to its next generation.

    Args:
        connection: In a transaction that may write.
        names: How sources are kept.
    """

    def __init__(self, connection: sqlite3.Connection, names: SourceNames) -> None:
        self._connection = connection
        self._names = names
        advance(connection)

    def put(self, article: Article, passages: Sequence[EncodedPassage], origin: str | None = None) -> None:
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
            self._connection.execute("INSERT INTO texts VALUES (?, ?)", (article_id, article.text))
        self._describe(article)
        for passage in passages:
            self._insert(article_id, passage)
        self._assign([article], origin)

    def attach(self, articles: Sequence[Article], origin: str | None = None) -> None:
        """Give stored articles further sources; what a source held before goes if it has no other."""
        for article in articles:
            if not queries.has(self._connection, article.id):
                raise NotInStoreError("The store holds no article {article}.", article=article.id)
        self._assign(articles, origin)
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
            self._connection.execute(
                "UPDATE origins SET size = NULL, modified_ns = NULL, digest = NULL "
                "WHERE path IN (SELECT origin FROM sources WHERE article_id = ?)",
                (article_id,),
            )
            self._connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        self._forget_empty_origins()

    def finish_origin(self, origin: Origin, sources: Collection[str]) -> None:
        """Note how a file looked when it was read to its end, and drop its sources that are not among `sources`."""
        path = self._names.kept(origin.path)
        self._connection.execute(
            "INSERT INTO origins VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET "
            "size = excluded.size, modified_ns = excluded.modified_ns, digest = excluded.digest",
            (path, origin.size, origin.modified_ns, origin.digest),
        )
        kept = {self._names.kept(source) for source in sources}
        held = self._connection.execute("SELECT source FROM sources WHERE origin = ?", (path,)).fetchall()
        self._drop_sources([source for (source,) in held if source not in kept])
        self._forget_empty_origins()

    def remove_origins(self, paths: Iterable[str]) -> None:
        """Drop all sources that were read from these files."""
        for path in paths:
            held = self._connection.execute("SELECT source FROM sources WHERE origin = ?", (self._names.kept(path),))
            self._drop_sources([source for (source,) in held.fetchall()])
        self._forget_empty_origins()

    def set_fingerprint(self, fingerprint: Fingerprint) -> None:
        """Note what the store is built with from now on."""
        self._connection.execute("UPDATE state SET fingerprint = ?", (fingerprint.to_json(),))

    def _describe(self, article: Article) -> None:
        self._connection.execute(
            "UPDATE articles SET title = ?, language = ?, published = ?, metadata = ? WHERE id = ?",
            (
                article.title,
                article.language,
                article.published and article.published.isoformat(),
                json.dumps(article.metadata),
                article.id,
            ),
        )

    def _insert(self, article_id: str, encoded: EncodedPassage) -> None:
        passage = encoded.passage
        (number,) = self._connection.execute(
            "INSERT INTO passages (article_id, start, end, sentences, language) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (article_id, passage.start, passage.end, pack_spans(passage.sentences), passage.language),
        ).fetchone()
        vector = np.asarray(encoded.vector, dtype="<f4").tobytes()
        self._connection.execute("INSERT INTO vectors VALUES (?, ?)", (number, vector))
        self._connection.execute("INSERT INTO token_vectors VALUES (?, ?)", (number, encoded.tokens))
        full_text.insert_terms(self._connection, number, encoded.terms)

    def _assign(self, articles: Sequence[Article], origin: str | None) -> None:
        path = None if origin is None else self._names.kept(origin)
        if path is not None:
            self._connection.execute("INSERT INTO origins (path) VALUES (?) ON CONFLICT DO NOTHING", (path,))
        previous = set()
        for article in articles:
            for source in (article.source, *article.other_sources):
                kept = self._names.kept(source)
                held = self._connection.execute("SELECT article_id FROM sources WHERE source = ?", (kept,)).fetchone()
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

    def _drop_sources(self, sources: Sequence[str]) -> None:
        articles: set[str] = set()
        for source in sources:
            rows = self._connection.execute("DELETE FROM sources WHERE source = ? RETURNING article_id", (source,))
            articles.update(article_id for (article_id,) in rows.fetchall())
        self._remove_sourceless(articles)

    def _remove_sourceless(self, article_ids: Iterable[str]) -> None:
        self._connection.executemany(
            "DELETE FROM articles WHERE id = ? AND NOT EXISTS (SELECT 1 FROM sources WHERE article_id = articles.id)",
            [(article_id,) for article_id in article_ids],
        )

    def _forget_empty_origins(self) -> None:
        self._connection.execute(
            "DELETE FROM origins WHERE NOT EXISTS (SELECT 1 FROM sources WHERE origin = origins.path)"
        )


def check_passages(article: Article, passages: Sequence[EncodedPassage], dimension: int) -> None:
    """Raise `ValueError` unless the passages are the article's, and their vectors finite and of `dimension`."""
    for encoded in passages:
        passage = encoded.passage
        if passage.article_id != article.id or passage.text != article.text[passage.start : passage.end]:
            raise ValueError(f"passage {passage.start}-{passage.end} is not from article {article.id}")
        if encoded.vector.shape != (dimension,) or not np.isfinite(encoded.vector).all():
            raise ValueError(f"the store needs finite vectors of {dimension} numbers")
