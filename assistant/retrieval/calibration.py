"""From evidence to a relevance between 0 and 1 that means the same in every pair of languages.

Whether a search has found anything is told by a logistic regression, one within a language and one between languages,
which `benchmarks/retrieval_calibration.py` fits on libraries of many sizes that do or do not answer. How much less
relevant than a first hit further ones are is told by how much less they agree with the question.
"""

from dataclasses import dataclass

import numpy as np

from assistant.embedding.encoder import Matrix, Vector

RELEVANCE_THRESHOLD = 0.5
"""A search has found something when its first hit's score is at least this."""

FEATURES = ("late", "sentence", "covered", "weakest", "gap", "own_language", "shared", "lexical", "few")
"""What `relevance` goes by, in order: late interaction with the passage, and with its best sentence; the share of the
question that has a close counterpart; the best cosine of its weighty token that finds least; how far the best candidate
stands above the usual one; whether question and passage are in one language, which chooses the regression; the share of
the question's words that the passage holds; log(1 + BM25); and how far the candidates fall short of telling what is
usual, from 0 (enough) to nearly 1 (one alone)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Regression:
    """Weights of `FEATURES`.

    Attributes:
        found: For whether the first hit answers.
        bias: The same.
        further: For how much further hits fall behind it, in log-odds. They are from an earlier fit, of each hit by
            itself; what the answers do with near hits was chosen on their scale.
    """

    found: Vector
    bias: float
    further: Vector

    def log_odds(self, rows: Matrix) -> Vector:
        found: Vector = rows[0] @ self.found + self.bias + (rows - rows[0]) @ self.further
        return found


_WITHIN = _Regression(
    found=np.array([0, 0, 0, 0, 12.880, 0, 2.133, 1.433, 2.319], np.float32),
    bias=-9.129,
    further=np.array([1.781, 1.765, -0.499, -1.974, 0, 0, 3.117, 0, 0], np.float32),
)
_BETWEEN = _Regression(
    found=np.array([0, 0, 0, 0, 18.586, 0, 0, 0, 1.251], np.float32),
    bias=-4.232,
    further=np.array([2.285, 2.460, 1.151, -0.044, 0, 0, 0, 0, 0], np.float32),
)


def relevance(features: Matrix) -> Vector:
    """Return how likely each hit is to answer the question.

    Args:
        features: A row for each hit, best first, a column for each of `FEATURES`.

    Example:
        >>> relevance(np.zeros((1, 9), np.float32)) < RELEVANCE_THRESHOLD
        array([ True])
    """
    own = features[:, FEATURES.index("own_language")] > 0
    log_odds = np.zeros(len(features), np.float32)
    for hits, regression in ((own, _WITHIN), (~own, _BETWEEN)):
        if hits.any():
            log_odds[hits] = regression.log_odds(features[hits])
    return (1 / (1 + np.exp(-log_odds))).astype(np.float32)
