"""Whether a sentence means what a claim says: late interaction, each word of the claim against the sentence.

The token vectors of both are centred on their languages' means, so that sentences in different languages can be
compared (see `assistant.embedding.language_statistics`). Late interaction: Khattab and Zaharia, "ColBERT",
arXiv 2004.12832.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Encoder, Encoding, Matrix, Vector
from assistant.embedding.language_statistics import load_statistics


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, ready for comparison.

    Attributes:
        vectors: Centred, of unit length, shape `(tokens, dimension)`.
        weights: How much each says (inverse document frequency), shape `(tokens,)`.
        offsets: Where each lies in the text, shape `(tokens, 2)`.
    """

    vectors: Matrix
    weights: Vector
    offsets: NDArray[np.int32]


class MeaningEncoder:
    """Turns sentences into comparable tokens.

    Args:
        encoder: The embedding model. Where the project has no language statistics of it, vectors are centred on the
            mean of the texts they are encoded with, and all tokens weigh the same.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._statistics = load_statistics(encoder.name, encoder.dimension)

    def encode(self, texts: Sequence[str], languages: Sequence[str]) -> list[Tokens]:
        """Encode texts, each in its language (BCP 47)."""
        encodings = self._encoder.encode_passages(texts)
        return [
            self._tokens(encoding, self._mean(encodings, language))
            for encoding, language in zip(encodings, languages, strict=True)
        ]

    def _mean(self, encodings: Sequence[Encoding], language: str) -> Vector:
        if self._statistics is not None:
            return self._statistics.mean(self._statistics.passage_tokens, language)
        mean: Vector = np.concatenate([encoding.tokens for encoding in encodings]).mean(axis=0)
        return mean

    def _tokens(self, encoding: Encoding, mean: Vector) -> Tokens:
        centred = encoding.tokens - mean
        lengths = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        if self._statistics is None:
            weights = np.ones(len(centred), np.float32)
        else:
            weights = self._statistics.weights(encoding.token_ids)
        return Tokens(centred / lengths, weights, encoding.offsets)


def without(tokens: Tokens, chosen: NDArray[np.bool_]) -> Tokens:
    """Return the tokens of a text but for the chosen ones."""
    return Tokens(tokens.vectors[~chosen], tokens.weights[~chosen], tokens.offsets[~chosen])


def align(claim: Tokens, evidence: Tokens) -> Vector:
    """Return for each token of the claim the cosine of the evidence's nearest token, shape `(claim tokens,)`."""
    if not len(evidence.vectors):
        return np.zeros(len(claim.vectors), np.float32)
    nearest: Vector = (claim.vectors @ evidence.vectors.T).max(axis=1)
    return nearest


def weighted_mean(similarities: Vector, weights: Vector, chosen: NDArray[np.bool_]) -> float | None:
    """Return the mean similarity of the chosen tokens, or None where none is chosen or none of them says anything."""
    total = float(weights[chosen].sum())
    return float((similarities * weights)[chosen].sum()) / total if total > 0 else None
