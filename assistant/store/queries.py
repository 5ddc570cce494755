"""What is read from a local store's database, each within the caller's transaction."""

import json
import sqlite3
from collections.abc import Container, Iterable, Sequence
from datetime import date

import numpy as np

from assistant.articles.article import Article
from assistant.embedding.encoder import Matrix
from assistant.errors import NotInStoreError
from assistant.passages.passage import Passage
from assistant.store.conditions import condition
from assistant.store.damage import damage, sound_rows
from assistant.store.faiss_index import Ids
from assistant.store.offsets import unpack_spans
from assistant.store.origins import Origin, OriginState
from assistant.store.passage_store import ArticleSummary, Filters
from assistant.store.source_names import SourceNames

_VECTORS = "SELECT passage_id, vector FROM vectors WHERE passage_id IN (SELECT value FROM json_each(?))"
_COMPRESSED = "SELECT passage_id, data FROM token_vectors WHERE passage_id IN (SELECT value FROM json_each(?))"


def summaries(connection: sqlite3.Connection, names: SourceNames, filters: Filters | None) -> list[ArticleSummary]:
    """Return the articles that meet `filters`, ordered by title."""
    where, parameters = condition(filters, names)
    sources = _by_article(names, connection.execute("SELECT article_id, source FROM sources ORDER BY number"))
    counts = dict(connection.execute("SELECT article_id, count(*) FROM passages GROUP BY article_id"))
    rows = connection.execute(
        "SELECT id, title, language, published, characters "  # noqa: S608 - `where` comes from `condition` alone
        f"FROM articles WHERE {where} ORDER BY title, id",
        parameters,
    )
    with sound_rows(connection, "sources or articles"):
        return [
            ArticleSummary(
                id=article_id,
                title=title,
                source=sources[article_id][0],
                other_sources=tuple(sources[article_id][1:]),
                language=language,
                published=_day(published),
                passages=counts.get(article_id, 0),
                characters=characters,
            )
            for article_id, title, language, published, characters in rows
        ]


def articles(connection: sqlite3.Connection, names: SourceNames, article_ids: Iterable[str]) -> dict[str, Article]:
    """Return articles by id, in the order asked for; raises `NotInStoreError`."""
    wanted = list(dict.fromkeys(article_ids))
    chosen = (json.dumps(wanted),)
    sources = _by_article(
        names,
        connection.execute(
            "SELECT article_id, source FROM sources "
            "WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY number",
            chosen,
        ),
    )
    rows = connection.execute(
        "SELECT id, title, text, language, published, metadata FROM articles LEFT JOIN texts ON article_id = id "
        "WHERE id IN (SELECT value FROM json_each(?))",
        chosen,
    )
    with sound_rows(connection, "sources or articles"):
        found = {
            article_id: Article(
                source=sources[article_id][0],
                title=title,
                text=text,
                language=language,
                published=_day(published),
                metadata=json.loads(metadata),
                other_sources=tuple(sources[article_id][1:]),
            )
            for article_id, title, text, language, published, metadata in rows
        }
    for article_id, article in found.items():
        # An answer must not quote what the article never said.
        if article.text is None or article.id != article_id:
            raise damage(connection, f"the text of article {article_id} is missing or was altered")
    _refuse_missing("article", wanted, found)
    return {article_id: found[article_id] for article_id in wanted}


def passages(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Passage]:
    """Return passages in the order asked for, their text cut from the article's; raises `NotInStoreError`."""
    rows = connection.execute(
        "SELECT id, article_id, start, end, sentences, language FROM passages "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (_numbers(wanted),),
    ).fetchall()
    texts = dict(
        connection.execute(
            "SELECT article_id, text FROM texts WHERE article_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list({row[1] for row in rows})),),
        )
    )
    with sound_rows(connection, "texts or passages"):
        found = {
            number: Passage(
                article_id=article_id,
                start=start,
                end=end,
                text=texts[article_id][start:end],
                sentences=unpack_spans(sentences),
                language=language,
                id=number,
            )
            for number, article_id, start, end, sentences, language in rows
        }
    for passage in found.values():
        lies_within = all(
            passage.start <= sentence.start < sentence.end <= passage.end for sentence in passage.sentences
        )
        if len(passage.text) < passage.end - passage.start or not passage.sentences or not lies_within:
            raise damage(connection, f"the text or the sentences of passage {passage.id} are missing or were altered")
    _refuse_missing("passage", wanted, found)
    return [found[number] for number in wanted]


def passage_ids(connection: sqlite3.Connection, names: SourceNames, filters: Filters) -> Ids:
    """Return the numbers of the passages whose articles meet `filters`, in no order."""
    where, parameters = condition(filters, names)
    rows = connection.execute(
        # Answered from the index `passages_by_article` alone.
        "SELECT id FROM passages "  # noqa: S608 - `where` comes from `condition` alone
        f"WHERE article_id IN (SELECT id FROM articles WHERE {where})",
        parameters,
    )
    return np.fromiter((number for (number,) in rows), dtype=np.int64)


def vector_ids(connection: sqlite3.Connection) -> Ids:
    """Return the numbers of all passages that have a pooled vector, ascending: the rows of `all_vectors`."""
    rows = connection.execute("SELECT passage_id FROM vectors ORDER BY passage_id")
    return np.fromiter((number for (number,) in rows), dtype=np.int64)


def vectors(connection: sqlite3.Connection, wanted: Sequence[int], dimension: int) -> Matrix:
    """Return pooled vectors in the order asked for, shape `(wanted, dimension)`; raises `NotInStoreError`."""
    return _matrix(connection, _blobs(connection, _VECTORS, wanted), dimension)


def all_vectors(connection: sqlite3.Connection, dimension: int) -> Matrix:
    """Return all pooled vectors by ascending passage number, shape `(passages, dimension)`."""
    blobs = [blob for (blob,) in connection.execute("SELECT vector FROM vectors ORDER BY passage_id")]
    return _matrix(connection, blobs, dimension)


def token_vectors(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[bytes]:
    """Return compressed token vectors in the order asked for; raises `NotInStoreError`."""
    return _blobs(connection, _COMPRESSED, wanted)


def origins(connection: sqlite3.Connection, names: SourceNames) -> dict[str, OriginState]:
    """Return every file that articles were read from, by path."""
    found: dict[str, OriginState] = {}
    for kept, size, modified_ns, digest in connection.execute("SELECT path, size, modified_ns, digest FROM origins"):
        path = names.shown(kept)
        found[path] = OriginState(None if digest is None else Origin(path, size, modified_ns, digest), {})
    for source, article_id, kept in connection.execute(
        "SELECT source, article_id, origin FROM sources WHERE origin IS NOT NULL ORDER BY number"
    ):
        with sound_rows(connection, "origins"):
            found[names.shown(kept)].articles[names.shown(source)] = article_id
    return found


def article_of(connection: sqlite3.Connection, names: SourceNames, source: str) -> str | None:
    """Return the id of the article that `source` holds; None if it is unknown."""
    row = connection.execute("SELECT article_id FROM sources WHERE source = ?", (names.kept(source),)).fetchone()
    return None if row is None else str(row[0])


def has(connection: sqlite3.Connection, article_id: str) -> bool:
    """Return whether an article is stored."""
    return connection.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None


def _by_article(names: SourceNames, rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {}
    for article_id, source in rows:
        sources.setdefault(article_id, []).append(names.shown(source))
    return sources


def _blobs(connection: sqlite3.Connection, select: str, wanted: Sequence[int]) -> list[bytes]:
    found = dict(connection.execute(select, (_numbers(wanted),)))
    _refuse_missing("passage", wanted, found)
    return [found[number] for number in wanted]


def _matrix(connection: sqlite3.Connection, blobs: Sequence[bytes], dimension: int) -> Matrix:
    with sound_rows(connection, "vectors"):
        return np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), dimension)


def _numbers(wanted: Sequence[int]) -> str:
    return json.dumps([int(number) for number in wanted])


def _refuse_missing(kind: str, wanted: Sequence[str] | Sequence[int], found: Container[object]) -> None:
    for key in wanted:
        if key not in found:
            raise NotInStoreError(
                "The store holds no {kind} {key}: it may have been removed meanwhile.", kind=kind, key=key
            )


def _day(published: str | None) -> date | None:
    return None if published is None else date.fromisoformat(published)
