"""Late interaction: every token of the question looks for its best counterpart in a passage.

Source: Khattab and Zaharia, "ColBERT", arXiv 2004.12832 (MaxSim). Here without training: tokens are compared after each
language's mean token vector has been subtracted, and question tokens count by their inverse document frequency.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.token_codec import TokenBatch

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class QuestionTokens:
    """A question, ready for comparison.

    Attributes:
        vectors: Centred token vectors of unit length in the codec's dimensions, shape `(tokens, dimension)`.
        weights: How much each token counts, shape `(tokens,)`; they sum to 1.
    """

    vectors: Matrix
    weights: Vector

    def lessened(self, which: NDArray[np.bool_], share: float) -> "QuestionTokens":
        """Return the same tokens, some of which count only a share of what they did.

        Args:
            which: Those that are to count less, shape `(tokens,)`. If it is all of them, nothing changes.
            share: What is left of their weight, over 0.
        """
        weights = np.where(which, share, 1.0).astype(np.float32) * self.weights
        return QuestionTokens(self.vectors, weights / max(float(weights.sum()), _SMALLEST))


def unit(vectors: Matrix) -> Matrix:
    """Scale the last axis to length 1; zero vectors stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Matrix = (vectors / np.maximum(lengths, _SMALLEST)).astype(np.float32, copy=False)
    return scaled


@dataclass(frozen=True, slots=True)
class Centres:
    """What is subtracted from the tokens of each passage.

    Attributes:
        vectors: The different centres, shape `(centres, dimension)`.
        of_passage: Which of them is each passage's, shape `(passages,)`.
    """

    vectors: Matrix
    of_passage: NDArray[np.int64]


def similarities(question: QuestionTokens, batch: TokenBatch, centres: Centres) -> Matrix:
    """Return the cosine of every passage token with every question token, shape `(passage tokens, question tokens)`.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
    """
    # cos(q, p - c) = (q·p - q·c) / |p - c|: subtracting after the product spares a pass over all vectors.
    counts = np.diff(batch.starts)
    others = np.concatenate((question.vectors, centres.vectors)).T
    products = np.empty((len(batch.steps), others.shape[1]), np.float32)
    squares = np.empty(len(products), np.float32)
    # One passage at a time: its floating-point copy stays in the processor's cache.
    for levels, start, end in zip(batch.levels, batch.starts[:-1], batch.starts[1:], strict=True):
        values = levels.astype(np.float32)
        np.matmul(values, others, out=products[start:end])
        np.einsum("td,td->t", values, values, out=squares[start:end])
    products *= batch.steps[:, None]
    squares *= batch.steps**2
    columns = len(question.vectors)
    centre_of_token = np.repeat(centres.of_passage, counts)
    crossings = products[np.arange(len(products)), columns + centre_of_token]
    lengths = squares - 2 * crossings + np.einsum("cd,cd->c", centres.vectors, centres.vectors)[centre_of_token]
    found = products[:, :columns]
    found -= (centres.vectors @ question.vectors.T)[centre_of_token]
    found /= np.sqrt(np.maximum(lengths, _SMALLEST))[:, None]
    return found


def best_matches(similarity: Matrix, starts: NDArray[np.int64]) -> Matrix:
    """Return for each segment the best similarity of each question token, shape `(segments, question tokens)`.

    Args:
        similarity: What `similarities` gave.
        starts: Where each segment begins, ascending, with the number of all tokens behind the last. A segment without
            tokens gets zeros.
    """
    filled = np.flatnonzero(np.diff(starts))
    best = np.zeros((len(starts) - 1, similarity.shape[1]), np.float32)
    if len(filled):
        best[filled] = np.maximum.reduceat(similarity, starts[filled], axis=0)
    return best


def segment_starts(batch: TokenBatch, segments: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return where each passage's segments begin among the batch's tokens, for `best_matches`.

    Args:
        batch: The passages' tokens.
        segments: For each passage, the characters of its text at which its segments (sentences) begin, ascending.
    """
    found: list[NDArray[np.int64]] = []
    for number, characters in enumerate(segments):
        start, end = batch.starts[number], batch.starts[number + 1]
        # A token belongs to the sentence that its last character lies in: some begin with the space before the word.
        places = np.searchsorted(batch.offsets[start:end, 1], np.asarray(characters), side="right")
        places[:1] = 0
        found.append(start + places)
    return np.concatenate([*found, batch.starts[-1:]]).astype(np.int64)
