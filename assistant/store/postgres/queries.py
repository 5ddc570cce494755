"""What is read from a database's tables of articles and passages, each within the caller's transaction."""

import hashlib
from collections.abc import Container, Iterable, Sequence
from typing import Any

from assistant.articles.article import Article, Section
from assistant.errors import NotInStoreError
from assistant.passages.passage import Passage
from assistant.store.passage_store import ArticleSummary, Filters
from assistant.store.postgres.connections import Connection
from assistant.store.postgres.filters import condition
from assistant.store.queries import unpack_spans
from assistant.store.source_files import KnownFile, SourceFile


def is_writable(connection: Connection) -> bool:
    """Return whether the server takes changes, and this user may make them."""
    row = connection.execute(
        "SELECT NOT pg_is_in_recovery() AND has_table_privilege(current_user, 'articles', 'INSERT')"
    ).fetchone()
    return row is not None and bool(row[0])


def generation(connection: Connection) -> int:
    """Return how many changes the store has seen."""
    return int(_one(connection, "SELECT generation FROM state"))


def fingerprint(connection: Connection) -> str | None:
    """Return what the store was built with, as `Fingerprint.to_json` gives it; None where there is no store."""
    stored: str | None = _one(connection, "SELECT fingerprint FROM state")
    return stored


def size(connection: Connection, schema: str) -> int:
    """Return how many bytes the tables and indexes of a schema take."""
    return int(
        _one(
            connection,
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
            "WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
            schema,
        )
    )


def has(connection: Connection, article_id: str) -> bool:
    """Return whether an article is stored."""
    return bool(_one(connection, "SELECT EXISTS (SELECT FROM articles WHERE id = %s)", article_id))


def articles(connection: Connection, article_ids: Iterable[str]) -> dict[str, Article]:
    """Return articles by id, in the order asked for; raises `NotInStoreError`."""
    wanted = list(dict.fromkeys(article_ids))
    rows = connection.execute(
        "SELECT id, title, text, structure, language, published, metadata, "
        "ARRAY(SELECT source FROM sources WHERE sources.article_id = id ORDER BY number) "
        "FROM articles JOIN texts ON article_id = id WHERE id = ANY(%s)",
        [wanted],
    )
    found = {
        article_id: Article(
            source=sources[0],
            title=title,
            text=text,
            language=language,
            published=published,
            metadata=metadata,
            other_sources=tuple(sources[1:]),
            pages=tuple(structure.get("pages", ())),
            sections=tuple(Section(start, heading) for start, heading in structure.get("sections", ())),
        )
        for article_id, title, text, structure, language, published, metadata, sources in rows
    }
    _refuse_missing("article", wanted, found)
    return {article_id: found[article_id] for article_id in wanted}


def summaries(
    connection: Connection, filters: Filters | None, limit: int | None = None, offset: int = 0
) -> list[ArticleSummary]:
    """Return the articles that meet `filters`, ordered by title: `limit` at most, without the first `offset`."""
    where, parameters = condition(filters)
    place = {"limit": None if limit is None else max(0, limit), "offset": max(0, offset)}
    rows = connection.execute(
        "WITH chosen AS MATERIALIZED (SELECT id, title, language, published, characters, metadata FROM articles "  # noqa: S608 - of `condition` alone
        f'WHERE {where} ORDER BY title COLLATE "C", id LIMIT %(limit)s OFFSET %(offset)s) '
        "SELECT id, title, held.sources, language, published, coalesce(counted.passages, 0), characters, "
        "coalesce(metadata ->> 'author', '') FROM chosen "
        "JOIN (SELECT article_id, array_agg(source ORDER BY number) AS sources FROM sources "
        "WHERE article_id IN (SELECT id FROM chosen) GROUP BY 1) AS held ON held.article_id = id "
        "LEFT JOIN (SELECT article_id, count(*) AS passages FROM passages "
        "WHERE article_id IN (SELECT id FROM chosen) GROUP BY 1) AS counted "
        'ON counted.article_id = id ORDER BY title COLLATE "C", id',
        parameters | place,
    )
    return [
        ArticleSummary(
            article_id, title, sources[0], tuple(sources[1:]), language, published, passages, characters, author
        )
        for article_id, title, sources, language, published, passages, characters, author in rows
    ]


def languages(connection: Connection, filters: Filters | None) -> dict[str, int]:
    """Return how many of the articles that meet `filters` there are in each language."""
    where, parameters = condition(filters)
    rows = connection.execute(
        f'SELECT language, count(*) FROM articles WHERE {where} GROUP BY 1 ORDER BY language COLLATE "C"',  # noqa: S608 - of `condition` alone
        parameters,
    )
    return dict(rows.fetchall())


def passages(connection: Connection, wanted: Sequence[int]) -> list[Passage]:
    """Return passages in the order asked for, their text cut from the article's; raises `NotInStoreError`."""
    rows = connection.execute(
        "SELECT passages.id, article_id, first, behind, substr(text, first + 1, behind - first), sentences, language "
        "FROM passages JOIN texts USING (article_id) WHERE passages.id = ANY(%s)",
        [_numbers(wanted)],
        binary=True,
    )
    found = {
        number: Passage(article_id, first, behind, text, unpack_spans(sentences), language, number)
        for number, article_id, first, behind, text, sentences, language in rows
    }
    _refuse_missing("passage", wanted, found)
    return [found[number] for number in wanted]


def siblings(connection: Connection, wanted: Sequence[int], most: int) -> list[int]:
    """Return the numbers of the first `most` passages of each article that one of `wanted` is from."""
    rows = connection.execute(
        "SELECT near.id FROM (SELECT DISTINCT article_id FROM passages WHERE id = ANY(%s)) AS chosen, "
        "LATERAL (SELECT id FROM passages WHERE passages.article_id = chosen.article_id ORDER BY first LIMIT %s) "
        "AS near ORDER BY near.id",
        [_numbers(wanted), most],
    )
    return [number for (number,) in rows]


def first_passages(connection: Connection, article_ids: Iterable[str], most: int) -> list[int]:
    """Return the numbers of the first `most` passages of articles, in the order asked for and then in reading order."""
    rows = connection.execute(
        "SELECT near.id FROM unnest(%s::text[]) WITH ORDINALITY AS asked (article, place), "
        "LATERAL (SELECT id, first FROM passages WHERE article_id = asked.article ORDER BY first LIMIT %s) AS near "
        "ORDER BY place, first",
        [list(dict.fromkeys(article_ids)), most],
    )
    return [number for (number,) in rows]


def token_vectors(connection: Connection, wanted: Sequence[int]) -> list[bytes]:
    """Return compressed token vectors in the order asked for; raises `NotInStoreError`."""
    rows = connection.execute(
        "SELECT passage_id, data FROM token_vectors WHERE passage_id = ANY(%s)", [_numbers(wanted)], binary=True
    )
    found: dict[int, bytes] = dict(rows.fetchall())
    refuse_missing_passages(wanted, found)
    return [found[number] for number in wanted]


def known_files(connection: Connection) -> dict[str, KnownFile]:
    """Return every file that articles were read from, by path."""
    found: dict[bytes, KnownFile] = {}
    paths: dict[bytes, str] = {}
    for key, path, size_of, modified_ns, digest in connection.execute("SELECT * FROM origins"):
        paths[key] = path
        found[key] = KnownFile(None if digest is None else SourceFile(path, size_of, modified_ns, digest), {})
    rows = connection.execute("SELECT origin, source, article_id FROM sources WHERE origin IS NOT NULL ORDER BY number")
    for key, source, article_id in rows:
        found[key].articles[source] = article_id
    return {paths[key]: known for key, known in found.items()}


def article_of(connection: Connection, source: str) -> str | None:
    """Return the id of the article that `source` holds; None if it is unknown."""
    row = connection.execute("SELECT article_id FROM sources WHERE key = %s", [key(source)]).fetchone()
    return None if row is None else str(row[0])


def key(name: str) -> bytes:
    """Return what a source or path is found by: its digest, as an index takes no long texts."""
    return hashlib.sha256(name.encode()).digest()


def refuse_missing_passages(wanted: Sequence[int], found: Container[object]) -> None:
    """Raise `NotInStoreError` for the first of the passages that was not found."""
    _refuse_missing("passage", wanted, found)


def _refuse_missing(kind: str, wanted: Sequence[str] | Sequence[int], found: Container[object]) -> None:
    for key in wanted:
        if key not in found:
            raise NotInStoreError(
                "The store holds no {kind} {key}: it may have been removed meanwhile.", kind=kind, key=key
            )


def _numbers(wanted: Sequence[int]) -> list[int]:
    return list(map(int, wanted))


def _one(connection: Connection, query: str, *values: object) -> Any:
    row = connection.execute(query, values).fetchone()
    return None if row is None else row[0]
