"""Late interaction: each token of one text is compared with its nearest token in another, whatever their languages.

Source: Khattab and Zaharia, "ColBERT", arXiv 2004.12832 (MaxSim). Token vectors come from `language_centring.py`, which
subtracts each language's mean; tokens are weighted by their inverse document frequency. Questions are compared with
candidate passages, and claims with the sentences that may support them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.token_codec import TokenBatch
from assistant.passages.passage import Span

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one text, ready for comparison.

    Attributes:
        vectors: The token vectors, centred and of unit length, in the codec's dimensions, shape `(tokens, dimension)`.
        weights: The inverse document frequency of each token, shape `(tokens,)`.
        offsets: Where each token begins and ends in the text, in characters, shape `(tokens, 2)`.
    """

    vectors: Matrix
    weights: Vector
    offsets: NDArray[np.int32]

    @property
    def shares(self) -> Vector:
        """Each token's share of the text's total weight; they sum to 1 unless all weights are 0."""
        shares: Vector = self.weights / max(float(self.weights.sum()), _SMALLEST)
        return shares

    def chosen(self, which: NDArray[np.bool_]) -> "Tokens":
        """Return only the tokens for which `which`, of shape `(tokens,)`, is true."""
        return Tokens(self.vectors[which], self.weights[which], self.offsets[which])

    def within(self, start: int, end: int) -> "Tokens":
        """Return the tokens of the text from `start` to `end`, with their places counted from `start`."""
        part = self.chosen(self.lie_in(Span(start, end)))
        return replace(part, offsets=np.clip(part.offsets - start, 0, end - start))

    def lie_in(self, part: Span) -> NDArray[np.bool_]:
        """Return which tokens overlap a part of the text, shape `(tokens,)`."""
        overlaps: NDArray[np.bool_] = (self.offsets[:, 0] < part.end) & (self.offsets[:, 1] > part.start)
        return overlaps

    def lessened(self, which: NDArray[np.bool_], share: float) -> "Tokens":
        """Return the tokens, with the weight of those for which `which` is true multiplied by `share`."""
        return replace(self, weights=np.where(which, share, 1.0).astype(np.float32) * self.weights)


@dataclass(frozen=True, slots=True)
class Centres:
    """What is subtracted from the tokens of each passage.

    Attributes:
        vectors: The distinct centres, shape `(centres, dimension)`.
        of_passage: Index of each passage's centre in `vectors`, shape `(passages,)`.
    """

    vectors: Matrix
    of_passage: NDArray[np.int64]


def unit(vectors: Matrix) -> Matrix:
    """Scale the last axis to length 1; zero vectors stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Matrix = (vectors / np.maximum(lengths, _SMALLEST)).astype(np.float32, copy=False)
    return scaled


def similarities(question: Tokens, batch: TokenBatch, centres: Centres) -> Matrix:
    """Return the cosine of every passage token with every question token, shape `(passage tokens, question tokens)`.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
    """
    # cos(q, p - c) = (q·p - q·c) / |p - c|: subtracting after the product saves a pass over all vectors.
    counts = np.diff(batch.starts)
    factors = np.concatenate((question.vectors, centres.vectors)).T
    products = np.empty((len(batch.steps), factors.shape[1]), np.float32)
    squares = np.empty(len(products), np.float32)
    # One passage at a time, so that its floating-point copy stays in the processor's cache.
    for levels, start, end in zip(batch.levels, batch.starts[:-1], batch.starts[1:], strict=True):
        values = levels.astype(np.float32)
        np.matmul(values, factors, out=products[start:end])
        np.einsum("td,td->t", values, values, out=squares[start:end])
    products *= batch.steps[:, None]
    squares *= batch.steps**2
    question_tokens = len(question.vectors)
    centre_of_token = np.repeat(centres.of_passage, counts)
    centre_products = products[np.arange(len(products)), question_tokens + centre_of_token]
    squared_lengths = (
        squares - 2 * centre_products + np.einsum("cd,cd->c", centres.vectors, centres.vectors)[centre_of_token]
    )
    cosines = products[:, :question_tokens]
    cosines -= (centres.vectors @ question.vectors.T)[centre_of_token]
    cosines /= np.sqrt(np.maximum(squared_lengths, _SMALLEST))[:, None]
    return cosines


def best_matches(similarity: Matrix, starts: NDArray[np.int64]) -> Matrix:
    """Return for each segment the highest similarity to each question token, shape `(segments, question tokens)`.

    Args:
        similarity: The similarity of each segment token to each question token, as `similarities` returns it.
        starts: The row at which each segment begins, ascending, and at the end the number of rows. A segment without
            tokens gets zeros.
    """
    filled = np.flatnonzero(np.diff(starts))
    best = np.zeros((len(starts) - 1, similarity.shape[1]), np.float32)
    if len(filled):
        best[filled] = np.maximum.reduceat(similarity, starts[filled], axis=0)
    return best


def best_cosines(claim: Tokens, sentence: Tokens) -> Vector:
    """Return for each token of a claim its cosine with the sentence's nearest token, shape `(claim tokens,)`."""
    cosines = sentence.vectors @ claim.vectors.T
    best: Vector = best_matches(cosines, np.array([0, len(cosines)]))[0]
    return best


def segment_starts(batch: TokenBatch, segments: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return where each passage's segments begin among the batch's tokens, for `best_matches`.

    Args:
        batch: The passages' tokens.
        segments: For each passage, the characters of its text at which its segments (sentences) begin, ascending.
    """
    starts: list[NDArray[np.int64]] = []
    for number, characters in enumerate(segments):
        start, end = batch.starts[number], batch.starts[number + 1]
        # A token belongs to the sentence of its last character: some tokens begin with the space before their word.
        places = np.searchsorted(batch.offsets[start:end, 1], np.asarray(characters), side="right")
        places[:1] = 0
        starts.append(start + places)
    return np.concatenate([*starts, batch.starts[-1:]]).astype(np.int64)
