"""`Evidence`: all that speaks for each candidate passage, before it becomes a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.hubness import CLOSE, agreement
from assistant.embedding.token_codec import TokenBatch
from assistant.language.normalise import normalise
from assistant.passages.passage import Passage
from assistant.retrieval.late_interaction import Centres, QuestionTokens, best_matches, segment_starts, similarities


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each of the candidates of one question.

    Attributes:
        late: Late interaction between the question and the whole passage, shape `(candidates,)`.
        sentence: The same for the passage's best sentence, shape `(candidates,)`.
        best: Which of its sentences that is, shape `(candidates,)`.
        covered: Weight of the question's tokens that have a close counterpart in the passage, shape `(candidates,)`.
        weakest: The best cosine of the weighty token that finds least in the passage, shape `(candidates,)`.
        dated: `DATED` where the question asks for a time and that sentence names a number, shape `(candidates,)`.
        similarity: Each passage token against each question token, shape `(passage tokens, question tokens)`.
        batch: The passages' tokens.
    """

    late: Vector
    sentence: Vector
    best: NDArray[np.int64]
    covered: Vector
    weakest: Vector
    dated: Vector
    similarity: Matrix
    batch: TokenBatch


HEAVY = 0.75
"""Tokens with at least this share of the largest weight are the weighty ones: a question's names and subjects."""

DATED = 0.02
"""What a number adds to a sentence when the question asks for a time: enough to decide between near equals."""

MANY = 30
"""Candidates from which their median is that of passages which do not answer. Of fewer, all may be on the subject."""

USUAL_SCORE = 0.2
"""What stands for the median where there are few candidates."""


def gather(
    question: QuestionTokens,
    batch: TokenBatch,
    centres: Centres,
    passages: Sequence[Passage],
    *,
    asks_time: bool = False,
) -> Evidence:
    """Compare a question with passages.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
        passages: The passages.
        asks_time: Whether the question asks when something happens.
    """
    similarity = similarities(question, batch, centres)
    matches = best_matches(similarity, segment_starts(batch, [_sentence_starts(passage) for passage in passages]))
    firsts = np.cumsum([0] + [len(passage.sentences) for passage in passages])
    by_passage = np.maximum.reduceat(matches, firsts[:-1], axis=0)
    heavy = question.weights >= HEAVY * question.weights.max()
    scores = agreement(matches) @ question.weights
    dated = DATED * _name_numbers(passages) if asks_time else np.zeros_like(scores)
    best = np.array([int((scores + dated)[first:end].argmax()) for first, end in pairwise(firsts)])
    return Evidence(
        late=agreement(by_passage) @ question.weights,
        sentence=scores[firsts[:-1] + best],
        best=best,
        covered=(by_passage >= CLOSE) @ question.weights,
        weakest=by_passage[:, heavy].min(axis=1),
        dated=dated[firsts[:-1] + best],
        similarity=similarity,
        batch=batch,
    )


def shared_terms(terms: Sequence[str], text: str) -> float:
    """Return the share of a question's words that stand in a text of its language, if only within another word.

    Args:
        terms: The question's words and stems, as `assistant.language.terms.index_terms` gives them.
        text: Any text.

    Example:
        >>> shared_terms(["summit", "kazan"], "The summits were held in Moscow.")
        0.5
    """
    # Splitting the text into words and stemming them takes three times as long and tells no more.
    normalised = _normalised(text)
    return sum(term in normalised for term in terms) / max(len(terms), 1)


def calibration_features(
    evidence: Evidence,
    own_language: NDArray[np.bool_],
    places: NDArray[np.int64],
    shared: Sequence[float],
    lexical: Sequence[float],
) -> Matrix:
    """Return the evidence as `assistant.retrieval.calibration.FEATURES` orders it, shape `(places, features)`.

    Args:
        evidence: What was gathered.
        own_language: For each candidate, whether it is in the question's language. What is usual is told among those
            that are, and among those that are not: agreement is lower between languages.
        places: Which of the candidates to return it for.
        shared: For each place, what `shared_terms` says, or 0 in another language.
        lexical: For each place, BM25.
    """
    together = (evidence.late + evidence.sentence) / 2
    gap, few = np.zeros_like(together), np.zeros_like(together)
    for group in (own_language, ~own_language):
        if group.any():
            few[group] = max(0.0, 1 - int(group.sum()) / MANY)
            usual = few[group] * USUAL_SCORE + (1 - few[group]) * float(np.median(together[group]))
            gap[group] = together[group].max() - usual
    return np.column_stack(
        (
            evidence.late[places],
            evidence.sentence[places],
            evidence.covered[places],
            evidence.weakest[places],
            gap[places],
            own_language[places],
            np.asarray(shared),
            np.log1p(lexical),
            few[places],
        )
    ).astype(np.float32)


@lru_cache(maxsize=1024)
def _normalised(text: str) -> str:
    return normalise(text)


def _sentence_starts(passage: Passage) -> list[int]:
    return [sentence.start - passage.start for sentence in passage.sentences]


def _name_numbers(passages: Sequence[Passage]) -> Vector:
    """Return 1 for each sentence that names a number, else 0, shape `(sentences,)`."""
    return np.array(
        [
            any(map(str.isdecimal, passage.text[sentence.start - passage.start : sentence.end - passage.start]))
            for passage in passages
            for sentence in passage.sentences
        ],
        np.float32,
    )
