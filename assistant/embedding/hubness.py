"""`Hubness`: how readily a passage resembles questions that have nothing to do with it.

In many dimensions some points are near to everything (hubs), and a ranking puts them first for the wrong questions.
Subtracting each point's usual similarity corrects that: Conneau et al., "Word Translation Without Parallel Data",
arXiv 1710.04087 (CSLS). The usual questions here are everyday ones in all languages, not those of the library's users.
"""

import numpy as np

from assistant.embedding.encoder import Matrix
from assistant.embedding.language_statistics import LanguageStatistics

CLOSE = 0.5
"""Two centred token vectors with at least this cosine count as saying the same."""

STEEPNESS = 12.0
"""Steepness of the logistic curve at `CLOSE`: the best of many unrelated tokens still reaches a cosine of 0.4."""

NEAREST = 8
"""A passage's hubness is the mean over so many usual questions, those that it resembles most."""

_SMALLEST = 1e-6


def agreement(cosines: Matrix) -> Matrix:
    """Return how far tokens agree, from 0 to 1: a logistic curve of their cosine."""
    agreed: Matrix = 1 / (1 + np.exp(np.float32(STEEPNESS) * (np.float32(CLOSE) - cosines)))
    return agreed


class Hubness:
    """Compares passages with the usual questions of a model's statistics, by late interaction.

    Args:
        statistics: The statistics of the embedding model.
    """

    def __init__(self, statistics: LanguageStatistics) -> None:
        self._tokens = statistics.usual_tokens
        self._starts = statistics.usual_starts
        weights = statistics.weights(statistics.usual_token_ids)
        lengths = np.diff(np.append(self._starts, len(weights)))
        totals = np.maximum(np.add.reduceat(weights, self._starts), _SMALLEST)
        self._weights = weights / np.repeat(totals, lengths)

    def of(self, vectors: Matrix) -> float:
        """Return the hubness of a passage, from 0 to 1.

        Args:
            vectors: Its token vectors in the codec's dimensions, shape `(tokens, dimension)`.
        """
        if not len(vectors):
            return 0.0
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _SMALLEST)
        best = (self._tokens @ unit.T).max(axis=1)
        scores = np.add.reduceat(agreement(best) * self._weights, self._starts)
        return float(np.sort(scores)[-NEAREST:].mean())
