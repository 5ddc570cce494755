"""Old and new: of articles that say different things of one subject, the newest answers, and the older are dated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

import numpy as np

from assistant.answering.relevance import WELL_RELEVANT
from assistant.answering.subjects import Subjects, shown_by
from assistant.articles.article import Article
from assistant.articles.dates import years_in
from assistant.embedding.encoder import Vector
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit, Role, SearchResult, ranked
from assistant.retrieval.late_interaction import Tokens
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD
from assistant.store.passage_store import Filters

SAME_SUBJECT = 0.62
"""How much the titles and first sentences of two articles on one subject agree, as a mean cosine in either direction.

Four pairs of reports on one matter reach 0.66 to 0.82, nine hundred other pairs of `evals/news/tuning` up to 0.58."""

KINDRED = 0.52
"""The same where the QA model finds the answer in both. Of 48 further pairs in twelve languages, some in two, 43 reach
this, and one of 4,500 pairs that are none."""

SAME_STATEMENT = 0.24
"""Half of how much two sentences agree, less how much better one answers; from here on, one updates the other."""

ANSWERS = -1.0
"""Log-odds of the QA model from which a sentence states what is asked, where another article on the subject answers it.

Of 192 questions of `evals/versions/tuning` on what changed 136 had the newer statement first, 131 with 0.0 and 126
with 1.0, before related articles were looked at; of those that one article alone answers the same had the right one."""

Read = Callable[[str, str, Sequence[Article]], list[list[tuple[Passage, Vector]]]]
"""Has the QA model read articles: `Retriever.read`."""

Related = Callable[[Article, int, Filters | None], Sequence[Hit]]
"""Finds the articles nearest to one: `Retriever.related`."""

RELATED = 2
"""So many of them may be versions, besides those that the search found: of 87 articles of `evals/versions/tuning` with
another on their subject that is the nearest one of 85, and the second of one."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence with the log-odds of the QA model that it answers."""

    odds: float
    passage: Passage
    sentence: Span


@dataclass(frozen=True, slots=True)
class _Statement:
    span: Span
    answers: float
    tokens: Tokens


class Versions:
    """Tells which hits are older statements of what another hit says.

    Args:
        subjects: Knows what articles are about, and the tokens of the hits.
        read: Says which sentences of articles answer a question.
        related: Finds the articles that are nearest to one.
    """

    def __init__(self, subjects: Subjects, read: Read, related: Related) -> None:
        self._subjects = subjects
        self._read = read
        self._related = related

    def newest_first(self, result: SearchResult, filters: Filters | None) -> SearchResult:
        """Return a search with the newest of the statements that its best hit makes first, the older ones behind it.

        Two articles state the same thing when they are on one subject, have different dates, and the QA model finds
        that both answer the question; or when both are most likely to, or have sentences that agree and answer it about
        as well (a newer one may answer better). A statement of a year that the question names goes before a newer one.

        Args:
            result: What retrieval found.
            filters: Which articles may be used besides.
        """
        if not result.hits or result.hits[0].score < RELEVANCE_THRESHOLD:
            return result
        best = result.hits[0]
        others: dict[str, list[Hit]] = {}
        # Between two languages a search may miss the newer one; the two articles themselves are near each other.
        for hit in (*result.hits, *self._related(best.article, RELATED, filters)):
            if hit.role is not Role.OTHER_READING and _differ_in_date(hit.article, best.article):
                others.setdefault(hit.article.id, []).append(hit)
        on_it = [hits for hits in others.values() if self._subjects.are_one(hits[0].article, best.article, KINDRED)]
        if not on_it:
            return result
        said, *others_said = self._sentences(result, [best.article, *(hits[0].article for hits in on_it)])
        best = _answering(said, best) or best
        stated = (self._version(result, best, said, *other) for other in zip(on_it, others_said, strict=True))
        versions = [best, *filter(None, stated)]
        told = {hit.passage.id for hit in versions}
        # Where another passage of its article answers, the sentence that was found first does not.
        found = (replace(result.hits[0], sentence_score=0.0), *result.hits[1:])
        further = [hit for hit in found if hit.passage.id not in told]
        if len(versions) == 1:
            return replace(result, hits=ranked([best, *further]))
        years = years_in(result.question)
        preferred, *rest = sorted(
            versions, key=lambda hit: (_published(hit).year in years, _published(hit)), reverse=True
        )
        first = [replace(preferred, role=Role.VERSION), *(replace(hit, role=Role.OTHER_VERSION) for hit in rest)]
        return replace(result, hits=ranked([*first, *further]))

    def _version(
        self,
        result: SearchResult,
        best: Hit,
        best_said: Sequence[_Said],
        hits: Sequence[Hit],
        said: Sequence[_Said],
    ) -> Hit | None:
        """Return which of the hits of another article states the same, with the sentence that does, if one does.

        Args:
            result: What retrieval found.
            best: Its best hit.
            best_said: What the QA model says of the sentences of its article.
            hits: Those of the other article.
            said: What it says of that one's sentences.
        """
        answering = _answering(said, hits[0])
        if answering is not None:
            return replace(answering, score=best.score, sentence_score=best.sentence_score)
        is_newer = _published(hits[0]) > _published(best)
        is_answered = not best_said or max(one.odds for one in best_said) >= ANSWERS
        if is_newer and not is_answered and hits[0].score < RELEVANCE_THRESHOLD:
            # There is no answer to update: what only agrees with the best hit may say nothing of what is asked.
            return None
        if not self._subjects.are_one(hits[0].article, best.article, SAME_SUBJECT):
            return None
        question = self._subjects.beyond(result.question, result.language, best.article, hits[0].article)
        first = self._statement(best, best.sentence, question)
        relevant = [hit for hit in hits if hit.score >= RELEVANCE_THRESHOLD]
        stated = [
            (hit, self._statement(hit, span, question)) for hit in relevant or hits for span in hit.passage.sentences
        ]
        agreement = [_agreement(first.tokens, statement.tokens) / 2 for _, statement in stated]
        at = int(np.argmax([agreed + said.answers for agreed, (_, said) in zip(agreement, stated, strict=True)]))
        other, statement = stated[at]
        worse = first.answers - statement.answers
        # A newer statement may answer better; an older one that does is another matter.
        gap = max(worse, 0.0) if is_newer else abs(worse)
        if agreement[at] - gap >= SAME_STATEMENT:
            return replace(other, sentence=statement.span, score=best.score, sentence_score=best.sentence_score)
        return hits[0] if hits[0].score >= WELL_RELEVANT else None

    def _sentences(self, result: SearchResult, articles: Sequence[Article]) -> list[list[_Said]]:
        """Return of each article the sentences that the QA model reads, with what it says of each; none without one."""
        return [
            [
                _Said(float(odds), passage, span)
                for passage, said in of_article
                for odds, span in zip(said, passage.sentences, strict=True)
            ]
            for of_article in self._read(result.question, result.language, articles)
        ]

    def _statement(self, hit: Hit, span: Span, question: Tokens) -> _Statement:
        tokens = self._subjects.part(hit.passage, span)
        return _Statement(span, shown_by(question, tokens), tokens)


def _answering(said: Sequence[_Said], hit: Hit) -> Hit | None:
    """Return a hit with the sentence of its article that answers, its own if that does; None if none does."""
    answering = [one for one in said if one.odds >= ANSWERS]
    if not answering or any(one.sentence == hit.sentence for one in answering):
        return hit if answering else None
    best = max(answering, key=attrgetter("odds"))
    return replace(hit, passage=best.passage, sentence=best.sentence)


def _agreement(one: Tokens, other: Tokens) -> float:
    return (shown_by(one, other) + shown_by(other, one)) / 2


def _differ_in_date(article: Article, other: Article) -> bool:
    return None not in (article.published, other.published) and article.published != other.published


def _published(hit: Hit) -> date:
    return hit.article.published or date.min
