"""Old and new: of articles that say different things of one subject, the newest answers, and the older are dated."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np

from assistant.articles.article import Article
from assistant.language.sentences import split_sentences
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit, Role, SearchResult
from assistant.retrieval.late_interaction import Tokens, best_cosines
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

SAME_SUBJECT = 0.62
"""How much the titles and first sentences of two articles on one subject agree, as a mean cosine in either direction.

Four pairs of reports on one matter reach 0.66 to 0.82, nine hundred other pairs of `evals/news/tuning` up to 0.58."""

SAME_STATEMENT = 0.24
"""Half of how much two sentences agree, less how much better one answers; from here on, one updates the other."""

_KNOWN, _NEW = 0.7, 0.4
"""From the first cosine on, a word of the question is the subject's; below the second, it is the question's own."""
_SUBJECT_SHARE = 0.05
_BEGINNING = 1000
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class _Statement:
    span: Span
    answers: float
    tokens: Tokens


class Versions:
    """Tells which hits are older statements of what another hit says.

    Args:
        retriever: What found the hits; it knows their tokens.
    """

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._encoded = lru_cache(maxsize=256)(retriever.statement_tokens)

    def newest_first(self, result: SearchResult) -> SearchResult:
        """Return a search with the newest of the statements that its best hit makes first, the older ones behind it.

        Two articles state the same thing when they are on one subject, have different dates, and a sentence of each
        answers the question about as well and agrees with the other. Where the question names the year of an older
        article, or no other article states the same, the search stays as it is.

        Args:
            result: What retrieval found.
        """
        if not result.hits or result.hits[0].score < RELEVANCE_THRESHOLD:
            return result
        best = result.hits[0]
        others = {hit.article.id: hit for hit in reversed(result.hits) if _differ_in_date(hit.article, best.article)}
        same = [hit for hit in others.values() if self._on_one_subject(hit.article, best.article)]
        versions = [best, *self._versions(result, best, same)]
        if len(versions) == 1 or _asks_for_year(result.question, versions):
            return result
        newest, *older = sorted(versions, key=_published, reverse=True)
        told = {hit.passage.id for hit in versions}
        rest = [hit for hit in result.hits if hit.passage.id not in told]
        first = [replace(newest, role=Role.NEWEST), *(replace(hit, role=Role.OLDER) for hit in older)]
        return replace(result, hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate([*first, *rest], 1)))

    def _versions(self, result: SearchResult, best: Hit, others: Iterable[Hit]) -> Iterator[Hit]:
        """Yield those of the other hits that state the same, with the sentence that does, as relevant as the best."""
        for other in others:
            question = self._beyond_subject(result, best.article, other.article)
            first = self._statement(best, best.sentence, question)
            stated = [self._statement(other, span, question) for span in other.passage.sentences]
            agreement = [_agreement(first.tokens, sentence.tokens) / 2 for sentence in stated]
            at = int(np.argmax([agreed + said.answers for agreed, said in zip(agreement, stated, strict=True)]))
            if agreement[at] - abs(stated[at].answers - first.answers) >= SAME_STATEMENT:
                yield replace(other, sentence=stated[at].span, score=best.score, sentence_score=best.sentence_score)

    def _statement(self, hit: Hit, span: Span, question: Tokens) -> _Statement:
        start = hit.passage.start
        tokens = self._retriever.passage_tokens(hit.passage).within(span.start - start, span.end - start)
        return _Statement(span, _mean(question, tokens), tokens)

    def _beyond_subject(self, result: SearchResult, *articles: Article) -> Tokens:
        """Return the tokens of a question, those that only name the subject of the articles with hardly any weight."""
        question = self._retriever.statement_tokens(result.question, result.language)
        known = np.max([best_cosines(question, self._subject(article)) for article in articles], axis=0)
        own = np.clip((_KNOWN - known) / (_KNOWN - _NEW), _SUBJECT_SHARE, 1).astype(np.float32)
        return replace(question, weights=question.weights * own)

    def _on_one_subject(self, article: Article, other: Article) -> bool:
        one, another = self._subject(article), self._subject(other)
        return min(_mean(one, another), _mean(another, one)) >= SAME_SUBJECT

    def _subject(self, article: Article) -> Tokens:
        start, end = split_sentences(article.text[:_BEGINNING], article.language)[0]
        return self._encoded(f"{article.title}\n{article.text[start:end]}", article.language)


def _agreement(one: Tokens, other: Tokens) -> float:
    return (_mean(one, other) + _mean(other, one)) / 2


def _mean(looking: Tokens, found: Tokens) -> float:
    """Return how much of one text another shows, as a mean cosine."""
    return float(best_cosines(looking, found) @ looking.shares)


def _differ_in_date(article: Article, other: Article) -> bool:
    return None not in (article.published, other.published) and article.published != other.published


def _published(hit: Hit) -> date:
    return hit.article.published or date.min


def _asks_for_year(question: str, versions: Iterable[Hit]) -> bool:
    return not {str(_published(hit).year) for hit in versions}.isdisjoint(_YEAR.findall(question))
