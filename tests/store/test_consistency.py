import numpy as np
import pytest


@pytest.fixture
def damaged(store, put):
    """Stores two articles, then damages the database behind the store's back, and returns what `check` finds."""
    put("One two. Three four.", "a.txt")
    put("Five six.", "b.txt")
    assert store.check() == []

    def after(*statements):
        connection = store._database.connect()
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.execute(*statement)
        connection.close()
        return "\n".join(store.check())

    return after


HALF = np.full(16, 0.5, "<f4").tobytes()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (("DELETE FROM sources WHERE number = 1",), "1 articles without a source"),
        (("DELETE FROM texts",), "2 articles without a text"),
        (("DELETE FROM articles",), "table texts: row 1 refers to nothing"),
        (("INSERT INTO origins (path) VALUES ('./x')",), "1 files without an article: ./x"),
        (("DELETE FROM vectors WHERE passage_id = 2",), "1 passages without a vector: 2"),
        (("DELETE FROM token_vectors",), "3 passages without token vectors: 1, 2, 3"),
        (("DELETE FROM passage_terms WHERE rowid = 3",), "1 passages without terms: 3"),
        (("INSERT INTO passage_terms (rowid, terms) VALUES (9, 'x')",), "1 terms without a passage: 9"),
        (("UPDATE texts SET text = text || '.'",), "its text is not the one it was stored with"),
        (("UPDATE passages SET end = 999 WHERE id = 2",), "passage 2: it ends behind its article"),
        (("UPDATE passages SET start = 2 WHERE id = 1",), "passage 1: a sentence lies outside it"),
        (("UPDATE vectors SET vector = x'00' WHERE passage_id = 1",), "passage 1: its vector has not 16 numbers"),
        (("UPDATE vectors SET vector = zeroblob(64) WHERE passage_id = 1",), "passage 1: its vector is not of unit"),
        (("UPDATE vectors SET vector = ? WHERE passage_id = 1", (HALF,)), "its vectors are not those of the database"),
    ],
)
def test_each_kind_of_damage_is_named(damaged, statement, problem):
    assert problem in damaged(statement)


def test_an_index_that_misses_a_passage_is_named(damaged):
    assert "does not hold the passages" in damaged(
        ("INSERT INTO passages VALUES (7, (SELECT min(id) FROM articles), 0, 2, x'', 'en', 0)",),
        ("INSERT INTO vectors VALUES (7, ?)", (HALF,)),
    )


def test_long_lists_are_cut(damaged):
    found = damaged(*[(f"INSERT INTO origins (path) VALUES ('./{n}')",) for n in range(9)])
    assert "9 files without an article: ./0, ./1, ./2, ./3, ./4, …" in found


ONE_BIT = {
    "token vectors": "UPDATE token_vectors SET data = flipped(data) WHERE passage_id = 1",
    "vectors": "UPDATE vectors SET vector = flipped(vector) WHERE passage_id = 1",
    "terms": "UPDATE passage_terms_content SET c0 = CAST(flipped(CAST(c0 AS BLOB)) AS TEXT) WHERE id = 1",
    "full-text index": "UPDATE passage_terms_data SET block = flipped(block) WHERE id > 100",
    "lengths of full-text rows": "UPDATE passage_terms_docsize SET sz = flipped(sz) WHERE id = 1",
    "sentences": "UPDATE passages SET sentences = flipped(sentences) WHERE id = 1",
    "language": "UPDATE passages SET language = 'de' WHERE id = 1",
    "title": "UPDATE articles SET title = CAST(flipped(CAST(title AS BLOB)) AS TEXT)",
    "day": "UPDATE articles SET published = '2026-01-02'",
    "text": "UPDATE texts SET text = CAST(flipped(CAST(text AS BLOB)) AS TEXT)",
    "sections": "UPDATE texts SET structure = '{ }'",
}
"""A bit that changes, unknown to SQLite, what is found or shown."""


@pytest.mark.parametrize("where", [0, -1], ids=["first byte", "last byte"])
@pytest.mark.parametrize("bit", [1, 128])
@pytest.mark.parametrize("kept", ONE_BIT)
def test_one_flipped_bit_is_found_and_repaired(store, put, make_article, cut, kept, bit, where):
    put("One two. Three four.", "a.txt")
    put("Five six.", "b.txt")

    def flipped(data):
        changed = bytearray(data)
        changed[where] ^= bit
        return bytes(changed)

    connection = store._database.connect()
    connection.create_function("flipped", 1, flipped)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(ONE_BIT[kept])
    connection.close()

    assert store.check()
    store.repair()
    for name, text in (("a.txt", "One two. Three four."), ("b.txt", "Five six.")):
        if not store.has(make_article(text, name).id):
            put(text, name)
    assert store.check() == []
    assert len(store.lexical_candidates(["two", "five"], 9)) == 2
