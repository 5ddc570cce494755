"""`InjectionDetector`: tells sentences that give orders to whoever answers from them, in any language.

A logistic regression over how a sentence is worded (`Retriever.sentence_wording`), fitted by
`benchmarks/prompt_injection.py` on `examples.json` and on sentences of articles, help pages and everyday.
"""

import json
from functools import cache
from importlib.resources import files

from assistant.answering.logistic_regression import LogisticRegression
from assistant.embedding.encoder import Vector

EXAMPLES, WEIGHTS = "examples.json", "weights.npz"
ORDERS, OTHERS, QUOTING = "orders", "others", "quoting"
"""Kinds of examples: orders, other sentences that sound like them, and what a sentence may be quoted with."""

SURE = 0.44
"""Probability from which a sentence is taken for an order (docs/figures.md: what that finds and costs)."""


class InjectionDetector(LogisticRegression):
    """A logistic regression over how sentences are worded."""

    def probability(self, wording: Vector) -> float:
        """Return how likely a sentence worded so gives an order.

        Args:
            wording: Shape `(features,)`.
        """
        return float(self.probabilities(wording[None])[0])


def load_detector(model: str) -> InjectionDetector | None:
    """Return the shipped detector if it was fitted with this embedding model, else None: nothing is told then."""
    detector = _shipped()
    return detector if model == detector.model else None


def read_examples() -> dict[str, dict[str, list[str]]]:
    """Return the examples: by their kind, and the language (BCP 47) they are in."""
    examples: dict[str, dict[str, list[str]]] = json.loads(
        files(__package__).joinpath(EXAMPLES).read_text(encoding="utf-8")
    )
    return examples


@cache
def _shipped() -> InjectionDetector:
    return InjectionDetector.from_bytes(files(__package__).joinpath(WEIGHTS).read_bytes())
