from dataclasses import replace

import pytest

from assistant.answering.answer import Status
from assistant.answering.extractive import answer_extractively
from assistant.answering.marks import parse_marks
from assistant.answering.phrases import Phrase, phrase
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD


def test_the_answering_sentence_is_quoted_with_its_mark(hit, result):
    found = hit(
        ["Putin visited Bishkek.", "القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو."], best=1, before="Agencies\n"
    )
    answer = answer_extractively(result(found))
    assert answer.status is Status.ANSWERED
    assert answer.text == "القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو. [1]"
    [citation] = answer.citations
    assert citation.quote == found.article.text[citation.start : citation.end]
    assert (answer.model, answer.hits) == ("extractive", (found,))


def test_nothing_relevant_is_refused_in_the_language_of_the_question_with_the_closest_offered(hit, result):
    hits = [hit([f"Sentence {n}."], rank=n, score=RELEVANCE_THRESHOLD - 0.01 * n) for n in range(1, 6)]
    answer = answer_extractively(result(*hits, language="fr"))
    assert answer.status is Status.NOT_FOUND
    assert answer.text == phrase(Phrase.REFUSAL, "fr")
    assert answer.citations == ()
    assert answer.closest == tuple(hits[:3])


def test_an_empty_store_is_refused(result):
    answer = answer_extractively(result())
    assert (answer.status, answer.closest) == (Status.NOT_FOUND, ())


def test_the_threshold_itself_is_relevant(hit, result):
    assert answer_extractively(result(hit(["A sentence."], score=RELEVANCE_THRESHOLD))).status is Status.ANSWERED


def test_what_another_article_says_nearly_as_well_is_quoted_too(hit, result):
    first = hit(["The dam broke on Monday."], title="A")
    tie = hit(["The dam broke on Tuesday."], title="B", rank=2, score=0.948, sentence_score=0.895)
    worse = hit(["A dam is a barrier."], title="C", rank=3, score=0.94, sentence_score=0.6)
    answer = answer_extractively(result(first, tie, worse))
    assert answer.text == "The dam broke on Monday. [1]\nThe dam broke on Tuesday. [2]"
    assert [citation.article.title for citation in answer.citations] == ["A", "B"]


@pytest.mark.parametrize("again", ["The dam broke.", "the  dam broke.", "Agencies: The dam broke."])
def test_the_same_sentence_is_never_said_twice(hit, result, again):
    answer = answer_extractively(result(hit(["The dam broke."], title="A"), hit([again], title="B", rank=2)))
    assert len(answer.citations) == 1


def test_overlapping_passages_of_one_article_say_their_sentence_once(hit, result):
    found = hit(["One.", "Two."], best=1)
    assert len(answer_extractively(result(found, found)).citations) == 1


@pytest.mark.parametrize(("score", "quotes"), [(0.95, 1), (0.7, 2)])
def test_a_doubtful_quote_is_more_readily_joined_by_another(hit, result, score, quotes):
    first = hit(["The dam broke on Monday."], title="A", score=score, sentence_score=score)
    second = hit(["The dam broke on Tuesday."], title="B", rank=2, score=score - 0.04, sentence_score=score - 0.04)
    assert len(answer_extractively(result(first, second)).citations) == quotes


def test_a_quote_is_not_joined_by_one_that_ranking_keeps_apart(hit, result):
    first = hit(["The dam broke on Monday."], title="A")
    second = replace(hit(["The dam broke on Tuesday."], title="B", rank=2), dense=first.dense - 0.05)
    assert len(answer_extractively(result(first, second)).citations) == 1


def test_at_most_three_sentences_are_quoted(hit, result):
    hits = [hit([f"Sentence number {n} of them."], title=str(n), rank=n) for n in range(1, 8)]
    assert len(answer_extractively(result(*hits)).citations) == 3


def test_marks_in_an_article_do_not_pose_as_citations(hit, result):
    answer = answer_extractively(result(hit(["The dam [2] broke 【1】 twice [99]."])))
    marks = [piece.numbers for piece in parse_marks(answer.text, 99) if not isinstance(piece, str)]
    assert marks == [(1,)]
    assert answer.citations[0].quote == "The dam [2] broke 【1】 twice [99]."
