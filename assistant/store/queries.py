"""What is read from a local store's database, each within the caller's transaction."""

import json
import re
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from itertools import starmap
from typing import Any

import numpy as np

from assistant.articles.article import Article, Section
from assistant.embedding.encoder import Matrix
from assistant.errors import NotInStoreError
from assistant.passages.passage import Passage, Span
from assistant.store.database import damage, sound_rows
from assistant.store.faiss_index import Generation
from assistant.store.filters import Parameters, condition
from assistant.store.passage_store import ArticleSummary, Candidate, Filters
from assistant.store.selection import Ids
from assistant.store.source_files import SourceNames, shown

MAX_QUERY_TERMS = 256
"""Terms of a query beyond these are left out: a question has fewer, and a pasted book must not stall the store."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL ends a string for FTS5, and lone surrogates (from broken JSON, say) cannot be written as UTF-8."""

SPAN_BYTES = 8
"""Of one span in what `pack_spans` gives."""

_BLOCK = 4096
"""So many rows are looked at at a time."""
_LAST_CHARACTER = "\U0010ffff"
_SOURCES = f"SELECT article_id, {shown('source')} FROM sources"  # noqa: S608 - made of constants
_VECTORS = "SELECT passage_id, vector FROM vectors WHERE passage_id IN (SELECT value FROM json_each(?))"
_COMPRESSED = "SELECT passage_id, data FROM token_vectors WHERE passage_id IN (SELECT value FROM json_each(?))"


def generation(connection: sqlite3.Connection) -> Generation:
    """Return the state that the connection's transaction sees."""
    with sound_rows(connection, "state"):
        return Generation(*connection.execute("SELECT generation, stamp FROM state").fetchone())


def lexical_candidates(
    connection: sqlite3.Connection, names: SourceNames, terms: Sequence[str], k: int, filters: Filters | None
) -> list[Candidate]:
    """Return up to `k` passages that hold any of `terms` in articles that meet `filters`, by BM25, best first.

    FTS5's `bm25` (k1 = 1.2, b = 0.75) is negative, the more so the better; its sign is turned here. See
    https://www.sqlite.org/fts5.html#the_bm25_function
    """
    expression = match_expression(terms)
    if not expression:
        return []
    filtered, parameters = "", Parameters()
    if filters:
        where, parameters = condition(filters, names)
        # The `+` keeps SQLite from looking every passage that passes up in the full-text table, one by one.
        filtered = (
            "AND +passage_terms.rowid IN (SELECT id FROM passages "  # noqa: S608 - `where` comes from `condition` alone
            f"WHERE article_id IN (SELECT id FROM articles WHERE {where}))"
        )
    rows = connection.execute(
        "SELECT rowid, -bm25(passage_terms) FROM passage_terms "  # noqa: S608 - as above
        f"WHERE passage_terms MATCH :expression {filtered} ORDER BY bm25(passage_terms), rowid LIMIT :k",
        {**parameters, "expression": expression, "k": k},
    )
    return list(starmap(Candidate, rows))


def match_expression(terms: Sequence[str]) -> str:
    """Return the FTS5 expression that holds where any of `terms` occurs; empty where there is none to look for.

    Every term becomes a quoted string, so nothing in it is taken for FTS5's query language.

    Example:
        >>> match_expression(["summit", "NEAR", 'a"b', "summit"])
        '"summit" OR "NEAR" OR "a""b"'
    """
    distinct = dict.fromkeys(storable for term in terms if (storable := UNSTORABLE.sub(" ", term).strip()))
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in list(distinct)[:MAX_QUERY_TERMS])


def terms_like(connection: sqlite3.Connection, terms: Iterable[str], prefixes: Iterable[str]) -> set[str]:
    """Return those of `terms` that any passage holds, and all terms of passages that begin with one of `prefixes`."""
    # Temporary tables need no right to write to the file.
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.held USING fts5vocab (main, passage_terms, row)")
    wanted = json.dumps([UNSTORABLE.sub(" ", term) for term in terms])
    rows = connection.execute("SELECT term FROM temp.held WHERE term IN (SELECT value FROM json_each(?))", (wanted,))
    found = {term for (term,) in rows}
    for prefix in {UNSTORABLE.sub(" ", prefix) for prefix in prefixes}:
        span = (prefix, f"{prefix}{_LAST_CHARACTER}")
        rows = connection.execute("SELECT term FROM temp.held WHERE term >= ? AND term < ?", span)
        found.update(term for (term,) in rows)
    return found


def passages(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Passage]:
    """Return passages in the order asked for, their text cut from the article's; raises `NotInStoreError`."""
    rows = connection.execute(
        "SELECT id, article_id, start, end, sentences, language FROM passages "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(map(int, wanted))),),
    ).fetchall()
    texts = dict(
        connection.execute(
            "SELECT article_id, text FROM texts WHERE article_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list({row[1] for row in rows})),),
        )
    )
    found: dict[int, Passage] = {}
    with sound_rows(connection, "texts or passages"):
        for number, article_id, start, end, sentences, language in rows:
            text, spans = texts[article_id][start:end], unpack_spans(sentences)
            if len(text) < end - start or not spans or not all(start <= span.start < span.end <= end for span in spans):
                raise damage(connection, f"the text or the sentences of passage {number} are missing or were altered")
            found[number] = Passage(article_id, start, end, text, spans, language, number)
    _refuse_missing("passage", wanted, found)
    return [found[number] for number in wanted]


def siblings(connection: sqlite3.Connection, wanted: Sequence[int], most: int) -> list[int]:
    """Return the numbers of the first `most` passages of each article that one of `wanted` is from."""
    rows = connection.execute(
        "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY article_id ORDER BY start) AS place FROM passages "
        "WHERE article_id IN (SELECT article_id FROM passages WHERE id IN (SELECT value FROM json_each(?)))) "
        "WHERE place <= ?",
        (json.dumps(list(map(int, wanted))), most),
    )
    return [number for (number,) in rows]


def first_passages(connection: sqlite3.Connection, article_ids: Iterable[str], most: int) -> list[int]:
    """Return the numbers of the first `most` passages of articles, in the order asked for and then in reading order."""
    wanted = {article_id: place for place, article_id in enumerate(dict.fromkeys(article_ids))}
    rows = connection.execute(
        "SELECT id, article_id FROM (SELECT id, article_id, start, row_number() OVER "
        "(PARTITION BY article_id ORDER BY start) AS place FROM passages "
        "WHERE article_id IN (SELECT value FROM json_each(?))) WHERE place <= ? ORDER BY start",
        (json.dumps(list(wanted)), most),
    ).fetchall()
    # Rows are found by the index, which may be sound where they are not.
    with sound_rows(connection, "passages"):
        return [number for number, _ in sorted(rows, key=lambda row: wanted[row[1]])]


def pack_spans(spans: Sequence[Span]) -> bytes:
    """Return spans as the store keeps them: little-endian 32-bit numbers.

    Example:
        >>> unpack_spans(pack_spans([Span(0, 7), Span(8, 300)]))
        (Span(start=0, end=7), Span(start=8, end=300))
    """
    return np.array([(span.start, span.end) for span in spans], dtype="<u4").tobytes()


def unpack_spans(data: bytes) -> tuple[Span, ...]:
    """Return the spans that `pack_spans` wrote."""
    return tuple(starmap(Span, np.frombuffer(data, "<u4").reshape(-1, 2).tolist()))


def token_vectors(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[bytes]:
    """Return compressed token vectors in the order asked for; raises `NotInStoreError`."""
    return _blobs(connection, _COMPRESSED, wanted)


def terms_of(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the full-text terms of passages, in the order asked for; raises `NotInStoreError`."""
    select = "SELECT rowid, terms FROM passage_terms WHERE rowid IN (SELECT value FROM json_each(?))"
    found = dict(connection.execute(select, (json.dumps(list(map(int, wanted))),)))
    _refuse_missing("passage", wanted, found)
    return [tuple(found[number].split(" ")) if found[number] else () for number in wanted]


def vectors(connection: sqlite3.Connection, wanted: Sequence[int], dimension: int) -> Matrix:
    """Return pooled vectors in the order asked for, shape `(wanted, dimension)`; raises `NotInStoreError`."""
    return _matrix(connection, _blobs(connection, _VECTORS, wanted), dimension)


def vector_blocks(connection: sqlite3.Connection, dimension: int) -> Iterator[tuple[Ids, Matrix]]:
    """Give all pooled vectors by ascending passage number, some at a time, with the numbers."""
    rows = connection.execute("SELECT passage_id, vector FROM vectors ORDER BY passage_id")
    while block := rows.fetchmany(_BLOCK):
        numbers, blobs = zip(*block, strict=True)
        yield np.array(numbers, np.int64), _matrix(connection, blobs, dimension)


def all_vectors(connection: sqlite3.Connection, dimension: int) -> tuple[Ids, Matrix]:
    """Return the numbers of all passages, ascending, and their pooled vectors, shape `(passages, dimension)`."""
    blocks = list(vector_blocks(connection, dimension))
    none = np.empty(0, np.int64), np.empty((0, dimension), np.float32)
    ids, vectors = zip(none, *blocks, strict=True)
    blocks.clear()
    return np.concatenate(ids), np.concatenate(vectors)


def passage_count(connection: sqlite3.Connection) -> int:
    """Return how many passages are stored."""
    (count,) = connection.execute("SELECT count(*) FROM passages").fetchone()
    return int(count)


def passage_numbers(connection: sqlite3.Connection, known: Ids) -> Ids:
    """Return the numbers of all passages, ascending, given that an earlier state had `known`.

    No number is ever given twice, so what is new has a higher one. What is gone is looked for only where a count tells
    that something is.
    """
    last = int(known[-1]) if len(known) else 0
    rows = connection.execute("SELECT id FROM passages WHERE id > ? ORDER BY id", (last,))
    new = np.fromiter((number for (number,) in rows), dtype=np.int64)
    if passage_count(connection) == len(known) + len(new):
        return np.concatenate([known, new])
    return np.concatenate([*_kept(connection, known), new])


def _kept(connection: sqlite3.Connection, known: Ids) -> Iterator[Ids]:
    """Give those of `known` that are stored, some at a time."""
    for start in range(0, len(known), _BLOCK):
        block = known[start : start + _BLOCK]
        ends = int(block[0]), int(block[-1])
        (count,) = connection.execute("SELECT count(*) FROM passages WHERE id BETWEEN ? AND ?", ends).fetchone()
        if count != len(block):
            rows = connection.execute("SELECT id FROM passages WHERE id BETWEEN ? AND ? ORDER BY id", ends)
            block = np.fromiter((number for (number,) in rows), dtype=np.int64)
        yield block


def articles(connection: sqlite3.Connection, names: SourceNames, article_ids: Iterable[str]) -> dict[str, Article]:
    """Return articles by id, in the order asked for; raises `NotInStoreError`."""
    wanted = list(dict.fromkeys(article_ids))
    chosen = {"ids": json.dumps(wanted)}
    sources = _by_article(
        connection.execute(
            f"{_SOURCES} WHERE article_id IN (SELECT value FROM json_each(:ids)) ORDER BY number",  # noqa: S608 - as above
            chosen | names.parameters,
        )
    )
    rows = connection.execute(
        "SELECT id, title, text, structure, language, published, metadata "
        "FROM articles LEFT JOIN texts ON article_id = id WHERE id IN (SELECT value FROM json_each(:ids))",
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
                **_unpacked_structure(structure),
            )
            for article_id, title, text, structure, language, published, metadata in rows
        }
    for article_id, article in found.items():
        # An answer must not quote what the article never said.
        if article.text is None or article.id != article_id:
            raise damage(connection, f"the text of article {article_id} is missing or was altered")
    _refuse_missing("article", wanted, found)
    return {article_id: found[article_id] for article_id in wanted}


def summaries(
    connection: sqlite3.Connection,
    names: SourceNames,
    filters: Filters | None,
    limit: int | None = None,
    offset: int = 0,
) -> list[ArticleSummary]:
    """Return the articles that meet `filters`, ordered by title: `limit` at most, without the first `offset`."""
    where, parameters = condition(filters, names)
    place = {"limit": -1 if limit is None else max(0, limit), "offset": max(0, offset)}
    rows = connection.execute(
        "SELECT id, title, language, published, characters, metadata FROM articles "  # noqa: S608 - of `condition` alone
        f"WHERE {where} ORDER BY title, id LIMIT :limit OFFSET :offset",
        parameters | place,
    ).fetchall()
    # Of all articles at once, where all are wanted: that is faster than to look each up.
    of_these = "TRUE" if limit is None else "article_id IN (SELECT value FROM json_each(:ids))"
    chosen = {} if limit is None else {"ids": json.dumps([row[0] for row in rows])}
    sources = _by_article(connection.execute(f"{_SOURCES} WHERE {of_these} ORDER BY number", names.parameters | chosen))
    counts = dict(
        connection.execute(f"SELECT article_id, count(*) FROM passages WHERE {of_these} GROUP BY article_id", chosen)  # noqa: S608 - as above
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
                author=str(json.loads(metadata).get("author", "")),
            )
            for article_id, title, language, published, characters, metadata in rows
        ]


def languages(connection: sqlite3.Connection, names: SourceNames, filters: Filters | None) -> dict[str, int]:
    """Return how many of the articles that meet `filters` there are in each language."""
    where, parameters = condition(filters, names)
    rows = connection.execute(
        f"SELECT language, count(*) FROM articles WHERE {where} GROUP BY language ORDER BY language",  # noqa: S608 - of `condition` alone
        parameters,
    )
    return dict(rows.fetchall())


def pack_structure(article: Article) -> str:
    """Return where an article's pages and sections begin, as the store keeps it."""
    sections = [(section.start, section.heading) for section in article.sections]
    return json.dumps({"pages": article.pages, "sections": sections}) if article.pages or sections else "{}"


def _unpacked_structure(structure: str | None) -> dict[str, Any]:
    kept = json.loads(structure or "{}")
    pages, sections = kept.get("pages", ()), kept.get("sections", ())
    return {
        "pages": tuple(map(int, pages)),
        "sections": tuple(Section(int(start), str(name)) for start, name in sections),
    }


def has(connection: sqlite3.Connection, article_id: str) -> bool:
    """Return whether an article is stored."""
    return connection.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None


def _by_article(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {}
    for article_id, source in rows:
        sources.setdefault(article_id, []).append(source)
    return sources


def _blobs(connection: sqlite3.Connection, select: str, wanted: Sequence[int]) -> list[bytes]:
    found = dict(connection.execute(select, (json.dumps(list(map(int, wanted))),)))
    _refuse_missing("passage", wanted, found)
    return [found[number] for number in wanted]


def _matrix(connection: sqlite3.Connection, blobs: Sequence[bytes], dimension: int) -> Matrix:
    with sound_rows(connection, "vectors"):
        return np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), dimension)


def _refuse_missing(kind: str, wanted: Sequence[str] | Sequence[int], found: Container[object]) -> None:
    for key in wanted:
        if key not in found:
            raise NotInStoreError(
                "The store holds no {kind} {key}: it may have been removed meanwhile.", kind=kind, key=key
            )


def _day(published: str | None) -> date | None:
    return None if published is None else date.fromisoformat(published)
