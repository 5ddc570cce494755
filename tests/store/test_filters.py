from datetime import date

import pytest
from store_fixtures import every_store

from assistant.store.passage_store import Filters

pytestmark = every_store


@pytest.fixture
def titles(store, put, ask):
    """Fills a store, and gives the titles of what a filter lets through on each of the three ways in."""
    put("Common news one.", "news/a.txt", title="a", language="ar", published=date(2024, 1, 1))
    put("Common news two.", "news/b.txt", title="b", language="en", published=date(2024, 6, 30))
    put("Common news three.", "news_old/c.txt", title="c", language="en")
    put("Common news four.", "n%ws/d.txt", title="d", language="fr", published=date(2025, 1, 1))

    def through(filters):
        names = {summary.id: summary.title for summary in store.summaries()}
        listed = sorted(summary.title for summary in store.summaries(filters))
        for candidates in (
            store.dense_candidates(ask("common news"), 10, filters),
            store.lexical_candidates(["common"], 10, filters),
        ):
            passages = store.passages([candidate.passage_id for candidate in candidates])
            assert sorted(names[passage.article_id] for passage in passages) == listed
        return "".join(listed)

    return through


def test_no_condition_lets_everything_through(titles):
    assert titles(None) == titles(Filters()) == "abcd"


@pytest.mark.parametrize(
    ("languages", "expected"), [(("en",), "bc"), (("ar", "fr"), "ad"), (("de",), ""), (("e'n",), "")]
)
def test_languages(titles, languages, expected):
    assert titles(Filters(languages=languages)) == expected


@pytest.mark.parametrize(
    ("beginnings", "expected"),
    [
        (("seeds/news/",), "ab"),
        (("seeds/news",), "abc"),
        (("seeds/news/a.txt",), "a"),
        (("seeds/news/a.txt", "seeds/n%"), "ad"),
        (("seeds/n_ws", "seeds/n*ws", "seeds/n[e]ws"), ""),
        (("seeds/NEWS",), ""),
        (("",), "abcd"),
    ],
)
def test_sources_are_beginnings_taken_literally(titles, project, beginnings, expected):
    assert titles(Filters(sources=tuple(f"{project}/{beginning}" for beginning in beginnings))) == expected


def test_a_beginning_above_the_project_matches(titles, project):
    assert titles(Filters(sources=(str(project.parent)[:-2],))) == "abcd"


def test_the_form_the_store_keeps_is_not_a_source(titles):
    assert titles(Filters(sources=("./seeds",))) == ""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2024, 1, 1), None, "abd"),
        (date(2024, 1, 2), None, "bd"),
        (None, date(2024, 6, 30), "ab"),
        (date(2024, 6, 30), date(2024, 6, 30), "b"),
        (date(2026, 1, 1), None, ""),
    ],
)
def test_days_are_included_and_articles_without_a_day_are_not(titles, first, last, expected):
    assert titles(Filters(published_from=first, published_to=last)) == expected


def test_article_ids_and_all_conditions_together(titles, store):
    ids = {summary.title: summary.id for summary in store.summaries()}
    assert titles(Filters(articles=(ids["a"], ids["d"], "unknown"))) == "ad"
    assert titles(Filters(articles=(ids["a"], ids["b"]), languages=("en",), published_from=date(2024, 1, 1))) == "b"
    assert titles(Filters(articles=(ids["a"],), languages=("en",))) == ""


def test_a_filter_that_few_pass_still_gives_k(store, put, ask):
    for number in range(60):
        put(f"Exactly the question asked {number}.", f"{number}.txt", language="en")
    for number in range(5):
        put(f"Far from it, question {number}.", f"ar-{number}.txt", language="ar")
    filters = Filters(languages=("ar",))
    assert len(store.dense_candidates(ask("Exactly the question asked"), 5, filters)) == 5
    assert len(store.lexical_candidates(["exactly", "question"], 5, filters)) == 5
