"""Exact FAISS indexes whose rows have numbers."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.store.passage_store import Candidate

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

Ids = NDArray[np.int64]
"""Passage numbers, shape `(passages,)`."""


def flat_index(ids: Ids, vectors: Matrix) -> Any:
    """Return an exact index of `vectors`, shape `(passages, dimension)`, under these numbers."""
    index = _faiss.IndexIDMap2(_faiss.IndexFlatIP(vectors.shape[1]))
    if len(ids):
        index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))
    return index


def ids_of(index: Any) -> Ids:
    """Return the numbers in the order of the rows."""
    ids: Ids = _faiss.vector_to_array(index.id_map)
    return ids


def vectors_of(index: Any) -> Matrix:
    """Return the vectors in the order of the rows, shape `(passages, dimension)`."""
    vectors: Matrix = index.index.reconstruct_n(0, index.ntotal)
    return vectors


def nearest(index: Any, vector: Vector, k: int, selector: Any) -> list[Candidate]:
    """Return the `k` passages of those that a FAISS selector takes (None takes all) that are nearest, best first."""
    k = min(k, index.ntotal)
    if k < 1:
        return []
    options = {} if selector is None else {"params": _faiss.SearchParameters(sel=selector)}
    scores, ids = index.search(vector[np.newaxis], k, **options)
    # Where fewer are chosen than asked for, the rest has no number.
    return [Candidate(int(one), float(score)) for one, score in zip(ids[0], scores[0], strict=True) if one >= 0]


def bitmap(allowed: Ids) -> NDArray[np.uint8]:
    """Return a bit for each number up to the largest, set for those in `allowed`, of which there is one at least."""
    chosen = np.zeros(int(allowed.max()) + 1, dtype=bool)
    chosen[allowed] = True
    return np.packbits(chosen, bitorder="little")
