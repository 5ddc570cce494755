"""`Reranker`: an optional cross-encoder, which reads question and passage together."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from assistant.embedding.cross_encoder import load_cross_encoder
from assistant.retrieval.hit import Hit, ranked

RERANKED = 20
"""How many hits a cross-encoder reads at least. It takes far longer than the rest of a search."""


class Reranker(Protocol):
    """Scores how well passages answer a question."""

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return a relevance between 0 and 1 for each passage, in their order."""
        ...


class CrossEncoderReranker:
    """A cross-encoder of the sentence-transformers library.

    Args:
        name: A folder or a name on the hub, for instance `cross-encoder/mmarco-mMiniLMv2-L12-H384-v1`.

    Raises:
        ModelError: sentence-transformers is not installed, or the model cannot be loaded.
    """

    def __init__(self, name: str) -> None:
        self._model: Any = load_cross_encoder(name, "reranker", num_labels=1)

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return a relevance between 0 and 1 for each passage, in their order."""
        logits = self._model.predict([(question, passage) for passage in passages], show_progress_bar=False)
        return [1 / (1 + math.exp(-max(-60.0, min(60.0, float(logit))))) for logit in logits]


def load_reranker(name: str) -> Reranker | None:
    """Return the reranker of that name; `None` for the empty name."""
    return CrossEncoderReranker(name) if name else None


def rerank(reranker: Reranker, question: str, hits: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """Return the `k` hits that the reranker finds best, with its relevance as their score."""
    scores = reranker.score(question, [hit.passage_text for hit in hits])
    ordered = sorted(zip(hits, scores, strict=True), key=lambda pair: -pair[1])[:k]
    return ranked(replace(hit, score=score) for hit, score in ordered)
