"""Old and new versions: when articles differ on one subject, the newest answers, and older ones are dated."""

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
"""Minimum agreement of the titles and first sentences of two articles on one subject: the mean cosine both ways.

Four pairs of reports on the same event reach 0.66 to 0.82, 900 other pairs of `evals/news/tuning` up to 0.58."""

KINDRED = 0.52
"""The same, but if the QA model finds the answer in both articles.

Of 48 further pairs in twelve languages, some across two languages, 43 reach this; of 4,500 unrelated pairs,
one does."""

SAME_STATEMENT = 0.24
"""From this value on, one sentence updates the other: half of their agreement, less how much better one answers."""

ANSWERS = -1.0
"""Log-odds of the QA model from which a sentence answers, if another article on the subject answers too.

Of 192 questions of `evals/versions/tuning` about what changed, 136 had the newer statement first, 131 with a threshold
of 0.0 and 126 with 1.0, before related articles were looked at. On questions answered by only one article, every
threshold gave the same result."""

Read = Callable[[str, str, Sequence[Article]], list[list[tuple[Passage, Vector]]]]
"""Has the QA model read articles: `Retriever.read`."""

Related = Callable[[Article, int, Filters | None], Sequence[Hit]]
"""Finds the articles nearest to one: `Retriever.related`."""

RELATED = 2
"""How many of the nearest articles may be versions, besides those that the search found.

Two: of 87 articles of `evals/versions/tuning` with another version, the version is the nearest article for 85 and the
second nearest for one."""


@dataclass(frozen=True, slots=True)
class _SentenceOdds:
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
        sentence_odds, *others_sentence_odds = self._sentences(
            result, [best.article, *(hits[0].article for hits in on_it)]
        )
        best = _answering(sentence_odds, best) or best
        stated = (
            self._version(result, best, sentence_odds, *other)
            for other in zip(on_it, others_sentence_odds, strict=True)
        )
        versions = [best, *filter(None, stated)]
        used_passages = {hit.passage.id for hit in versions}
        # Where another passage of its article answers, the sentence that was found first does not.
        found = (replace(result.hits[0], sentence_score=0.0), *result.hits[1:])
        further = [hit for hit in found if hit.passage.id not in used_passages]
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
        best_sentence_odds: Sequence[_SentenceOdds],
        hits: Sequence[Hit],
        sentence_odds: Sequence[_SentenceOdds],
    ) -> Hit | None:
        """Return the hit of another article that states the same, with the sentence that does; None if there is none.

        Args:
            result: What retrieval found.
            best: Its best hit.
            best_sentence_odds: The sentences of its article, with their log-odds.
            hits: The hits of the other article.
            sentence_odds: The sentences of that article, with their log-odds.
        """
        answering = _answering(sentence_odds, hits[0])
        if answering is not None:
            return replace(answering, score=best.score, sentence_score=best.sentence_score)
        is_newer = _published(hits[0]) > _published(best)
        is_answered = not best_sentence_odds or max(sentence.odds for sentence in best_sentence_odds) >= ANSWERS
        if is_newer and not is_answered and hits[0].score < RELEVANCE_THRESHOLD:
            # There is no answer to update: a sentence that only agrees with the best hit may not be about the question.
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
        at = int(
            np.argmax([agreed + statement.answers for agreed, (_, statement) in zip(agreement, stated, strict=True)])
        )
        other, statement = stated[at]
        worse = first.answers - statement.answers
        # A newer statement may answer better; an older one that does is another matter.
        gap = max(worse, 0.0) if is_newer else abs(worse)
        if agreement[at] - gap >= SAME_STATEMENT:
            return replace(other, sentence=statement.span, score=best.score, sentence_score=best.sentence_score)
        return hits[0] if hits[0].score >= WELL_RELEVANT else None

    def _sentences(self, result: SearchResult, articles: Sequence[Article]) -> list[list[_SentenceOdds]]:
        """Return the sentences of each article with their log-odds; no sentences without a QA model."""
        return [
            [
                _SentenceOdds(float(odds), passage, span)
                for passage, all_odds in of_article
                for odds, span in zip(all_odds, passage.sentences, strict=True)
            ]
            for of_article in self._read(result.question, result.language, articles)
        ]

    def _statement(self, hit: Hit, span: Span, question: Tokens) -> _Statement:
        tokens = self._subjects.part(hit.passage, span)
        return _Statement(span, shown_by(question, tokens), tokens)


def _answering(sentence_odds: Sequence[_SentenceOdds], hit: Hit) -> Hit | None:
    """Return the hit with a sentence of its article that answers: its own, else the best; None if none does."""
    answering = [sentence for sentence in sentence_odds if sentence.odds >= ANSWERS]
    if not answering or any(sentence.sentence == hit.sentence for sentence in answering):
        return hit if answering else None
    best = max(answering, key=attrgetter("odds"))
    return replace(hit, passage=best.passage, sentence=best.sentence)


def _agreement(first: Tokens, second: Tokens) -> float:
    return (shown_by(first, second) + shown_by(second, first)) / 2


def _differ_in_date(article: Article, other: Article) -> bool:
    return None not in (article.published, other.published) and article.published != other.published


def _published(hit: Hit) -> date:
    return hit.article.published or date.min
