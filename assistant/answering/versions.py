"""Old and new: of articles that say different things of one subject, the newest answers, and the older are dated."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from assistant.answering.subjects import Subjects, shown_by
from assistant.articles.article import Article
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit, Role, SearchResult
from assistant.retrieval.late_interaction import Tokens
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

SAME_SUBJECT = 0.62
"""How much the titles and first sentences of two articles on one subject agree, as a mean cosine in either direction.

Four pairs of reports on one matter reach 0.66 to 0.82, nine hundred other pairs of `evals/news/tuning` up to 0.58."""

SAME_STATEMENT = 0.24
"""Half of how much two sentences agree, less how much better one answers; from here on, one updates the other."""

_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class _Statement:
    span: Span
    answers: float
    tokens: Tokens


class Versions:
    """Tells which hits are older statements of what another hit says.

    Args:
        subjects: Knows what articles are about, and the tokens of the hits.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def newest_first(self, result: SearchResult) -> SearchResult:
        """Return a search with the newest of the statements that its best hit makes first, the older ones behind it.

        Two articles state the same thing when they are on one subject, have different dates, and a sentence of each
        answers the question about as well (a newer one may answer better) and agrees with the other. A statement of a
        year that the question names goes before a newer one.

        Args:
            result: What retrieval found.
        """
        if not result.hits or result.hits[0].score < RELEVANCE_THRESHOLD:
            return result
        best = result.hits[0]
        others = {hit.article.id: hit for hit in reversed(result.hits) if _differ_in_date(hit.article, best.article)}
        same = [hit for hit in others.values() if self._subjects.are_one(hit.article, best.article, SAME_SUBJECT)]
        versions = [best, *self._versions(result, best, same)]
        if len(versions) == 1:
            return result
        years = _YEAR.findall(result.question)
        preferred, *rest = sorted(
            versions, key=lambda hit: (str(_published(hit).year) in years, _published(hit)), reverse=True
        )
        told = {hit.passage.id for hit in versions}
        further = [hit for hit in result.hits if hit.passage.id not in told]
        first = [replace(preferred, role=Role.VERSION), *(replace(hit, role=Role.OTHER_VERSION) for hit in rest)]
        return replace(result, hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate([*first, *further], 1)))

    def _versions(self, result: SearchResult, best: Hit, others: Iterable[Hit]) -> Iterator[Hit]:
        """Yield those of the other hits that state the same, with the sentence that does, as relevant as the best."""
        for other in others:
            question = self._subjects.beyond(result.question, result.language, best.article, other.article)
            first = self._statement(best, best.sentence, question)
            stated = [self._statement(other, span, question) for span in other.passage.sentences]
            agreement = [_agreement(first.tokens, sentence.tokens) / 2 for sentence in stated]
            at = int(np.argmax([agreed + said.answers for agreed, said in zip(agreement, stated, strict=True)]))
            worse = first.answers - stated[at].answers
            # A newer statement may answer better; an older one that does is another matter.
            gap = max(worse, 0.0) if _published(other) > _published(best) else abs(worse)
            if agreement[at] - gap >= SAME_STATEMENT:
                yield replace(other, sentence=stated[at].span, score=best.score, sentence_score=best.sentence_score)

    def _statement(self, hit: Hit, span: Span, question: Tokens) -> _Statement:
        tokens = self._subjects.part(hit.passage, span)
        return _Statement(span, shown_by(question, tokens), tokens)


def _agreement(one: Tokens, other: Tokens) -> float:
    return (shown_by(one, other) + shown_by(other, one)) / 2


def _differ_in_date(article: Article, other: Article) -> bool:
    return None not in (article.published, other.published) and article.published != other.published


def _published(hit: Hit) -> date:
    return hit.article.published or date.min
