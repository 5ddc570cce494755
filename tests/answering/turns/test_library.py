import pytest

from assistant.answering.answer import Status
from assistant.answering.json_format import answer_json
from assistant.answering.phrases import languages
from assistant.answering.turns.languages import language_of_articles
from assistant.store.passage_store import Filters


def titles(answer):
    return [citation.article.title.split()[0] for citation in answer.citations]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("how many articles do you have?", "Articles: 4"),
        ("كم مقالا لديك؟", "المقالات: 4"),
        ("wie viele Artikel gibt es?", "Artikel: 4"),
        ("liste tous les articles", "Articles : 4"),
        ("visa alla artiklar", "Artiklar: 4"),
    ],
)
def test_all_articles_are_listed_newest_first_with_a_citation_each(library, asked, first):
    answer = library.ask(asked)
    assert answer.status is Status.ANSWERED
    assert answer.text.splitlines()[0] == first
    assert titles(answer) == ["Old", "Watermill", "مدرسة", "Fischotter"]
    assert answer.text.splitlines()[1].endswith("[1]")
    for citation in answer.citations:
        assert citation.article.text.startswith(citation.quote)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("articles by Orla Whitcombe", ["Old", "Watermill"]),
        ("articles by Orla Whitcombe since June", ["Old"]),
        ("Artikel über Fischotter", ["Fischotter"]),
        ("who wrote the article about the windmill of Fenny Marsh?", ["Old"]),
        ("articles from 2024", ["Fischotter"]),
        ("what happened yesterday?", ["Old"]),
        ("ماذا حدث أمس؟", ["Old"]),
        ("news from March 2025", ["مدرسة"]),
    ],
)
def test_articles_are_chosen_by_author_subject_and_time(library, asked, expected):
    answer = library.ask(asked)
    assert set(titles(answer)) == set(expected) if "wrote" not in asked else titles(answer)[:1] == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("list all articles in German", ["Fischotter"]),
        ("which articles are in Arabic?", ["مدرسة"]),
        ("show me the Arabic articles", ["مدرسة"]),
        ("welche Artikel gibt es auf Englisch?", ["Old", "Watermill"]),
        ("quels articles sont en allemand ?", ["Fischotter"]),
        ("¿qué artículos hay en árabe?", ["مدرسة"]),
        ("какие есть статьи на немецком языке?", ["Fischotter"]),
        ("ما المقالات التي لديك بالألمانية؟", ["Fischotter"]),
        ("有哪些阿拉伯语文章？", ["مدرسة"]),
        ("articles in English by Orla Whitcombe since June", ["Old"]),
        ("có bài viết nào bằng tiếng Đức không?", ["Fischotter"]),
        ("daftar semua artikel dalam bahasa Jerman", ["Fischotter"]),
        ("which articles are in French?", []),
    ],
)
def test_articles_are_chosen_by_language(library, asked, expected):
    assert set(titles(library.ask(asked))) == set(expected)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("articles about Germany", "en"),
        ("articles about germs", "en"),
        ("articles about South Korea", "en"),
        ("Artikel über Deutschland", "de"),
        ("articles sur la France", "fr"),
        ("статьи о Германии", "ru"),
        ("مقالات عن ألمانيا", "ar"),
    ],
)
def test_a_country_is_no_language(asked, spoken):
    assert language_of_articles(asked, spoken, languages()) is None


def test_a_language_within_a_subject_chooses_no_articles(library):
    assert library.ask("articles about Arabic schools").text.startswith("Articles: ")
    assert "Fischotter" not in titles(library.ask("articles about German schools"))


def test_a_line_tells_title_author_and_date(library):
    assert (
        "Old windmill of Fenny Marsh turns again — Orla Whitcombe, June 19, 2025 [1]"
        in library.ask("list all articles").text
    )


def test_news_are_what_the_newest_articles_begin_with(library):
    answer = library.ask("latest news")
    assert answer.text.splitlines()[1] == (
        "June 19, 2025: The windmill of Fenny Marsh turned on Sunday for the first time in 40 years. [1]"
    )


def test_news_do_not_begin_with_a_byline_but_who_wrote_an_article_is_told_by_it(library):
    assert library.ask("news from December 2024").text.splitlines()[1] == (
        "December 1, 2024: An der Lahre leben wieder Fischotter. [1]"
    )
    assert library.ask("wer hat den Artikel über Fischotter geschrieben?").citations[0].quote.startswith("Von Nele")


def test_where_there_is_none_that_is_said(library):
    answer = library.ask("news from November 2021")
    assert answer.status is Status.NOT_FOUND
    assert answer.text == "Articles: 0 (Nov 1 – 30, 2021)"


def test_where_no_article_is_on_a_subject_the_nearest_is_offered(library):
    answer = library.ask("which articles are about education?")
    assert answer.status is Status.NOT_FOUND
    assert answer.text == "Articles: 0"
    assert answer.closest[0].article.source == "/a/school.md"


def test_keywords_that_no_sentence_answers_are_asked_back(library):
    answer = library.ask("lahre otters")
    assert answer.status is Status.CLARIFY
    assert "Fischotter" in answer.choices[0].label
    assert library.ask("penguin colony").status is Status.NOT_FOUND


def test_filters_hold(library):
    answer = library.ask("list all articles", filters=Filters(languages=("de",)))
    assert titles(answer) == ["Fischotter"]
    assert titles(library.ask("which articles are in Arabic?", filters=Filters(languages=("de",)))) == []


def test_a_question_that_names_an_author_of_a_book_is_no_question_about_the_library(library):
    assert library.ask("who wrote Hamlet?").status is Status.NOT_FOUND


def test_choices_are_in_the_json(library):
    assert answer_json(library.ask("hello"))["choices"][0] == {
        "label": "Old windmill of Fenny Marsh turns again",
        "question": "Summarise the article “Old windmill of Fenny Marsh turns again”",
        "article": library.ask("list all articles").citations[0].article.id,
    }
