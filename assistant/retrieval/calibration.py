"""From evidence to a relevance between 0 and 1 that means the same in every pair of languages.

A logistic regression, fitted by `benchmarks/retrieval_calibration.py` on questions whose article is or is not in the
library.
"""

import numpy as np

from assistant.embedding.encoder import Matrix, Vector

RELEVANCE_THRESHOLD = 0.5
"""A search has found something when its first hit's score is at least this."""

FEATURES = ("late", "sentence", "covered", "weakest", "gap", "own_language")
"""What `relevance` weighs, in order: late interaction with the passage, and with its best sentence; the share of the
question that has a close counterpart; the best cosine of its weighty token that finds least; how far the best candidate
stands above the usual one; and whether question and passage are in one language, where token vectors lie closer."""

_WEIGHTS = np.array([2.285, 2.460, 1.151, -0.044, 6.445, -2.336], np.float32)
_BIAS = -3.562


def relevance(features: Matrix) -> Vector:
    """Return how likely each candidate is to answer the question.

    Args:
        features: A row for each candidate, a column for each of `FEATURES`.

    Example:
        >>> relevance(np.zeros((1, 6), np.float32)) < RELEVANCE_THRESHOLD
        array([ True])
    """
    logits: Vector = features @ _WEIGHTS + np.float32(_BIAS)
    return (1 / (1 + np.exp(-logits))).astype(np.float32)
