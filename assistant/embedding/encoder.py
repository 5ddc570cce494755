"""The `Encoder` protocol: text in, pooled and token vectors out, from one pass of the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape `(dimension,)`."""
Matrix = NDArray[np.float32]
"""Shape `(rows, dimension)`."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What one pass of the model says about one text.

    Attributes:
        pooled: The text's vector, shape `(dimension,)`, of unit length.
        tokens: Last-layer vectors of the text's own tokens, shape `(tokens, dimension)`, as the model gives them
            (neither centred nor normalised). Special tokens and the prompt's tokens are left out.
        token_ids: The vocabulary numbers of the same tokens, shape `(tokens,)`.
        offsets: Where each token lies in the text that was given (not in the prompted text): first character and the
            one behind the last, shape `(tokens, 2)`.
    """

    pooled: Vector
    tokens: Matrix
    token_ids: NDArray[np.int32]
    offsets: NDArray[np.int32]


class Encoder(Protocol):
    """Turns questions and passages into vectors that can be compared.

    Attributes:
        name: The embedding model, as the store's fingerprint names it.
        revision: A digest of the weights, or the hub's revision.
        dimension: Length of a vector.
        max_tokens: How many tokens of a text the model reads, prompt and special tokens counted; the rest is cut off.
        question_prompt: What is put before a question.
        passage_prompt: What is put before a passage.
    """

    name: str
    revision: str
    dimension: int
    max_tokens: int
    question_prompt: str
    passage_prompt: str

    def encode_questions(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode `texts` as questions; the result is in the order of `texts`."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode `texts` as passages; the result is in the order of `texts`."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has by itself, without prompt and special tokens, and uncut."""
        ...
