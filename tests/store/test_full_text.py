import pytest
from store_fixtures import every_store

from assistant.passages.passage import Passage, Span
from assistant.store.passage_store import EncodedPassage
from assistant.store.queries import MAX_QUERY_TERMS

pytestmark = every_store


@pytest.fixture
def index(store, make_article, encoder):
    """Stores one passage with exactly these terms."""

    def stored(terms, name):
        text = f"Text of {name}."
        article = make_article(text, name)
        passage = Passage(article.id, 0, len(text), text, (Span(0, len(text)),))
        store.put(article, [EncodedPassage(passage, encoder.encode_passages([text])[0].pooled, b"", tuple(terms))])
        return article.id

    return stored


@pytest.fixture
def lookup(store):
    def found(terms, k=10):
        candidates = store.lexical_candidates(terms, k)
        assert all(candidate.score > 0 for candidate in candidates)
        assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
        return [passage.article_id for passage in store.passages([c.passage_id for c in candidates])]

    return found


# Combining marks, bigrams, digits, joiners, punctuation and FTS5's own words must each stay one term.
TERMS = [
    "हिन्दी",
    "ประเทศไทย",
    "中国",
    "11",
    "2026-11-11",
    "3.14",
    "c++",
    "don't",
    'a"b',
    "élan",
    "می‌خواهم",
    "قمه",
    "near",
    "or",
    "*",
    "^x",
    "a:b",
    "(x)",
    "{x}",
    "\U0001f600",
]


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_found_whole_and_only_whole(index, lookup, term):
    article = index([term, "filler"], "a.txt")
    index(["other", "filler"], "b.txt")
    assert lookup([term]) == [article]
    for part in (term[:-1], term[1:]):
        assert lookup([part]) == []


def test_letters_with_other_marks_are_other_terms(index, lookup):
    first, second = index(["elan"], "a.txt"), index(["élan"], "b.txt")
    assert lookup(["elan"]) == [first]
    assert lookup(["élan"]) == [second]


def test_any_of_the_terms_is_enough_and_more_are_better(index, lookup):
    index(["nothing", "of", "this"], "c.txt")
    one = index(["summit", "held", "there"], "a.txt")
    both = index(["summit", "moscow", "there"], "b.txt")
    index(["quite", "different"], "d.txt")
    index(["and", "another"], "e.txt")
    assert lookup(["summit", "moscow"]) == [both, one]
    assert lookup(["summit", "moscow"], k=1) == [both]


@pytest.mark.parametrize(
    "hostile",
    [
        '" OR terms:*',
        "NEAR(a b, 5)",
        "AND",
        "NOT",
        "a AND b",
        "*",
        "terms : x",
        "\x00",
        "a\x00b",
        "\ud800",
        "",
        " ",
        '"""',
        "-x",
        "^",
        ") OR (",
        "' OR 1=1 --",
    ],
)
def test_hostile_terms_neither_fail_nor_match(index, lookup, hostile):
    index(["plain", "words"], "a.txt")
    assert lookup([hostile]) == []
    assert len(lookup([hostile, "plain"])) == 1


def test_no_terms_find_nothing(index, lookup):
    index(["plain"], "a.txt")
    assert lookup([]) == []


def test_very_many_terms_are_cut_off_not_refused(index, lookup):
    article = index(["plain"], "a.txt")
    flood = [f"flood{number}" for number in range(100_000)]
    assert lookup(["plain", *flood]) == [article]
    assert lookup([*flood[:MAX_QUERY_TERMS], "plain"]) == []


def test_terms_with_nul_and_surrogates_can_be_stored(index, lookup, store):
    article = index(["bro\x00ken", "\udcff", "whole"], "a.txt")
    assert lookup(["whole"]) == [article]
    assert store.check() == []


def test_held_terms_are_told_from_others(index, store):
    index(["kazan", "kazak", "~ksn", "~kst"], "a.txt")
    removed = index(["gone", "~kgn"], "b.txt")
    store.remove([removed])
    assert store.terms_like(["kazan", "gone", "kaza", ""]) == {"kazan"}
    assert store.terms_like((), ["~k", "\x00"]) == {"~ksn", "~kst"}
    assert store.terms_like(()) == set()
