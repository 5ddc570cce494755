"""Whether a store in PostgreSQL is sound, and mending what can be derived."""

from collections.abc import Iterator

from assistant.articles.article import hash_text
from assistant.store.postgres.connections import Connection
from assistant.store.queries import unpack_spans

_LENGTH = "cardinality(string_to_array(nullif(words, ''), ' '))"
_SAID = (
    "SELECT passage_id, unnest(string_to_array(nullif(words, ''), ' ')) COLLATE \"C\" AS word, "  # noqa: S608 - ours
    f"{_LENGTH} AS length FROM passage_words"
)
_ODD = {
    "articles without a source": "SELECT id FROM articles WHERE NOT EXISTS "
    "(SELECT FROM sources WHERE article_id = articles.id)",
    "articles without a text": "SELECT id FROM articles WHERE NOT EXISTS "
    "(SELECT FROM texts WHERE article_id = articles.id)",
    "files without an article": "SELECT path FROM origins WHERE NOT EXISTS "
    "(SELECT FROM sources WHERE origin = origins.key)",
    "passages without a vector": "SELECT id FROM passages WHERE NOT EXISTS "
    "(SELECT FROM vectors WHERE passage_id = passages.id)",
    "passages without token vectors": "SELECT id FROM passages WHERE NOT EXISTS "
    "(SELECT FROM token_vectors WHERE passage_id = passages.id)",
    "passages without words": "SELECT id FROM passages WHERE NOT EXISTS "
    "(SELECT FROM passage_words WHERE passage_id = passages.id)",
    "vectors of another length": "SELECT passage_id FROM vectors WHERE vector_dims(vector) <> %(dimension)s "
    "OR abs(vector_norm(vector) - 1) > 0.01",
    "words with another count": "SELECT word FROM (SELECT word, count(*) AS held FROM postings GROUP BY word) AS found "
    "FULL JOIN words USING (word) WHERE held IS DISTINCT FROM words.passages",
    "passages with other postings than words": "SELECT passage_id FROM "  # noqa: S608 - ours
    f"(SELECT passage_id, word, count(*) AS times, max(length) AS length FROM ({_SAID}) AS said GROUP BY 1, 2) "
    "AS expected FULL JOIN postings USING (passage_id, word) WHERE expected.times IS DISTINCT FROM postings.times "
    "OR expected.length IS DISTINCT FROM postings.length GROUP BY 1",
}
_TOTALS = f"SELECT count(*), coalesce(sum({_LENGTH}), 0)::bigint FROM passage_words"  # noqa: S608 - ours
_RENEW = (
    "TRUNCATE postings, words;"  # noqa: S608 - ours
    "INSERT INTO postings (word, passage_id, times, length) "
    f"SELECT word, passage_id, count(*), max(length) FROM ({_SAID}) AS said GROUP BY 1, 2;"
    "INSERT INTO words SELECT word, count(*) FROM postings GROUP BY word;"
    f"UPDATE state SET (passages, words) = ({_TOTALS})"
)


def check(connection: Connection, dimension: int) -> list[str]:
    """Return what does not fit together, a line for each problem; empty where all does."""
    problems = []
    for name, select in _ODD.items():
        rows = connection.execute(f"{select} ORDER BY 1", {"dimension": dimension})
        found = [str(row[0]) for row in rows]
        if found:
            problems.append(f"{len(found)} {name}: {', '.join(found[:5])}{', …' if len(found) > 5 else ''}")
    totals = connection.execute("SELECT passages, words FROM state").fetchone()
    if totals != connection.execute(_TOTALS).fetchone():
        problems.append("the numbers of passages and words are not those of the tables")
    return [*problems, *(problem for _, problem in _altered_texts(connection))]


def broken_articles(connection: Connection, dimension: int) -> list[str]:
    """Return the ids of articles whose rows do not fit together, so that they have to be read and encoded again."""
    rows = connection.execute(
        "SELECT id FROM articles WHERE NOT EXISTS (SELECT FROM texts WHERE article_id = articles.id) UNION "
        "SELECT article_id FROM passages LEFT JOIN vectors ON vectors.passage_id = id "
        "LEFT JOIN token_vectors ON token_vectors.passage_id = id "
        "LEFT JOIN passage_words ON passage_words.passage_id = id "
        "WHERE data IS NULL OR words IS NULL OR vector IS NULL OR vector_dims(vector) <> %s "
        "OR abs(vector_norm(vector) - 1) > 0.01",
        [dimension],
    )
    return sorted({str(article_id) for (article_id,) in rows} | {one for one, _ in _altered_texts(connection)})


def renew_words(connection: Connection) -> None:
    """Derive postings and counts anew from the words of the passages, while nobody else changes the store."""
    connection.execute(_RENEW)


def _altered_texts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the id of each article whose text or passages are not as they were stored, and what is wrong."""
    ids = [article_id for (article_id,) in connection.execute("SELECT id FROM articles ORDER BY id")]
    for article_id in ids:
        row = connection.execute(
            "SELECT text, characters FROM articles JOIN texts ON article_id = id WHERE id = %s", [article_id]
        ).fetchone()
        if row is None:
            continue
        text, characters = row
        if hash_text(text)[: len(article_id)] != article_id or len(text) != characters:
            yield article_id, f"article {article_id}: its text is not the one it was stored with"
        for number, first, behind, sentences in connection.execute(
            "SELECT id, first, behind, sentences FROM passages WHERE article_id = %s", [article_id], binary=True
        ):
            if behind > len(text):
                yield article_id, f"passage {number}: it ends behind its article"
            spans = unpack_spans(sentences)
            if not spans or not all(first <= span.start < span.end <= behind for span in spans):
                yield article_id, f"passage {number}: a sentence lies outside it"
