"""`InvertedLists`: nearly exact nearest passages among very many.

The passages lie in lists, each with those that are nearest to one centroid. A search compares whole vectors, but only
in the lists whose centroids are nearest to the question (FAISS's `IndexIVFFlat`), so that scores are exact and all that
may be missed is a passage in a list far away.

In a file, what FAISS writes is followed by the numbers, the list of each, and a checksum of each list: opening reads
neither vectors nor their checksums. A list is compared with its checksum before it is first searched.
"""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.store.passage_store import Candidate
from assistant.store.selection import Allowed, Ids, Selection

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

# docs/performance.md has the measurements behind these.
LISTS_PER_ROOT = 2
"""So many lists for the square root of the number of passages."""
_MOST_LISTS = 2**14
COMPARED_PER_ROOT = 50
"""So many passages are compared for the square root of their number."""

_TRAINED_PER_LIST = 40
_ITERATIONS = 8
_BLOCK = 2**16
_FOOTER = np.dtype([("passages", "<u8"), ("lists", "<u8"), ("dimension", "<u8")])
_NUMBER_BYTES = 8


class DamagedListError(Exception):
    """A list is not as it was written; the index has to be derived anew."""


@dataclass(frozen=True, eq=False)
class InvertedLists:
    """Passages in lists. It never changes, so any number of threads can search it.

    Attributes:
        index: The FAISS index.
        ids: The passages, ascending.
        list_of: The list of each of `ids`.
        checksums: Of each list, as it was written.
        compared: Which lists are known to be as they were written.
    """

    index: Any
    ids: Ids
    list_of: NDArray[np.uint16]
    checksums: NDArray[np.uint32]
    compared: NDArray[np.bool_]

    @classmethod
    def build(cls, ids: Ids, fetch: Callable[[Ids], Matrix], dimension: int) -> "InvertedLists":
        """Put passages into lists; takes a minute or two for a million.

        Args:
            ids: Their numbers, ascending, one at least.
            fetch: Gives the vectors of some of them.
            dimension: Length of a vector.
        """
        count = max(1, min(_MOST_LISTS, int(LISTS_PER_ROOT * math.sqrt(len(ids)))))
        index = _faiss.IndexIVFFlat(_faiss.IndexFlatIP(dimension), dimension, count, _faiss.METRIC_INNER_PRODUCT)
        index.cp.niter = _ITERATIONS
        # What is drawn below is taken as it is.
        index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, _TRAINED_PER_LIST
        drawn = np.random.default_rng(0).permutation(len(ids))[: count * _TRAINED_PER_LIST]
        index.train(np.ascontiguousarray(fetch(np.sort(ids[drawn])), np.float32))
        for start in range(0, len(ids), _BLOCK):
            block = ids[start : start + _BLOCK]
            index.add_with_ids(np.ascontiguousarray(fetch(block), np.float32), block)
        list_of = np.empty(len(ids), np.uint16)
        for number in range(count):
            list_of[np.searchsorted(ids, _numbers(index, number))] = number
        checksums = np.array([_checksum(index, number) for number in range(count)], np.uint32)
        return cls(index, ids, list_of, checksums, np.ones(count, np.bool_))

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.index.d)

    def vectors(self) -> Matrix:
        """Return the vectors in the order of `ids`; raises `DamagedListError`."""
        return self.vectors_of(self.ids)

    def vectors_of(self, ids: Ids) -> Matrix:
        """Return the vectors of some of the passages, in the order asked for; raises `DamagedListError`."""
        found = np.empty((len(ids), self.dimension), np.float32)
        if not len(ids):
            return found
        lists = self.list_of[np.searchsorted(self.ids, ids)]
        order = np.argsort(lists, kind="stable")
        present, firsts = np.unique(lists[order], return_index=True)
        self._compare(present)
        for number, rows in zip(present.tolist(), np.split(order, firsts[1:]), strict=True):
            # Passages were put into the lists in the order of their numbers.
            places = np.searchsorted(_numbers(self.index, number), ids[rows])
            found[rows] = _vectors(self.index, number)[places]
        return found

    def nearest(self, vector: Vector, k: int, selection: Selection) -> list[Candidate]:
        """Return `k` passages of a selection that are nearest, best first; all, where it has fewer.

        Where few are allowed, all of them are compared. Raises `DamagedListError`.
        """
        k = min(k, len(self.ids))
        probed, similarities = self._probed(vector, k, selection.allowed)
        if k < 1 or not len(probed):
            return []
        self._compare(probed)
        scores, ids = np.empty(k, np.float32), np.empty(k, np.int64)
        wanted = _faiss.SearchParametersIVF(sel=selection.selector, nprobe=len(probed))
        # The method without `_c` takes no parameters.
        self.index.search_preassigned_c(
            1,
            _faiss.swig_ptr(vector),
            k,
            _faiss.swig_ptr(probed),
            _faiss.swig_ptr(similarities),
            _faiss.swig_ptr(scores),
            _faiss.swig_ptr(ids),
            False,
            wanted,
        )
        return [Candidate(int(one), float(score)) for one, score in zip(ids, scores, strict=True) if one >= 0]

    def write(self, path: Path) -> int:
        """Write the lists to a file and return the checksum that `read` asks for; raises `OSError`, `RuntimeError`."""
        _faiss.write_index(self.index, str(path))
        with path.open("rb+") as file:
            head = file.read(_head_bytes(path.stat().st_size, len(self.ids), self.dimension))
            footer = np.array([(len(self.ids), len(self.checksums), self.dimension)], _FOOTER)
            parts = (self.ids.astype("<i8"), self.list_of.astype("<u2"), self.checksums.astype("<u4"), footer)
            tail = b"".join(part.tobytes() for part in parts)
            file.seek(0, 2)
            file.write(tail)
        return zlib.crc32(tail, zlib.crc32(head))

    @classmethod
    def read(cls, path: Path, checksum: int, dimension: int) -> "InvertedLists | None":
        """Open lists that `write` wrote, through the page tables; None where they are damaged or unfit.

        Raises:
            OSError: the file cannot be read.
            RuntimeError: FAISS cannot read it.
        """
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - _FOOTER.itemsize))
            last = file.read(_FOOTER.itemsize)
            if len(last) < _FOOTER.itemsize:
                return None
            passages, lists, width = map(int, np.frombuffer(last, _FOOTER)[0])
            tail_bytes = passages * (_NUMBER_BYTES + 2) + lists * 4 + _FOOTER.itemsize
            head_bytes = _head_bytes(size - tail_bytes, passages, width)
            # The vectors alone are longer than what is read here.
            if width != dimension or not lists or not 0 < head_bytes + tail_bytes < size:
                return None
            file.seek(0)
            head = file.read(head_bytes)
            file.seek(size - tail_bytes)
            tail = file.read(tail_bytes)
        if zlib.crc32(tail, zlib.crc32(head)) != checksum:
            return None
        index = _faiss.read_index(str(path), _faiss.IO_FLAG_MMAP_IFC)
        ids, list_of, checksums, _ = np.split(
            np.frombuffer(tail, np.uint8), np.cumsum([passages * _NUMBER_BYTES, passages * 2, lists * 4])
        )
        return cls(
            index,
            ids.view("<i8").astype(np.int64),
            list_of.view("<u2").astype(np.uint16),
            checksums.view("<u4").astype(np.uint32),
            np.zeros(lists, np.bool_),
        )

    def _probed(self, vector: Vector, k: int, allowed: Allowed | None) -> tuple[NDArray[np.int64], Vector]:
        """Return the nearest lists that hold enough passages that are allowed, with their similarities."""
        similarities, order = self.index.quantizer.search(vector[np.newaxis], len(self.checksums))
        lists = len(self.checksums)
        counts = self._sizes if allowed is None else allowed.count_in_lists(self.ids, self.list_of, lists)
        sizes = counts[order[0]]
        enough = max(COMPARED_PER_ROOT * math.sqrt(len(self.ids)), k)
        behind = np.searchsorted(np.cumsum(sizes), enough) + 1
        chosen = np.flatnonzero(sizes[:behind])
        return np.ascontiguousarray(order[0][chosen]), np.ascontiguousarray(similarities[0][chosen])

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.bincount(self.list_of, minlength=len(self.checksums))

    def _compare(self, lists: NDArray[Any]) -> None:
        for number in lists[~self.compared[lists]].tolist():
            if _checksum(self.index, number) != self.checksums[number]:
                raise DamagedListError(f"list {number}")
            self.compared[number] = True


def _head_bytes(size: int, passages: int, dimension: int) -> int:
    """Return how many bytes stand before the vectors in what FAISS wrote."""
    return size - passages * (dimension * np.dtype(np.float32).itemsize + _NUMBER_BYTES)


def _numbers(index: Any, number: int) -> Ids:
    """Return the passages in a list."""
    size = index.invlists.list_size(number)
    if not size:
        return np.empty(0, np.int64)
    numbers: Ids = _faiss.rev_swig_ptr(index.invlists.get_ids(number), size)
    return numbers


def _vectors(index: Any, number: int) -> Matrix:
    """Return the vectors in a list, shape `(passages, dimension)`."""
    size = index.invlists.list_size(number)
    codes = _faiss.rev_swig_ptr(index.invlists.get_codes(number), size * index.code_size) if size else b""
    vectors: Matrix = np.frombuffer(codes, np.float32).reshape(size, index.d)
    return vectors


def _checksum(index: Any, number: int) -> int:
    return zlib.crc32(_numbers(index, number).data, zlib.crc32(_vectors(index, number).data))
