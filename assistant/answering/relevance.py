"""How relevant hits are: enough to answer from, and how near to one another."""

import math

from assistant.retrieval.calibration import RELEVANCE_THRESHOLD
from assistant.retrieval.hit import SearchResult


def is_relevant(result: SearchResult) -> bool:
    """Return whether the best hit is good enough for the question to be answered at all."""
    return bool(result.hits) and result.hits[0].score >= RELEVANCE_THRESHOLD


def is_near(score: float, best: float, gap: float) -> bool:
    """Return whether a relevance is at most `gap` of log-odds below the best.

    Relevance crowds near 1, where only its odds still tell hits apart.

    Example:
        >>> is_near(0.98, 0.99, 1.0), is_near(0.90, 0.99, 1.0)
        (True, False)
    """
    return _log_odds(score) >= _log_odds(best) - gap


def _log_odds(score: float) -> float:
    inside = min(max(score, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
