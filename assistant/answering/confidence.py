"""`Confidence`: how sure a chat model was of what it wrote, where it tells.

The measure is the mean log-probability of the tokens it chose (length-normalised sequence probability: Malinin and
Gales, "Uncertainty Estimation in Autoregressive Structured Prediction", arXiv 2002.07650).
"""

from collections.abc import Mapping
from typing import Any

SURE = -0.2
"""A draft in the articles' own language needs at least this; below it, their sentence itself is more often right."""
SURE_ACROSS_LANGUAGES = -0.25
"""The same for a draft that translates, beside which a quotation in another language is worth less."""


class Confidence:
    """Takes a message's metadata, chunk by chunk, and keeps the mean log-probability of its tokens.

    Example:
        >>> confidence = Confidence()
        >>> tokens = [{"token": "In", "logprob": -0.5}, {"token": "May", "logprob": 0.0}]
        >>> confidence.take({"logprobs": {"content": tokens}})
        >>> confidence.is_below(SURE), Confidence().is_below(SURE)
        (True, False)
    """

    def __init__(self) -> None:
        self._sum = 0.0
        self._tokens = 0

    def take(self, metadata: Mapping[str, Any]) -> None:
        """Take the `response_metadata` of a LangChain message; most hold no log-probabilities."""
        for token in (metadata.get("logprobs") or {}).get("content") or ():
            self._sum += float(token["logprob"])
            self._tokens += 1

    def is_below(self, limit: float) -> bool:
        """Return whether the model said how sure it was, and was less sure than `limit`."""
        return self._tokens > 0 and self._sum / self._tokens < limit
