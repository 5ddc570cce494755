"""`LogisticRegression`: weights fitted with one embedding model, and the file that they are shipped in."""

import io
from dataclasses import dataclass
from typing import Self

import numpy as np

from assistant.embedding.encoder import Matrix, Vector


@dataclass(frozen=True, slots=True, eq=False)
class LogisticRegression:
    """A logistic regression over features that an embedding model gives.

    Attributes:
        model: Name of the embedding model it was fitted with.
        weights: Shape `(features,)`.
        bias: What is added.
    """

    model: str
    weights: Vector
    bias: float

    def log_odds(self, features: Matrix) -> Vector:
        """Return the logarithm of the odds of each row of `features`, shape `(rows,)`."""
        odds: Vector = features @ self.weights + np.float32(self.bias)
        return odds

    def probabilities(self, features: Matrix) -> Vector:
        """Return the probability of each row of `features`, shape `(rows,)`."""
        return (1 / (1 + np.exp(-np.clip(self.log_odds(features), -20, 20)))).astype(np.float32)

    def to_bytes(self) -> bytes:
        """Return it as a NumPy archive, weights in half precision."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            model=np.array(self.model),
            weights=self.weights.astype(np.float16),
            bias=np.array(self.bias, np.float32),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return cls(str(archive["model"]), archive["weights"].astype(np.float32), float(archive["bias"]))
