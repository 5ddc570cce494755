"""From evidence to a relevance between 0 and 1 that means the same in every pair of languages.

Two logistic regressions, within a language and between languages. `benchmarks/retrieval_calibration.py` fits the first,
on questions whose article, or whose paragraph alone, is or is not in the library.
"""

import numpy as np

from assistant.embedding.encoder import Matrix, Vector

RELEVANCE_THRESHOLD = 0.5
"""A search has found something when its first hit's score is at least this."""

FEATURES = ("late", "sentence", "covered", "weakest", "gap", "own_language", "shared")
"""What `relevance` goes by, in order: late interaction with the passage, and with its best sentence; the share of the
question that has a close counterpart; the best cosine of its weighty token that finds least; how far the best candidate
stands above the usual one; whether question and passage are in one language, which chooses the regression; and there
the share of the question's words that the passage holds."""

_WEIGHTS = np.array([1.781, 1.765, -0.499, -1.974, 8.542, 0.0, 3.117], np.float32)
_BIAS = -5.839

_FOREIGN_WEIGHTS = np.array([2.285, 2.460, 1.151, -0.044, 6.445, 0.0, 0.0], np.float32)
_FOREIGN_BIAS = -3.562
"""From an earlier fit: one with nearly answered questions refused broad questions about a short article."""


def relevance(features: Matrix) -> Vector:
    """Return how likely each candidate is to answer the question.

    Args:
        features: A row for each candidate, a column for each of `FEATURES`.

    Example:
        >>> relevance(np.zeros((1, 7), np.float32)) < RELEVANCE_THRESHOLD
        array([ True])
    """
    own = features[:, FEATURES.index("own_language")] > 0
    logits: Vector = np.where(own, features @ _WEIGHTS + _BIAS, features @ _FOREIGN_WEIGHTS + _FOREIGN_BIAS)
    return (1 / (1 + np.exp(-logits))).astype(np.float32)
