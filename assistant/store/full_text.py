"""The full-text side of the local store: SQLite's FTS5 over terms that are normalised and stemmed already."""

import sqlite3
from collections.abc import Sequence

from assistant.store.conditions import Parameters
from assistant.store.passage_store import Candidate

MAX_QUERY_TERMS = 256
"""Terms of a query beyond these are left out: a question has fewer, and a pasted book must not stall the store."""


def insert_terms(connection: sqlite3.Connection, passage_id: int, terms: Sequence[str]) -> None:
    """Make a passage findable by its terms."""
    connection.execute("INSERT INTO passage_terms (rowid, terms) VALUES (?, ?)", (passage_id, _clean(" ".join(terms))))


def match_expression(terms: Sequence[str]) -> str:
    """Return the FTS5 expression that holds where any of `terms` occurs; empty where there is none to look for.

    Every term becomes a quoted string, so nothing in it is taken for FTS5's query language.

    Example:
        >>> match_expression(["summit", "NEAR", 'a"b', "summit"])
        '"summit" OR "NEAR" OR "a""b"'
    """
    distinct = dict.fromkeys(cleaned for term in terms if (cleaned := _clean(term).strip()))
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in list(distinct)[:MAX_QUERY_TERMS])


def search(
    connection: sqlite3.Connection, terms: Sequence[str], k: int, where: str, parameters: Parameters
) -> list[Candidate]:
    """Return up to `k` passages that hold any of `terms` in articles that meet `where`, by BM25, best first.

    FTS5's `bm25` (k1 = 1.2, b = 0.75) is negative, the more so the better; its sign is turned here. See
    https://www.sqlite.org/fts5.html#the_bm25_function
    """
    expression = match_expression(terms)
    if not expression:
        return []
    # The `+` keeps SQLite from looking every passage that passes up in the full-text table, one by one.
    filtered = (
        ""
        if where == "TRUE"
        else (
            "AND +passage_terms.rowid IN (SELECT id FROM passages "  # noqa: S608 - as below
            f"WHERE article_id IN (SELECT id FROM articles WHERE {where}))"
        )
    )
    rows = connection.execute(
        "SELECT rowid, -bm25(passage_terms) FROM passage_terms "  # noqa: S608 - `where` is made by `condition` alone
        f"WHERE passage_terms MATCH :expression {filtered} ORDER BY bm25(passage_terms), rowid LIMIT :k",
        {**parameters, "expression": expression, "k": k},
    )
    return [Candidate(passage_id, score) for passage_id, score in rows]


def _clean(text: str) -> str:
    # NUL ends a string for FTS5, and lone surrogates (from broken JSON, say) cannot be written as UTF-8.
    return text.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8")
