"""`Change`: what may be done to a store in PostgreSQL within one transaction.

Several processes write at once. What costs time, putting the passages of an article that is new, goes on side by side:
nobody sees it before it is committed, and a lock of the article's own keeps others from putting the same one. Whatever
touches what others see, sources above all, is done in turn: the second lock is taken for it, last and until the commit.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np

from assistant.articles.article import Article
from assistant.errors import NotInStoreError, StoreError
from assistant.store.passage_store import EncodedPassage
from assistant.store.postgres import queries, vectors, words
from assistant.store.postgres.connections import Connection
from assistant.store.queries import UNSTORABLE, pack_spans, pack_structure
from assistant.store.source_files import SourceFile
from assistant.text.controls import printable

_TURN = "article-assistant: turn"


class Change:
    """Changes that become permanent together. Making one moves the store to its next generation.

    Args:
        connection: In a transaction that may write.
        check: Called when nobody else changes the store any more, to raise where this must not either.
    """

    def __init__(self, connection: Connection, check: Callable[[Connection], None] = lambda _: None) -> None:
        self._connection = connection
        self._check = check
        self._has_turn = False

    def put(self, article: Article, passages: Sequence[EncodedPassage], file: str | None = None) -> None:
        """Store an article with its passages, replacing what its sources held before, and its old passages."""
        _refuse_unstorable(article)
        self._lock(f"article-assistant: article {article.id}")
        if queries.has(self._connection, article.id):
            self.take_turn()
        # Whoever had the turn may have removed it.
        if queries.has(self._connection, article.id):
            self._remove_passages("article_id = %s", article.id)
        else:
            self._connection.execute(
                "INSERT INTO articles (id, title, language, characters, metadata) VALUES (%s, '', '', %s, '{}')",
                [article.id, len(article.text)],
            )
            self._connection.execute(
                "INSERT INTO texts VALUES (%s, %s, %s)", [article.id, article.text, pack_structure(article)]
            )
        self._describe(article)
        held = self._insert(article.id, passages)
        self.take_turn()
        words.count(self._connection, held, 1)
        self._assign([article], file)

    def attach(self, articles: Sequence[Article], file: str | None = None) -> None:
        """Give stored articles further sources; what a source held before goes if it has no other."""
        for article in articles:
            _refuse_unstorable(article)
        self.take_turn()
        for article in articles:
            if not queries.has(self._connection, article.id):
                raise NotInStoreError("The store holds no article {article}.", article=article.id)
        self._assign(articles, file)
        for article in articles:
            # An article is described by its first source.
            first = self._connection.execute(
                "SELECT source FROM sources WHERE article_id = %s ORDER BY number LIMIT 1", [article.id]
            ).fetchone()
            if first == (article.source,):
                self._describe(article)

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove articles with all their sources."""
        self.take_turn()
        for article_id in dict.fromkeys(article_ids):
            if not queries.has(self._connection, article_id):
                raise NotInStoreError(
                    "The store holds no article {article}: see `assistant articles` for the ids.", article=article_id
                )
            # A table that has lost a row here must be read again by the next sync.
            self._connection.execute(
                "UPDATE origins SET size = NULL, modified_ns = NULL, digest = NULL "
                "WHERE key IN (SELECT origin FROM sources WHERE article_id = %s)",
                [article_id],
            )
            self._remove_passages("article_id = %s", article_id)
            self._connection.execute("DELETE FROM articles WHERE id = %s", [article_id])
        self._forget_empty_files()

    def finish_file(self, file: SourceFile, sources: Collection[str]) -> None:
        """Note how a file looked when it was read to its end, and drop its sources that are not among `sources`."""
        self.take_turn()
        self._connection.execute(
            "INSERT INTO origins VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET "
            "size = excluded.size, modified_ns = excluded.modified_ns, digest = excluded.digest",
            [queries.key(file.path), file.path, file.size, file.modified_ns, file.digest],
        )
        self._drop_sources("origin = %s AND NOT key = ANY(%s)", queries.key(file.path), list(map(queries.key, sources)))

    def remove_files(self, paths: Iterable[str]) -> None:
        """Drop all sources that were read from these files."""
        self.take_turn()
        self._drop_sources("origin = ANY(%s)", list(map(queries.key, paths)))

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Drop sources, and articles that have no other."""
        self.take_turn()
        self._drop_sources("key = ANY(%s)", list(map(queries.key, sources)))

    def article_ids(self) -> list[str]:
        """Return the ids of all articles."""
        return [article_id for (article_id,) in self._connection.execute("SELECT id FROM articles ORDER BY id")]

    def articles(self, article_ids: Iterable[str]) -> list[Article]:
        """Return articles in the order asked for; raises `NotInStoreError`."""
        return list(queries.articles(self._connection, article_ids).values())

    def set_fingerprint(self, fingerprint: str) -> None:
        """Note what the store is built with from now on."""
        self._connection.execute("UPDATE state SET fingerprint = %s", [fingerprint])

    def take_turn(self) -> None:
        """Let nobody else change what is there until the commit."""
        if not self._has_turn:
            self._lock(_TURN)
            self._check(self._connection)
            self._connection.execute("UPDATE state SET generation = generation + 1")
            self._has_turn = True

    def _lock(self, name: str) -> None:
        self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

    def _describe(self, article: Article) -> None:
        self._connection.execute(
            "UPDATE articles SET title = %s, language = %s, published = %s, metadata = %s WHERE id = %s",
            [article.title, article.language, article.published, json.dumps(article.metadata), article.id],
        )
        self._connection.execute(
            "UPDATE texts SET structure = %(new)s::text::json "
            "WHERE article_id = %(id)s AND structure::text <> %(new)s::text",
            {"new": pack_structure(article), "id": article.id},
        )

    def _insert(self, article_id: str, encoded: Sequence[EncodedPassage]) -> dict[int, list[str]]:
        """Insert passages; returns the words of each, which are not counted yet."""
        if not encoded:
            return {}
        rows = self._connection.execute(
            "INSERT INTO passages (article_id, first, behind, sentences, language) "
            "SELECT %s, * FROM unnest(%s::int[], %s::int[], %s::bytea[], %s::text[]) RETURNING id",
            [
                article_id,
                [one.passage.start for one in encoded],
                [one.passage.end for one in encoded],
                [pack_spans(one.passage.sentences) for one in encoded],
                [one.passage.language for one in encoded],
            ],
        )
        numbers = [number for (number,) in rows]
        held = {number: words.words_of(one.terms) for number, one in zip(numbers, encoded, strict=True)}
        vectors.put(self._connection, numbers, np.stack([one.vector for one in encoded]))
        with self._connection.cursor().copy("COPY token_vectors FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "bytea"])
            for number, one in zip(numbers, encoded, strict=True):
                copy.write_row((number, one.tokens))
        with self._connection.cursor().copy("COPY passage_words FROM STDIN") as copy:
            for number, found in held.items():
                copy.write_row((number, " ".join(found)))
        words.put(self._connection, held)
        return held

    def _assign(self, articles: Sequence[Article], file: str | None) -> None:
        path = None if file is None else queries.key(file)
        if file is not None:
            self._connection.execute(
                "INSERT INTO origins (key, path) VALUES (%s, %s) ON CONFLICT DO NOTHING", [path, file]
            )
        previous = set()
        for article in articles:
            for source in (article.source, *article.other_sources):
                # A source is no longer the first of anything when it turns to another article.
                rows = self._connection.execute(
                    "DELETE FROM sources WHERE key = %s AND article_id <> %s RETURNING article_id",
                    [queries.key(source), article.id],
                )
                previous |= {held for (held,) in rows}
                self._connection.execute(
                    "INSERT INTO sources (key, source, article_id, origin) VALUES (%s, %s, %s, %s) "
                    "ON CONFLICT (key) DO UPDATE SET origin = coalesce(excluded.origin, sources.origin)",
                    [queries.key(source), source, article.id, path],
                )
        self._remove_sourceless(previous)

    def _drop_sources(self, where: str, *values: object) -> None:
        rows = self._connection.execute(
            f"DELETE FROM sources WHERE {where} RETURNING article_id",  # noqa: S608 - of this module
            values,
        )
        self._remove_sourceless({article_id for (article_id,) in rows})
        self._forget_empty_files()

    def _remove_sourceless(self, article_ids: Collection[str]) -> None:
        if not article_ids:
            return
        where = "= ANY(%s) AND NOT EXISTS (SELECT FROM sources WHERE sources.article_id = {id})"
        self._remove_passages(f"article_id {where.format(id='passages.article_id')}", list(article_ids))
        self._connection.execute(
            f"DELETE FROM articles WHERE id {where.format(id='articles.id')}",  # noqa: S608 - as above
            [list(article_ids)],
        )

    def _remove_passages(self, where: str, *values: object) -> None:
        rows = self._connection.execute(f"SELECT id FROM passages WHERE {where}", values)  # noqa: S608 - as above
        gone = [number for (number,) in rows]
        if gone:
            words.remove(self._connection, gone)
            self._connection.execute("DELETE FROM passages WHERE id = ANY(%s)", [gone])

    def _forget_empty_files(self) -> None:
        self._connection.execute(
            "DELETE FROM origins WHERE NOT EXISTS (SELECT FROM sources WHERE origin = origins.key)"
        )


def _refuse_unstorable(article: Article) -> None:
    """Raise `StoreError` where a text holds what the database cannot."""
    headings = (section.heading for section in article.sections)
    for text in (article.source, *article.other_sources, article.title, article.text, article.language, *headings):
        found = UNSTORABLE.search(text)
        if found:
            raise StoreError(
                "{source} holds a character that PostgreSQL does not take ({character}): remove it there, then try "
                "again.",
                source=printable(article.source),
                character=f"U+{ord(found[0]):04X}",
            )
