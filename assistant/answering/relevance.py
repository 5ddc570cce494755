"""How relevant hits are: enough to answer from, and how near to one another."""

import math

from assistant.answering.expectation import asks_for_quantity, states_quantity
from assistant.retrieval.calibration import RELEVANCE_THRESHOLD
from assistant.retrieval.hit import Hit, SearchResult


def answering_hits(result: SearchResult) -> tuple[Hit, ...]:
    """Return the hits that a question can be answered from, best first.

    They are relevant, and where the question asks how many, their passage states a number.
    """
    relevant = tuple(hit for hit in result.hits if hit.score >= RELEVANCE_THRESHOLD)
    if not relevant or not asks_for_quantity(result.question, result.language):
        return relevant
    return tuple(hit for hit in relevant if states_quantity(hit.passage.text, hit.passage.language))


def is_relevant(result: SearchResult) -> bool:
    """Return whether the question can be answered at all."""
    return bool(answering_hits(result))


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
