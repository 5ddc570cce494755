"""`Evidence`: all that speaks for each candidate passage, before it becomes a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.token_codec import TokenBatch
from assistant.passages.passage import Passage
from assistant.retrieval.late_interaction import QuestionTokens, best_matches, segment_starts, similarities


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each of the candidates of one question.

    Attributes:
        late: Late interaction between the question and the whole passage, shape `(candidates,)`.
        sentence: The same for the passage's best sentence, shape `(candidates,)`.
        best: Which of its sentences that is, shape `(candidates,)`.
        covered: Weight of the question's tokens that have a close counterpart in the passage, shape `(candidates,)`.
        similarity: Each passage token against each question token, shape `(passage tokens, question tokens)`.
        batch: The passages' tokens.
    """

    late: Vector
    sentence: Vector
    best: NDArray[np.int64]
    covered: Vector
    similarity: Matrix
    batch: TokenBatch


CLOSE = 0.5
"""Cosine from which two centred token vectors count as saying the same."""

MANY = 30
"""Candidates from which their median is that of passages which do not answer."""

TYPICAL_GAP = 0.2
"""What the best candidate usually has over the median one."""


def gather(question: QuestionTokens, batch: TokenBatch, centres: Matrix, passages: Sequence[Passage]) -> Evidence:
    """Compare a question with passages.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens, shape `(passages, dimension)`.
        passages: The passages.
    """
    similarity = similarities(question, batch, centres)
    by_sentence = best_matches(similarity, segment_starts(batch, [_sentence_starts(passage) for passage in passages]))
    firsts = np.cumsum([0] + [len(passage.sentences) for passage in passages])
    by_passage = np.maximum.reduceat(by_sentence, firsts[:-1], axis=0)
    scores = by_sentence @ question.weights
    best = np.array([int(scores[first:end].argmax()) for first, end in pairwise(firsts)])
    return Evidence(
        late=by_passage @ question.weights,
        sentence=scores[firsts[:-1] + best],
        best=best,
        covered=(by_passage >= CLOSE) @ question.weights,
        similarity=similarity,
        batch=batch,
    )


def calibration_features(evidence: Evidence, own_language: Sequence[bool]) -> Matrix:
    """Return the evidence as `assistant.retrieval.calibration.FEATURES` orders it, shape `(candidates, features)`."""
    together = (evidence.late + evidence.sentence) / 2
    # In a library of a few passages all of them may be about the question, and none is the usual one.
    gap = float(together.max()) - float(np.median(together)) if len(together) >= MANY else TYPICAL_GAP
    return np.column_stack(
        (
            evidence.late,
            evidence.sentence,
            evidence.covered,
            np.full(len(together), gap),
            np.asarray(own_language),
        )
    ).astype(np.float32)


def _sentence_starts(passage: Passage) -> list[int]:
    return [sentence.start - passage.start for sentence in passage.sentences]
