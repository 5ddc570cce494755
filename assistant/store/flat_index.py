"""`FlatIndex`: exact nearest passages, each compared."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from assistant.embedding.encoder import Matrix, Vector
from assistant.store.passage_store import Candidate
from assistant.store.selection import Ids, Selection

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss


@dataclass(frozen=True, slots=True)
class FlatIndex:
    """A flat FAISS index whose rows have numbers.

    Attributes:
        index: The FAISS index.
    """

    index: Any

    @classmethod
    def build(cls, ids: Ids, vectors: Matrix) -> "FlatIndex":
        """Make an index of `vectors`, shape `(passages, dimension)`, under these numbers."""
        index = _faiss.IndexIDMap2(_faiss.IndexFlatIP(vectors.shape[1]))
        if len(ids):
            index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))
        return cls(index)

    @property
    def ids(self) -> Ids:
        """The numbers in the order of the rows."""
        ids: Ids = _faiss.vector_to_array(self.index.id_map)
        return ids

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.index.d)

    def vectors_of(self, ids: Ids) -> Matrix:
        """Return the vectors of some of the passages, in the order asked for, shape `(passages, dimension)`."""
        own = self.ids
        order = np.argsort(own)
        vectors: Matrix = self.index.index.reconstruct_batch(order[np.searchsorted(own, ids, sorter=order)])
        return vectors

    def vectors(self) -> Matrix:
        """Return the vectors in the order of the rows, shape `(passages, dimension)`."""
        vectors: Matrix = self.index.index.reconstruct_n(0, self.index.ntotal)
        return vectors

    def nearest(self, vector: Vector, k: int, selection: Selection) -> list[Candidate]:
        """Return the `k` passages of a selection that are nearest, best first."""
        k = min(k, self.index.ntotal)
        if k < 1:
            return []
        options = {} if selection.selector is None else {"params": _faiss.SearchParameters(sel=selection.selector)}
        scores, ids = self.index.search(vector[np.newaxis], k, **options)
        # Where fewer are chosen than asked for, the rest has no number.
        return [Candidate(int(one), float(score)) for one, score in zip(ids[0], scores[0], strict=True) if one >= 0]

    def write(self, path: Path) -> int:
        """Write the index to a file and return the file's checksum; raises `OSError` or `RuntimeError`."""
        _faiss.write_index(self.index, str(path))
        return file_checksum(path)

    @classmethod
    def read(cls, path: Path, *, mapped: bool) -> "FlatIndex":
        """Read what `write` wrote, into memory or through the page tables; raises `RuntimeError`."""
        return cls(_faiss.read_index(str(path), _faiss.IO_FLAG_MMAP_IFC if mapped else 0))

    @staticmethod
    def file_size(passages: int, dimension: int) -> int:
        """Return how many bytes an index has in a file."""
        blank = FlatIndex.build(np.empty(0, np.int64), np.empty((0, dimension), np.float32))
        header: int = _faiss.serialize_index(blank.index).nbytes
        return header + passages * (dimension * np.dtype(np.float32).itemsize + np.dtype(np.int64).itemsize)


def file_checksum(path: Path) -> int:
    """Return the CRC-32 of a file."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value
