"""`Allowed` and `Selection`: which passages of an index a search may find."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

Ids: TypeAlias = NDArray[np.int64]
"""Passage numbers, shape `(passages,)`."""


class Allowed:
    """Passages to choose among. What is derived from a long list of them is kept for the next search.

    Args:
        numbers: The passages, in any order.
    """

    def __init__(self, numbers: Ids) -> None:
        self._count = len(numbers)
        self._chosen = _mask(numbers)
        self._bits = np.packbits(self._chosen, bitorder="little")
        self._in_lists: tuple[NDArray[np.uint16], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        """Return how many passages are allowed."""
        return self._count

    def selector(self) -> Any:
        """Return the same for FAISS; it must not outlive this."""
        return _faiss.IDSelectorBitmap(self._bits)

    def count_in_lists(self, ids: Ids, list_of: NDArray[np.uint16], lists: int) -> NDArray[np.int64]:
        """Return how many of these passages each list holds.

        Args:
            ids: The passages in lists.
            list_of: The list of each of them.
            lists: How many there are.
        """
        kept = self._in_lists
        if kept is None or kept[0] is not list_of:
            is_near = ids < len(self._chosen)
            counts = np.bincount(list_of[is_near][self._chosen[ids[is_near]]], minlength=lists)
            kept = self._in_lists = (list_of, counts)
        return kept[1]


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that are allowed and not removed.

    Attributes:
        allowed: The passages to choose among; None for all.
        removed: Passages that are gone.
        selector: The same for FAISS; None where it takes all.
    """

    allowed: Allowed | None
    removed: Ids
    selector: Any = field(init=False)
    # A selector refers to its parts without keeping them alive.
    _parts: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the selector."""
        chosen = None if self.allowed is None else self.allowed.selector()
        gone = (
            _faiss.IDSelectorBitmap(np.packbits(_mask(self.removed), bitorder="little")) if len(self.removed) else None
        )
        stays = None if gone is None else _faiss.IDSelectorNot(gone)
        both = _faiss.IDSelectorAnd(chosen, stays) if chosen is not None and stays is not None else chosen or stays
        object.__setattr__(self, "selector", both)
        object.__setattr__(self, "_parts", (chosen, gone, stays))


def _mask(numbers: Ids) -> NDArray[np.bool_]:
    """Return for each number up to the largest whether it is among `numbers`."""
    chosen = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
    chosen[numbers] = True
    return chosen
