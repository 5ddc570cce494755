"""Scores of single answers, also of such as the assistant would rather not give."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.answering.answer import Status
from assistant.evaluation.measuring import Task, measure
from assistant.evaluation.question_set import GoldAnswer, Question
from assistant.retrieval.hit import SearchResult


class OneAnswer:
    """An assistant that finds one hit and gives one answer."""

    def __init__(self, hit, answer, turns=()):
        self._hit = hit
        self._answer = answer
        self.turns = turns
        self.called = []

    def search(self, question, k):
        self.called.append(("search", question, self.turns))
        return SearchResult(question, "en", (self._hit,), {})

    def ask(self, question):
        self.called.append(("ask", question, self.turns))
        self.turns = (*self.turns, question)
        return self._answer

    def conversation(self, turns=()):
        begun = OneAnswer(self._hit, self._answer, turns)
        begun.called = self.called
        return begun


@pytest.fixture
def scored(article, make):
    """Return a function that measures one answer about the article, which cites its first sentence."""

    def score(text, *, status=Status.ANSWERED, published=None, cites=True):
        dated = replace(article, published=published)
        citations = (make.citation(dated, 0, 24),) if cites else ()
        answers = (GoldAnswer("11 November 2026", "en"), GoldAnswer("11 نوفمبر 2026", "ar"))
        question = replace(make.question(dated, "11 November 2026"), answers=answers)
        assistant = OneAnswer(make.hit(dated), make.answer(text, *citations, status=status))
        return measure(assistant, question, Task({dated.id: dated}))

    return score


def test_a_number_may_stand_anywhere_in_the_cited_passage(scored):
    outcome = scored("It opens on 11 November 2026 [1].")
    assert outcome.scores["unstated_numbers"] == 0
    assert outcome.unstated_numbers == ()
    assert outcome.cited_passages == ()


def test_an_invented_number_is_told_with_the_passages(scored, article):
    outcome = scored("It opens on 11 November 2026 with 40 guests [1].")
    assert outcome.scores["unstated_numbers"] == 1
    assert outcome.unstated_numbers == ("40",)
    assert outcome.cited_passages == (article.text,)
    assert outcome.failed


def test_marks_are_no_numbers_and_the_date_of_publication_is_stated(scored):
    assert scored("It opens today (7 March 2025) [1].").unstated_numbers == ("7", "2025")
    assert scored("It opens today (7 March 2025) [1].", published=date(2025, 3, 7)).unstated_numbers == ()


def test_an_answer_without_citations_states_all_its_numbers_itself(scored):
    assert scored("In 2026.", cites=False).unstated_numbers == ("2026",)


def test_refusals_are_left_out(scored):
    refusal = scored("Not in the 3 articles.", status=Status.NOT_FOUND, cites=False)
    assert "unstated_numbers" not in refusal.scores
    assert refusal.unstated_numbers == ()
    assert refusal.scores["contains_asked"] == 0


def test_only_gold_in_the_language_of_the_question_counts_as_asked(scored):
    english, arabic = scored("On 11 November 2026 [1]."), scored("في 11 نوفمبر 2026 [1].")
    assert (english.scores["contains"], english.scores["contains_asked"]) == (1, 1)
    assert (arabic.scores["contains"], arabic.scores["contains_asked"]) == (1, 0)
    assert english.asked_answers == ("11 November 2026",)


def test_right_is_the_gold_in_the_answer_and_in_the_quote(scored):
    # The answers cite the first sentence, which does not hold the date.
    assert scored("On 11 November 2026 [1].").scores["right"] == 0
    assert scored("On 11 November 2026 [1].").scores["right_sentence"] == 0
    assert scored("Not in the 3 articles.", status=Status.NOT_FOUND, cites=False).scores["refused_answerable"] == 1


def test_an_answer_to_an_unanswerable_question_is_wrong(article, make):
    question = Question("q", "Who?", "en", (), (), answerable=False)
    for status, right in ((Status.ANSWERED, 0), (Status.NOT_FOUND, 1)):
        assistant = OneAnswer(make.hit(article), make.answer("Putin.", status=status))
        scores = measure(assistant, question, Task({article.id: article})).scores
        assert (scores["right"], scores["answered_unanswerable"]) == (right, 1 - right)
        assert "refused_answerable" not in scores


def test_a_target_is_compared_by_words_and_documents_need_no_quote(article, make):
    target = GoldAnswer("It is in Moscow, on 11 November.", "en")
    question = Question("q", "Where?", "en", (), (), documents=frozenset({article.id}), target=target)
    assistant = OneAnswer(make.hit(article), make.answer("The summit is in Moscow [1].", make.citation(article, 0, 24)))
    outcome = measure(assistant, question, Task({article.id: article}))
    # "summit is in Moscow" shares three of its four words, of seven in the target.
    assert outcome.scores["rouge1"] == pytest.approx(2 * 3 / (4 + 7))
    assert (outcome.scores["citation_precision"], outcome.scores["recall@1"], outcome.rank) == (1, 1, 1)
    assert not {"contains", "right", "right_sentence"} & set(outcome.scores)


def test_a_question_is_answered_before_a_search_has_encoded_it(article, make):
    question = make.question(article, "11 November 2026")
    assistant = OneAnswer(make.hit(article), make.answer("On 11 November 2026."))
    task = Task({article.id: article})
    measure(assistant, question, task)
    assert [name for name, *_ in assistant.called] == ["ask", "search"]

    assistant.called.clear()
    measure(assistant, replace(question, earlier=("Who?",)), task)
    assert assistant.called == [
        ("ask", "Who?", ()),
        ("ask", question.text, ("Who?",)),
        ("search", question.text, ("Who?",)),
    ]
