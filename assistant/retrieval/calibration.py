"""From a ranking score to a relevance between 0 and 1."""

import math

RELEVANCE_THRESHOLD = 0.5
"""A search has found something when its first hit's score is at least this."""

_SLOPE = 20.0
_MIDDLE = 0.45


def relevance(score: float) -> float:
    """Return how likely a passage with this late-interaction score answers the question.

    Example:
        >>> relevance(0.45)
        0.5
    """
    return 1 / (1 + math.exp(-_SLOPE * (score - _MIDDLE)))
