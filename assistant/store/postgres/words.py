"""BM25 over words that are normalised and stemmed already: the numbers of SQLite's FTS5, from tables that are kept.

A word's postings say which passages hold it. How many they are, and how many words all passages have, is counted when
articles come and go, so that a question reads the postings of its own words and nothing else.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.store.passage_store import Candidate, Filters
from assistant.store.postgres.connections import Connection
from assistant.store.postgres.filters import of_passages
from assistant.store.postgres.queries import refuse_missing_passages
from assistant.store.queries import MAX_QUERY_TERMS, UNSTORABLE

_BETWEEN = re.compile(r"[\x00-\x20\x7f]+")
_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6
_LONGEST = 200
_LAST_CHARACTER = "\U0010ffff"


def key(word: str) -> str:
    """Return what a word is indexed by: itself, cut and made distinct where an index could not take it.

    Example:
        >>> key("summit"), len(key("x" * 5000))
        ('summit', 264)
    """
    if len(word) <= _LONGEST:
        return word
    return word[:_LONGEST] + hashlib.sha256(word.encode()).hexdigest()


def words_of(terms: Iterable[str]) -> list[str]:
    """Return terms as they are indexed and looked up; as FTS5 does, what has a space within is several words."""
    return [key(word) for term in terms for word in _BETWEEN.split(UNSTORABLE.sub(" ", term)) if word]


def lexical_candidates(
    connection: Connection, terms: Sequence[str], k: int, filters: Filters | None
) -> list[Candidate]:
    """Return up to `k` passages that hold any of `terms` in articles that meet `filters`, by BM25, best first."""
    asked = list(dict.fromkeys(words_of(terms)))[:MAX_QUERY_TERMS]
    rows = connection.execute(
        "SELECT word, words.passages, state.passages, state.words FROM words, state WHERE word = ANY(%s)", [asked]
    ).fetchall()
    if not rows or k < 1:
        return []
    idfs = {word: _idf(holding, passages) for word, holding, passages, _ in rows}
    average = rows[0][3] / rows[0][2]
    # Words that more than half of the passages hold decide nothing, and are looked up only where nothing else is found.
    telling = {word: idf for word, idf in idfs.items() if idf > _LEAST_IDF}
    found = _search(connection, telling, average, k, filters) if telling else []
    if len(found) < k and len(telling) < len(idfs):
        found = _search(connection, idfs, average, k, filters)
    return found


def _idf(holding: int, passages: int) -> float:
    return max(math.log((passages - holding + 0.5) / (holding + 0.5)), _LEAST_IDF)


def _search(
    connection: Connection, idfs: dict[str, float], average: float, k: int, filters: Filters | None
) -> list[Candidate]:
    where, parameters = of_passages(filters)
    rows = connection.execute(
        "SELECT passage_id, "  # noqa: S608 - `where` comes from `of_passages` alone
        "sum(idf * times * (%(k1)s + 1) / (times + %(k1)s * (1 - %(b)s + %(b)s * length / %(average)s))) AS score "
        "FROM unnest(%(words)s::text[], %(idfs)s::float8[]) AS asked (word, idf) JOIN postings USING (word) "
        f"WHERE {where} GROUP BY passage_id ORDER BY score DESC, passage_id LIMIT %(k)s",
        {
            **parameters,
            "words": list(idfs),
            "idfs": list(idfs.values()),
            "average": average,
            "k1": _K1,
            "b": _B,
            "k": k,
        },
    )
    return [Candidate(number, float(score)) for number, score in rows]


def terms_like(connection: Connection, terms: Iterable[str], prefixes: Iterable[str]) -> set[str]:
    """Return those of `terms` that any passage holds, and all terms of passages that begin with one of `prefixes`."""
    wanted = [UNSTORABLE.sub(" ", term) for term in terms]
    spans = {UNSTORABLE.sub(" ", prefix)[:_LONGEST] for prefix in prefixes}
    rows = connection.execute(
        "SELECT word FROM words WHERE word = ANY(%s) UNION "
        "SELECT word FROM unnest(%s::text[], %s::text[]) AS span (first, last) "
        'JOIN words ON word >= first COLLATE "C" AND word < last COLLATE "C"',
        [[key(word) for word in wanted], list(spans), [prefix + _LAST_CHARACTER for prefix in spans]],
    )
    originals: dict[str, str] = {key(word): word for word in wanted}
    return {originals.get(str(word), str(word)) for (word,) in rows}


def terms_of(connection: Connection, wanted: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the terms of passages in the order asked for; raises `NotInStoreError`."""
    rows = connection.execute("SELECT passage_id, words FROM passage_words WHERE passage_id = ANY(%s)", [list(wanted)])
    found = {number: tuple(words.split(" ")) if words else () for number, words in rows}
    refuse_missing_passages(wanted, found)
    return [found[number] for number in wanted]


def put(connection: Connection, words: dict[int, list[str]]) -> None:
    """Note the words of new passages, by passage, without counting them (see `count`)."""
    with connection.cursor().copy("COPY postings (word, passage_id, times, length) FROM STDIN") as copy:
        for number, held in words.items():
            for word, times in Counter(held).items():
                copy.write_row((word, number, times, len(held)))


def remove(connection: Connection, passages: Sequence[int]) -> None:
    """Forget the words of passages that are about to be removed, and count them off."""
    rows = connection.execute(
        "SELECT passage_id, words FROM passage_words WHERE passage_id = ANY(%s)", [list(passages)]
    ).fetchall()
    held = {number: words.split(" ") if words else [] for number, words in rows}
    pairs = [(word, number) for number, words in held.items() for word in set(words)]
    connection.execute(
        "DELETE FROM postings USING unnest(%s::text[], %s::bigint[]) AS gone (word, passage_id) "
        "WHERE postings.word = gone.word AND postings.passage_id = gone.passage_id",
        [[word for word, _ in pairs], [number for _, number in pairs]],
    )
    count(connection, held, -1)


def count(connection: Connection, words: dict[int, list[str]], sign: int) -> None:
    """Count the words of passages in (1) or off (-1). Only one writer may do so at a time."""
    held = Counter(word for one in words.values() for word in set(one))
    ordered = sorted(held)
    connection.execute(
        "INSERT INTO words (word, passages) SELECT * FROM unnest(%s::text[], %s::bigint[]) "
        "ON CONFLICT (word) DO UPDATE SET passages = words.passages + excluded.passages",
        [ordered, [held[word] * sign for word in ordered]],
    )
    if sign < 0:
        connection.execute("DELETE FROM words WHERE word = ANY(%s) AND passages <= 0", [ordered])
    connection.execute(
        "UPDATE state SET passages = passages + %s, words = words + %s",
        [len(words) * sign, sum(map(len, words.values())) * sign],
    )
