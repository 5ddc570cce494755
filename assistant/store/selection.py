"""`Selection`: which passages of an index a search may find."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

Ids: TypeAlias = NDArray[np.int64]
"""Passage numbers, shape `(passages,)`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that are allowed and not removed.

    Attributes:
        allowed: The passages to choose among, one at least; None for all.
        removed: Passages that are gone.
        selector: The same for FAISS; None where it takes all.
    """

    allowed: Ids | None
    removed: Ids
    selector: Any = field(init=False)
    # A selector refers to its parts without keeping them alive.
    _parts: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the selector."""
        chosen = None if self.allowed is None else _faiss.IDSelectorBitmap(_bitmap(self.allowed))
        gone = _faiss.IDSelectorBitmap(_bitmap(self.removed)) if len(self.removed) else None
        stays = None if gone is None else _faiss.IDSelectorNot(gone)
        both = _faiss.IDSelectorAnd(chosen, stays) if chosen is not None and stays is not None else chosen or stays
        object.__setattr__(self, "selector", both)
        object.__setattr__(self, "_parts", (chosen, gone, stays))


def _bitmap(numbers: Ids) -> NDArray[np.uint8]:
    """Return a bit for each number up to the largest, set for those in `numbers`, of which there is one at least."""
    chosen = np.zeros(int(numbers.max()) + 1, dtype=bool)
    chosen[numbers] = True
    return np.packbits(chosen, bitorder="little")
