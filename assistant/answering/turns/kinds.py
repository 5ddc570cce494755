"""`TurnClassifier`: tells greetings, thanks and the like from what is asked of the articles, in any language.

One multinomial logistic regression over the question's pooled vector, without what that says about its language. It is
fitted by `benchmarks/turn_kinds.py` on `examples.json`; a further kind needs examples there, and a value here.
"""

import io
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np

from assistant.embedding.encoder import Matrix, Vector
from assistant.language.normalise import normalise

EXAMPLES, WEIGHTS = "examples.json", "weights.npz"

SURE = 0.7
"""Probability from which a turn is taken for small talk: a greeting that is searched for costs less than a question
that is not (docs/answers.md)."""

LONGEST = 120
"""Characters of the longest turn that may be small talk."""


class TurnKind(StrEnum):
    """A kind of turn; the value is its name in `examples.json`."""

    CONTENT = "content"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    HELP = "help"
    ACKNOWLEDGEMENT = "acknowledgement"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True, eq=False)
class TurnClassifier:
    """A logistic regression over the neutral vector of a question (`Retriever.question_vector`).

    Attributes:
        model: Name of the embedding model it was fitted with.
        kinds: The kinds, in the order of the rows.
        weights: Shape `(kinds, dimension)`.
        biases: Shape `(kinds,)`.
    """

    model: str
    kinds: tuple[TurnKind, ...]
    weights: Matrix
    biases: Vector

    def probabilities(self, vectors: Matrix) -> Matrix:
        """Return how likely each text is of each kind, shape `(texts, kinds)`.

        Args:
            vectors: Neutral vectors of the texts, shape `(texts, dimension)`.
        """
        scores = vectors @ self.weights.T + self.biases
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: Matrix = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def kind(self, vector: Vector) -> TurnKind:
        """Return the kind of one turn: `CONTENT` unless it is small talk for sure.

        Args:
            vector: Its neutral vector, shape `(dimension,)`.
        """
        probabilities = self.probabilities(vector[None])[0]
        content = self.kinds.index(TurnKind.CONTENT)
        if 1 - probabilities[content] < SURE:
            return TurnKind.CONTENT
        probabilities[content] = 0
        return self.kinds[int(probabilities.argmax())]

    def to_bytes(self) -> bytes:
        """Return the classifier as a NumPy archive, weights in half precision."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            model=np.array(self.model),
            kinds=np.array([str(kind) for kind in self.kinds]),
            weights=self.weights.astype(np.float16),
            biases=self.biases.astype(np.float32),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "TurnClassifier":
        """Read what `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return cls(
                str(archive["model"]),
                tuple(map(TurnKind, archive["kinds"].tolist())),
                archive["weights"].astype(np.float32),
                archive["biases"],
            )


def load_classifier(model: str, dimension: int) -> TurnClassifier | None:
    """Return the shipped classifier if it was fitted with this embedding model, else `None`."""
    classifier = _shipped()
    return classifier if (model, dimension) == (classifier.model, classifier.weights.shape[1]) else None


def read_examples() -> list[tuple[TurnKind, str, str]]:
    """Return the examples that the classifier is fitted on: kind, language (BCP 47) and text of each."""
    examples = json.loads(files(__package__).joinpath(EXAMPLES).read_text(encoding="utf-8"))
    return [
        (TurnKind(kind), language, text)
        for kind, by_language in examples.items()
        for language, texts in by_language.items()
        for text in texts
    ]


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages in which a text is an example of small talk; too short, they cannot be told otherwise.

    Example:
        >>> languages_of("Hi!"), languages_of("Nein")
        (('en',), ('de',))
    """
    return _languages().get(_key(text), ())


@cache
def _shipped() -> TurnClassifier:
    return TurnClassifier.from_bytes(files(__package__).joinpath(WEIGHTS).read_bytes())


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for kind, language, text in read_examples():
        if kind is not TurnKind.CONTENT:
            found.setdefault(_key(text), {})[language] = None
    return {text: tuple(languages) for text, languages in found.items()}


def _key(text: str) -> str:
    return "".join(character for character in normalise(text) if character.isalnum())
