import random

import pytest

from assistant.articles.article import Article
from assistant.errors import QuestionSetError
from assistant.evaluation.question_set import GoldAnswer, Question, QuestionSet, require_questions

QUESTIONS = tuple(Question(str(number), "?", "en", (), (), answerable=False) for number in range(10))


@pytest.mark.parametrize(("limit", "ids"), [(1, "0"), (3, "036"), (10, "0123456789"), (99, "0123456789")])
def test_a_limit_spreads_over_the_set(limit, ids):
    assert "".join(question.id for question in QuestionSet("ten", QUESTIONS).limited(limit).questions) == ids


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_seed_draws_the_sample_that_python_draws_in_the_order_of_the_set(seed):
    drawn = QuestionSet("ten", QUESTIONS).limited(4, seed).questions
    assert set(drawn) == set(random.Random(seed).sample(list(QUESTIONS), 4))
    assert [question.id for question in drawn] == sorted(question.id for question in drawn)
    assert drawn == QuestionSet("ten", QUESTIONS).limited(4, seed).questions


def test_other_seeds_draw_other_questions_and_a_large_limit_all():
    samples = {QuestionSet("ten", QUESTIONS).limited(4, seed).questions for seed in range(5)}
    assert len(samples) > 1
    assert QuestionSet("ten", QUESTIONS).limited(99, 1).questions == QUESTIONS


@pytest.mark.parametrize(
    ("language", "answers", "asked"),
    [
        ("en", (("Moscow", "en"), ("موسكو", "ar")), ["Moscow"]),
        ("ar", (("Moscow", "en"), ("موسكو", "ar"), ("في موسكو", "ar")), ["موسكو", "في موسكو"]),
        ("zh", (("莫斯科", "zh-Hans"), ("موسكو", "ar")), ["莫斯科"]),
        ("en", (("Moscow", "en"), ("in Moscow", "en")), []),
        ("de", (("Moscow", "en"), ("موسكو", "ar")), []),
        ("en", (), []),
    ],
)
def test_the_asked_answers_are_those_in_the_language_of_the_question(language, answers, asked):
    question = Question("q", "?", language, tuple(GoldAnswer(*answer) for answer in answers), ())
    assert [answer.text for answer in question.asked_answers] == asked


@pytest.mark.parametrize(("share", "kept"), [(0.5, 5), (0.25, 8), (0.1, 9), (0.0, 10)])
def test_holding_out_leaves_a_share_of_the_articles(share, kept):
    articles = tuple(Article(f"{n}", f"{n}", f"Text {n}") for n in range(10))
    assert len(QuestionSet("ten", QUESTIONS, articles).held_out(share).articles) == kept


def test_nothing_can_be_held_out_of_a_set_without_articles():
    with pytest.raises(QuestionSetError, match="nothing can be held out"):
        QuestionSet("none", QUESTIONS).held_out(0.5)


def test_a_set_without_questions_names_its_first_problem():
    with pytest.raises(QuestionSetError, match=r"x\.json holds no questions .* First problem: it rained"):
        require_questions("x.json", (), ["it rained"])
