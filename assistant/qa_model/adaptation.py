"""What turns the bundled embedding model into the QA model: low-rank changes of its matrices, and a head.

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
"""What a matrix's two factors are called behind its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Adaptation:
    """A trained adaptation.

    Attributes:
        factors: Two factors of what is added to each of the model's matrices, by the matrix' name (`l0.q.w`) and which
            of the two it is.
        head: From a token's state to its logits of beginning and ending the answer, shape `(2, hidden)`.
        bias: Added to these, shape `(2,)`.
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
    """Return what tells an adaptation from others."""
    return short_digest([path])
