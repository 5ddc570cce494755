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
        added: What is added to each of the model's matrices, by name (`l0.q.w`), rows being outputs.
        head: From a token's state to its logits of beginning and ending the answer, shape `(2, hidden)`.
        bias: Added to these, shape `(2,)`.
    """

    added: Mapping[str, NDArray[np.float32]]
    head: Matrix
    bias: Vector


def read_adaptation(path: Path = WEIGHTS) -> Adaptation:
    """Read an adaptation from the file that `benchmarks/qa_training.py` writes."""
    kept = {name: value.astype(np.float32) for name, value in load_file(path).items()}
    names = [name.removesuffix(DOWN) for name in kept if name.endswith(DOWN)]
    return Adaptation({name: kept[name + UP] @ kept[name + DOWN] for name in names}, kept["head"], kept["bias"])


def revision(path: Path = WEIGHTS) -> str:
    """Return what tells an adaptation from others."""
    return short_digest([path])
