"""What turns the bundled embedding model into the QA model: low-rank changes of its matrices (LoRA), and a head.

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", arXiv 2106.09685. `benchmarks/qa_training.py`
learns them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from assistant.embedding.digests import short_digest
from assistant.embedding.encoder import Matrix, Vector

WEIGHTS = Path(__file__).with_name("weights.safetensors")
"""The bundled adaptation, in half precision."""

DOWN, UP = ".down", ".up"
"""Suffixes of the names of a matrix's two factors."""


@dataclass(frozen=True, slots=True, eq=False)
class Adaptation:
    """A trained adaptation.

    Attributes:
        factors: For each of the model's matrices the two factors of what is added to it. Their keys are the matrix's
            name (`l0.q.w`) followed by `DOWN` or `UP`.
        head: Maps a token's state to the logits that the answer begins and that it ends there, shape `(2, hidden)`.
        bias: Added to these logits, shape `(2,)`.
    """

    factors: Mapping[str, NDArray[np.float16]]
    head: Matrix
    bias: Vector

    def added(self) -> dict[str, NDArray[np.float32]]:
        """Return what is added to each of the model's matrices, by name, rows being outputs."""
        names = [name.removesuffix(DOWN) for name in self.factors if name.endswith(DOWN)]
        return {
            name: self.factors[name + UP].astype(np.float32) @ self.factors[name + DOWN].astype(np.float32)
            for name in names
        }


def read_adaptation(path: Path = WEIGHTS) -> Adaptation:
    """Read an adaptation from the file that `benchmarks/qa_training.py` writes."""
    factors = load_file(path)
    head, bias = (factors.pop(name).astype(np.float32) for name in ("head", "bias"))
    return Adaptation(factors, head, bias)


def revision(path: Path = WEIGHTS) -> str:
    """Return a digest that tells an adaptation from others."""
    return short_digest([path])
