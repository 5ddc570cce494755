"""Ask one question and score what comes back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article
from assistant.assistant import Assistant
from assistant.conversation.conversation import Conversation
from assistant.evaluation.answer_scores import contains, exact_match, f1, without_citation_marks
from assistant.evaluation.question_set import Question
from assistant.evaluation.ranking_scores import (
    POOL_DEPTH,
    RANKING_DEPTH,
    first_right_rank,
    passage_scores,
    pool_scores,
)
from assistant.evaluation.relevance import citation_is_right, sentence_is_right
from assistant.evaluation.report import Outcome, Place
from assistant.evaluation.stated_numbers import Source, unstated_numbers
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit, SearchResult

_Timed = TypeVar("_Timed", Answer, SearchResult)

_CONTEXT = 80
"""Characters shown on either side of a gold answer or citation."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure for each question.

    Attributes:
        articles: The articles that gold places are in, by id.
        sentences: Whether a pool of sentences is ranked, rather than passages.
        retrieval_only: Whether answers are left out.
    """

    articles: Mapping[str, Article]
    sentences: bool = False
    retrieval_only: bool = False

    @property
    def depth(self) -> int:
        """How many passages a question retrieves."""
        return min(POOL_DEPTH, len(self.articles)) if self.sentences else RANKING_DEPTH


def measure(assistant: Assistant, question: Question, task: Task) -> Outcome:
    """Ask a question over the façade and score the ranking and, unless left out, the answer.

    Args:
        assistant: Over a store with the question's articles.
        question: The question.
        task: What to measure.
    """
    asked: Assistant | Conversation = assistant
    searched: Assistant | Conversation = assistant
    if question.earlier:
        asked = _conversation(assistant, question)
        searched = assistant.conversation(asked.turns)
    answer, of_answer = None, None
    if not task.retrieval_only:
        # Before the search, which caches the encoded question: answering would then seem faster than it is.
        answer, of_answer = _timed(partial(asked.ask, question.text))
    result, of_search = _timed(partial(searched.search, question.text, task.depth))
    scores = _ranking_scores(question, result.hits, task)
    unstated: tuple[str, ...] = ()
    if answer:
        scores |= _answer_scores(question, answer)
        if answer.status is Status.ANSWERED:
            unstated = _unstated_numbers(answer)
            scores["unstated_numbers"] = float(bool(unstated))
    top = result.hits[0] if result.hits else None
    return Outcome(
        id=question.id,
        question=question.text,
        language=question.language,
        answerable=question.answerable,
        gold_answers=tuple(gold.text for gold in question.answers),
        asked_answers=tuple(gold.text for gold in question.asked_answers),
        gold=tuple(_place(task.articles[gold.article_id], gold.span, right=True) for gold in question.gold),
        rank=first_right_rank(question, result.hits) if question.gold or question.documents else None,
        score=top.score if top else 0.0,
        best=_best(top, question) if top else None,
        answer=answer.text if answer else None,
        refused=answer is not None and answer.status is not Status.ANSWERED,
        model=answer.model if answer else "",
        citations=tuple(_cited(citation, question) for citation in answer.citations) if answer else (),
        notes=answer.notes if answer else (),
        unstated_numbers=unstated,
        cited_passages=_cited_passages(answer) if answer and unstated else (),
        scores=scores,
        seconds=of_answer or of_search,
        earlier=question.earlier,
        kind=question.kind,
        target=question.target.text if question.target else "",
    )


def _timed(call: Callable[[], _Timed]) -> tuple[_Timed, dict[str, float]]:
    """Return what a call returns, with the seconds that it took, in all and by stage."""
    started = time.perf_counter()
    result = call()
    return result, {"total": time.perf_counter() - started, **result.timings}


def _conversation(assistant: Assistant, question: Question) -> Conversation:
    """Return a conversation in which the questions before this one were asked."""
    conversation = assistant.conversation()
    for earlier in question.earlier:
        conversation.ask(earlier)
    return conversation


def _ranking_scores(question: Question, hits: Sequence[Hit], task: Task) -> dict[str, float]:
    if not question.gold and not question.documents:
        return {}
    if task.sentences:
        return pool_scores(question, hits)
    scores = passage_scores(question, hits)
    rank = first_right_rank(question, hits)
    if rank and question.gold:
        scores["sentence_accuracy"] = float(sentence_is_right(hits[rank - 1], question.gold))
    return scores


def _answer_scores(question: Question, answer: Answer) -> dict[str, float]:
    # A greeting returned is no answer from the articles either.
    refused = answer.status is not Status.ANSWERED
    scores = {"refused": float(refused), "unanswerable": float(not question.answerable)}
    right = [_citation_is_right(citation, question) for citation in answer.citations]
    if right and (question.gold or question.documents or not question.answerable):
        scores["citation_precision"] = sum(right) / len(right)
    if not question.answerable:
        return scores | {"answered_unanswerable": float(not refused), "right": float(refused)}
    # The words of a refusal are no answer, whatever they are.
    words = "" if refused else without_citation_marks(answer.text)
    scores["refused_answerable"] = float(refused)
    if question.gold:
        scores["right_sentence"] = float(any(right))
    if question.answers:
        for name, score in (("exact_match", exact_match), ("f1", f1), ("contains", contains)):
            scores[name] = score(words, question.answers)
        scores["right"] = scores["contains"] * scores.get("right_sentence", 1.0)
    if question.asked_answers:
        scores["contains_asked"] = contains(words, question.asked_answers)
    if question.target:
        # Both ROUGE-1 and SQuAD's F1 are F1 over words; they differ only in the answer they compare with.
        scores["rouge1"] = f1(words, [question.target])
    return scores


def _citation_is_right(citation: Citation, question: Question) -> bool:
    return citation.article.id in question.documents or citation_is_right(citation, question.gold)


def _unstated_numbers(answer: Answer) -> tuple[str, ...]:
    sources = [Source(c.passage.text, c.article.language, c.article.published) for c in answer.citations]
    return tuple(unstated_numbers(without_citation_marks(answer.text), answer.language, sources))


def _cited_passages(answer: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(citation.passage.text for citation in answer.citations))


def _place(article: Article, span: Span, *, right: bool) -> Place:
    return Place(
        article_id=article.id,
        title=article.title,
        start=span.start,
        end=span.end,
        quote=span.of(article.text),
        before=_before(article.text[: span.start]),
        after=_after(article.text[span.end :]),
        right=right,
    )


def _before(text: str) -> str:
    """Return the last words of a text."""
    return text if len(text) <= _CONTEXT else "…" + text[-_CONTEXT:].partition(" ")[2]


def _after(text: str) -> str:
    """Return the first words of a text."""
    return text if len(text) <= _CONTEXT else text[:_CONTEXT].rpartition(" ")[0] + "…"


def _best(hit: Hit, question: Question) -> Place:
    right = hit.article.id in question.documents or sentence_is_right(hit, question.gold)
    return _place(hit.article, hit.sentence, right=right)


def _cited(citation: Citation, question: Question) -> Place:
    return _place(citation.article, Span(citation.start, citation.end), right=_citation_is_right(citation, question))
