"""From evidence to scores: what candidates are ranked by, and how relevant each hit is.

Candidates are ranked by a weighted sum; `benchmarks/retrieval_ablation.py` measures what each part brings. How likely
a hit answers is predicted by a logistic regression, one for passages in the question's language and one for passages in
others. `benchmarks/retrieval_calibration.py` fits them on libraries of many sizes, with and without an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.retrieval.evidence import Evidence, highest_of_article

SENTENCE_SHARE = 0.4
"""Weight of the best sentence's score; the whole passage's score has the rest."""

LEXICAL_SHARE = 0.07
"""What the largest BM25 score adds among passages in the question's language; smaller ones add in proportion."""

FOREIGN_LEXICAL_SHARE = 0.04
"""What the largest BM25 score adds among passages in other languages, which can share only names and numbers."""

HUBNESS_SHARE = 0.3
"""How much of a passage's hubness is subtracted from its score."""

QA_CLIP_RANKING = 10.0
"""The QA model's log-odds are clipped to this size, either way, before they change the ranking."""

QA_CLIP_RELEVANCE = 12.0
"""The QA model's log-odds are clipped to this size, either way, as a feature of relevance."""

SENTENCE_QA, FOREIGN_SENTENCE_QA = 0.2, 0.08
"""What the QA model's highest log-odds (`QA_CLIP_RANKING`) add to a sentence's score within its passage: for a passage
in the question's language, and for one in another language."""

PASSAGE_QA = 0.25
"""What the QA model's highest log-odds (`QA_CLIP_RANKING`) add to a passage's score."""

TOP_FOR_LANGUAGE_MEAN = 5
"""A language's usual score is the mean of so many of its best candidates. A language with fewer has none."""

MIN_CANDIDATES_FOR_MEDIAN = 30
"""With at least so many candidates, their median score is that of passages which do not answer. With fewer, all of them
may be on the subject."""

USUAL_SCORE = 0.2
"""Stands for the median where there are few candidates."""

RELEVANCE_THRESHOLD = 0.5
"""A search has found something when its first hit's score is at least this."""

FEATURES = ("late", "gap", "few", "length", "answered", "own_language", "shared", "lexical", "closeness", "ahead", "qa")
"""The features of `relevance`, in the order of its columns:

- `late`: late interaction between the question and the passage together with its article's subject;
- `gap`: how far `late` stands above the usual candidate's;
- `few`: how far the candidates fall short of `MIN_CANDIDATES_FOR_MEDIAN`, from 0 (enough) to nearly 1 (a single one);
- `length`: log(1 + total weight of the question's tokens);
- `answered`: the share of what is asked beyond the article's subject that the best sentence says;
- `own_language`: 1 if question and passage are in one language, else 0; it chooses the regression;
- `shared`: the share of the question's words that the article contains;
- `lexical`: log(1 + BM25);
- `closeness`: how near the article's nearest passage is to the question by pooled vectors;
- `ahead`: how much more of the question its article says than any other article, at most `ENOUGH_AHEAD`; 0 where it is
  the only one;
- `qa`: the QA model's log-odds that the sentence answers."""

ENOUGH_AHEAD = 0.1
"""More than that, an article need not be ahead of the others: several may report the same matter."""

PREFERRED_ARTICLE_BONUS = 0.2
"""Added to the score of each passage of a preferred article: one that the conversation speaks of, where a question
follows on."""

WITHIN_ARTICLE = 0.5
"""Weight of a passage's own score when the passages of one article are ordered."""

BEYOND_SHARE = 1.0
"""Weight, when the passages of one article are ordered, of what the best sentence says beyond the article's subject."""


@dataclass(frozen=True, slots=True, eq=False)
class _Regression:
    """Weights of `FEATURES` for whether a hit answers, in log-odds."""

    weights: Vector
    bias: float


_WITHIN = _Regression(
    np.array([4.28, -2.173, 0.689, 1.257, 3.125, 0, -1.191, 0.067, 31.985, 0, 0.413], np.float32), -8.162
)
_BETWEEN = _Regression(np.array([9.43, 3.939, 4.75, 3.299, 0, 0, 0, 0, 0, 2.951, 0.41], np.float32), -18.636)
# For hits that the QA model has not read.
_WITHIN_UNREAD = _Regression(
    np.array([-0.764, 3.53, 1.123, 1.499, 4.773, 0, 2.991, 0.119, 41.743, 0, 0], np.float32), -11.85
)
_BETWEEN_UNREAD = _Regression(np.array([8.168, 11.817, 3.816, 3.983, 0, 0, 0, 0, 0, 0, 0], np.float32), -23.156)


def rank_scores(
    evidence: Evidence, lexical: Sequence[float], languages: Sequence[str], question_language: str
) -> Vector:
    """Return a score for each candidate, shape `(candidates,)`; larger is better.

    Args:
        evidence: What speaks for each candidate.
        lexical: BM25 of each candidate, 0 where it shares no word with the question.
        languages: Each candidate's language.
        question_language: The question's language.

    BM25 scores are compared only among passages of one language, where they show which of them to prefer. They cannot
    rank one language above another: in a library of several languages, each passage is measured by how far it stands
    above the best few of its own language. Raw scores are higher for the question's own language whatever the passage
    says (the bias that LAReQA measures, arXiv 2004.05484).
    """
    scores = (1 - SENTENCE_SHARE) * evidence.passage_score + SENTENCE_SHARE * evidence.best_sentence_score
    scores -= HUBNESS_SHARE * evidence.batch.hubness
    bm25 = np.asarray(lexical, np.float32)
    same_language = np.array([language == question_language for language in languages])
    for group, weight in ((same_language, LEXICAL_SHARE), (~same_language, FOREIGN_LEXICAL_SHARE)):
        largest = float(bm25[group].max(initial=0.0))
        if largest > 0:
            scores[group] += weight * bm25[group] / largest
    return _within_articles(scores - _offsets(scores, languages), evidence)


def _within_articles(scores: Vector, evidence: Evidence) -> Vector:
    """Rank an article by its best passage. Its other passages follow, ordered by their own scores.

    What the best sentence says beyond the article's subject counts in that order too: the passage that says most about
    the subject, the lead, seldom answers.
    """
    inside = WITHIN_ARTICLE * scores + BEYOND_SHARE * evidence.best_beyond_subject
    behind = highest_of_article(inside, evidence.articles) - inside
    placed: Vector = highest_of_article(scores, evidence.articles) - behind
    return placed


def qa_share(odds: Vector, share: float) -> Vector:
    """Return what the QA model adds to scores, between `-share` and `share`.

    Args:
        odds: The QA model's log-odds; NaN, where it has not read, adds nothing.
        share: What the highest log-odds add.

    Example:
        >>> qa_share(np.array([-20, 0, 5], np.float32), 0.5).tolist()
        [-0.5, 0.0, 0.25]
    """
    added: Vector = share / QA_CLIP_RANKING * np.clip(np.nan_to_num(odds), -QA_CLIP_RANKING, QA_CLIP_RANKING)
    return added


def relevance_features(
    evidence: Evidence,
    weight: float,
    closeness: Vector,
    same_language: NDArray[np.bool_],
    places: NDArray[np.int64],
    shared: Sequence[float],
    lexical: Sequence[float],
    covered: Vector,
    qa: Vector,
) -> Matrix:
    """Return the evidence as `FEATURES` orders it, shape `(places, features)`.

    Args:
        evidence: What speaks for each candidate.
        weight: The total weight of the question's tokens.
        closeness: How near each candidate's article is by pooled vectors, shape `(candidates,)`.
        same_language: Which candidates are in the question's language, shape `(candidates,)`. The usual score of these
            and that of the others are computed apart: late interaction is lower between languages.
        places: Indices of the candidates to return features for.
        shared: For each of these, the result of `shared_terms`, or 0 in another language.
        lexical: For each of these, BM25.
        covered: How much of the question each article says, shape `(articles,)`.
        qa: The QA model's log-odds for each candidate's best sentence, shape `(candidates,)`; NaN where it has not
            read.
    """
    gap, few = np.zeros_like(evidence.passage_score), np.zeros_like(evidence.passage_score)
    for group in (same_language, ~same_language):
        if group.any():
            few[group] = max(0.0, 1 - int(group.sum()) / MIN_CANDIDATES_FOR_MEDIAN)
            usual = few[group] * USUAL_SCORE + (1 - few[group]) * float(np.median(evidence.passage_score[group]))
            gap[group] = evidence.passage_score[group] - usual
    articles = evidence.articles[places]
    of_others = covered * (np.arange(len(covered)) != articles[:, None])
    ahead = covered[articles] - of_others.max(axis=1) if len(covered) > 1 else np.zeros(len(places), np.float32)
    return np.column_stack(
        (
            evidence.passage_score[places],
            gap[places],
            few[places],
            np.full(len(places), np.log1p(weight)),
            evidence.question_coverage[places],
            same_language[places],
            np.asarray(shared),
            np.log1p(lexical),
            closeness[places],
            np.minimum(ahead, ENOUGH_AHEAD),
            np.clip(qa[places], -QA_CLIP_RELEVANCE, QA_CLIP_RELEVANCE),
        )
    ).astype(np.float32)


def relevance(features: Matrix) -> Vector:
    """Return how likely each hit is to answer the question.

    Args:
        features: A row for each hit, a column for each of `FEATURES`. Where `qa` is NaN, the QA model has not read the
            hit, and a regression without it is used.

    Example:
        >>> relevance(np.zeros((1, len(FEATURES)), np.float32)) < RELEVANCE_THRESHOLD
        array([ True])
    """
    same_language = features[:, FEATURES.index("own_language")] > 0
    unread = np.isnan(features[:, FEATURES.index("qa")])
    known = np.nan_to_num(features)
    with_qa, without_qa = (
        np.where(same_language, known @ within.weights + within.bias, known @ between.weights + between.bias)
        for within, between in ((_WITHIN, _BETWEEN), (_WITHIN_UNREAD, _BETWEEN_UNREAD))
    )
    probabilities: Vector = (1 / (1 + np.exp(-np.where(unread, without_qa, with_qa)))).astype(np.float32)
    return probabilities


def aboutness(features: Matrix) -> Vector:
    """Return how likely each hit's article is about what is asked: the hit's relevance without the QA model."""
    unread = features.copy()
    unread[:, FEATURES.index("qa")] = np.nan
    return relevance(unread)


def _offsets(scores: Vector, languages: Sequence[str]) -> Vector:
    """Return the usual score of each candidate's language, minus the highest usual score of any language."""
    names = np.array(languages)
    usual = {
        name: float(np.sort(scores[names == name])[-TOP_FOR_LANGUAGE_MEAN:].mean())
        for name in set(languages)
        if int((names == name).sum()) >= TOP_FOR_LANGUAGE_MEAN
    }
    if len(usual) < 2:
        return np.zeros_like(scores)
    highest = max(usual.values())
    return np.array([usual.get(name, highest) - highest for name in languages], np.float32)
