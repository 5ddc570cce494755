"""From evidence to scores: what candidates are ordered by, and how relevant each hit is.

The order comes from a weighted sum; `benchmarks/retrieval_ablation.py` measures what each part brings. Whether a search
has found anything is told by a logistic regression, one within a language and one between languages, which
`benchmarks/retrieval_calibration.py` fits on libraries of many sizes that do or do not answer. It tells each hit's
relevance by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.retrieval.evidence import Evidence, highest_of_article

SENTENCE_SHARE = 0.4
"""How much the best sentence counts beside the whole passage."""

LEXICAL_SHARE = 0.07
"""What the largest number of shared words adds, between passages in the question's own language."""

FOREIGN_LEXICAL_SHARE = 0.04
"""The same between passages in another language: only names and numbers can be shared there."""

HUBNESS_SHARE = 0.3
"""How much of a passage's hubness is subtracted."""

QA_LIMIT = 10.0
"""Log-odds of the QA model beyond which it is no surer."""

QA_MOST = 12.0
"""The same for relevance."""

SENTENCE_QA, FOREIGN_SENTENCE_QA = 0.2, 0.08
"""How much the QA model's `QA_LIMIT` counts for a sentence in the question's language, and in another one, beside what
that says beyond its article's subject."""

PASSAGE_QA = 0.25
"""The same for a passage, beside its score."""

USUAL = 5
"""How many of a language's best candidates tell its usual score. A language with fewer has none."""

MANY = 30
"""Candidates from which their median is that of passages which do not answer. Of fewer, all may be on the subject."""

USUAL_SCORE = 0.2
"""What stands for the median where there are few candidates."""

RELEVANCE_THRESHOLD = 0.5
"""A search has found something when its first hit's score is at least this."""

FEATURES = ("late", "gap", "few", "length", "answered", "own_language", "shared", "lexical", "closeness", "qa")
"""What `relevance` goes by, in order: late interaction with the passage in the light of its article; how far that
stands above the usual candidate; how far the candidates fall short of telling what is usual, from 0 (enough) to nearly
1 (one alone); how much all of the question's tokens say, log(1 + weight); the share of what is asked beyond the
article's subject that the best sentence says; whether question and passage are in one language, which chooses the
regression; the share of the question's words that the article holds; log(1 + BM25); how near the article's nearest
passage is to the question by pooled vectors; and what the QA model says of the sentence, in log-odds."""

STAYING_SHARE = 0.2
"""What is added to a passage of an article that the conversation speaks of, where a question follows on."""

WITHIN_ARTICLE = 0.5
"""How much a passage's own score counts between the passages of one article."""

BEYOND_SHARE = 1.0
"""How much counts there what its best sentence says beyond the article's subject."""


@dataclass(frozen=True, slots=True, eq=False)
class _Regression:
    """Weights of `FEATURES` for whether a hit answers, in log-odds."""

    weights: Vector
    bias: float


_WITHIN = _Regression(
    np.array([4.28, -2.173, 0.689, 1.257, 3.125, 0, -1.191, 0.067, 31.985, 0.413], np.float32), -8.162
)
_BETWEEN = _Regression(np.array([13.028, 1.88, 4.528, 3.11, 0, 0, 0, 0, 0, 0.407], np.float32), -18.714)
# Where no QA model reads.
_WITHIN_UNREAD = _Regression(
    np.array([-0.764, 3.53, 1.123, 1.499, 4.773, 0, 2.991, 0.119, 41.743, 0], np.float32), -11.85
)
_BETWEEN_UNREAD = _Regression(np.array([8.168, 11.817, 3.816, 3.983, 0, 0, 0, 0, 0, 0], np.float32), -23.156)


def rank_scores(
    evidence: Evidence, lexical: Sequence[float], languages: Sequence[str], question_language: str
) -> Vector:
    """Return a score for each candidate, shape `(candidates,)`; larger is better.

    Args:
        evidence: What late interaction says.
        lexical: BM25 of each candidate, 0 where it shares no word with the question.
        languages: Each candidate's language.
        question_language: The question's language.

    Shared words are compared among the passages of one language only, where they say which of them to prefer. They
    cannot set one language before another, because in a library of several languages each passage is measured by how
    far it stands above the best few of its own language: raw scores are higher for the question's own language
    whatever the passage says (the bias that LAReQA measures, arXiv 2004.05484).
    """
    scores = (1 - SENTENCE_SHARE) * evidence.late + SENTENCE_SHARE * evidence.sentence
    scores -= HUBNESS_SHARE * evidence.batch.hubness
    shared = np.asarray(lexical, np.float32)
    own = np.array([language == question_language for language in languages])
    for group, weight in ((own, LEXICAL_SHARE), (~own, FOREIGN_LEXICAL_SHARE)):
        largest = float(shared[group].max(initial=0.0))
        if largest > 0:
            scores[group] += weight * shared[group] / largest
    return _within_articles(scores - _offsets(scores, languages), evidence)


def _within_articles(scores: Vector, evidence: Evidence) -> Vector:
    """Let an article stand where its best passage stands, and its other passages behind by what they say less.

    The passage that says most about an article's subject, its lead, is seldom the one that answers.
    """
    inside = WITHIN_ARTICLE * scores + BEYOND_SHARE * evidence.beyond
    behind = highest_of_article(inside, evidence.articles) - inside
    placed: Vector = highest_of_article(scores, evidence.articles) - behind
    return placed


def qa_share(odds: Vector, share: float) -> Vector:
    """Return what the QA model adds to a score, at most `share` either way.

    Args:
        odds: What it says, in log-odds; NaN, where it has not read, adds nothing.
        share: How much it counts.

    Example:
        >>> qa_share(np.array([-20, 0, 5], np.float32), 0.5).tolist()
        [-0.5, 0.0, 0.25]
    """
    added: Vector = share / QA_LIMIT * np.clip(np.nan_to_num(odds), -QA_LIMIT, QA_LIMIT)
    return added


def relevance_features(
    evidence: Evidence,
    weight: float,
    closeness: Vector,
    own_language: NDArray[np.bool_],
    places: NDArray[np.int64],
    shared: Sequence[float],
    lexical: Sequence[float],
    qa: Vector,
) -> Matrix:
    """Return the evidence as `FEATURES` orders it, shape `(places, features)`.

    Args:
        evidence: What was gathered.
        weight: How much all tokens of the question say together.
        closeness: How near each candidate is by pooled vectors, shape `(candidates,)`.
        own_language: For each candidate, whether it is in the question's language. What is usual is told among those
            that are, and among those that are not: agreement is lower between languages.
        places: Which of the candidates to return it for.
        shared: For each place, what `shared_terms` says, or 0 in another language.
        lexical: For each place, BM25.
        qa: What the QA model says of each candidate's sentence, shape `(candidates,)`; NaN where it has not read.
    """
    gap, few = np.zeros_like(evidence.late), np.zeros_like(evidence.late)
    for group in (own_language, ~own_language):
        if group.any():
            few[group] = max(0.0, 1 - int(group.sum()) / MANY)
            usual = few[group] * USUAL_SCORE + (1 - few[group]) * float(np.median(evidence.late[group]))
            gap[group] = evidence.late[group] - usual
    return np.column_stack(
        (
            evidence.late[places],
            gap[places],
            few[places],
            np.full(len(places), np.log1p(weight)),
            evidence.answered[places],
            own_language[places],
            np.asarray(shared),
            np.log1p(lexical),
            closeness[places],
            np.clip(qa[places], -QA_MOST, QA_MOST),
        )
    ).astype(np.float32)


def relevance(features: Matrix) -> Vector:
    """Return how likely each hit is to answer the question.

    Args:
        features: A row for each hit, a column for each of `FEATURES`. Where the QA model has not read, the others tell.

    Example:
        >>> relevance(np.zeros((1, len(FEATURES)), np.float32)) < RELEVANCE_THRESHOLD
        array([ True])
    """
    own = features[:, FEATURES.index("own_language")] > 0
    unread = np.isnan(features[:, FEATURES.index("qa")])
    known = np.nan_to_num(features)
    read, by_the_rest = (
        np.where(own, known @ within.weights + within.bias, known @ between.weights + between.bias)
        for within, between in ((_WITHIN, _BETWEEN), (_WITHIN_UNREAD, _BETWEEN_UNREAD))
    )
    likely: Vector = (1 / (1 + np.exp(-np.where(unread, by_the_rest, read)))).astype(np.float32)
    return likely


def aboutness(features: Matrix) -> Vector:
    """Return how likely each hit's article speaks of what is asked: its relevance without the QA model."""
    unread = features.copy()
    unread[:, FEATURES.index("qa")] = np.nan
    return relevance(unread)


def _offsets(scores: Vector, languages: Sequence[str]) -> Vector:
    """Return how far the usual score of each candidate's language lies from that of the highest language."""
    names = np.array(languages)
    usual = {
        name: float(np.sort(scores[names == name])[-USUAL:].mean())
        for name in set(languages)
        if int((names == name).sum()) >= USUAL
    }
    if len(usual) < 2:
        return np.zeros_like(scores)
    highest = max(usual.values())
    return np.array([usual.get(name, highest) - highest for name in languages], np.float32)
